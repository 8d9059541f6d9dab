"""A plan that cannot be run is refused with words that tell how to mend it."""

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from workstream_scene import Stage, at_once

from workflows.dag import find_cycle, find_flaw
from workflows.model import Failure, Source
from workflows.model.workstreams import Unit, WorkstreamPlan

NODES = st.sampled_from("abcdefg")
GRAPHS = st.dictionaries(NODES, st.lists(NODES, max_size=3).map(tuple)).map(
    lambda graph: {node: tuple(need for need in needs if need in graph) for node, needs in graph.items()}
)


def plan_of(**depends_on: tuple[str, ...]) -> WorkstreamPlan:
    """Make a plan from its graph."""
    units = tuple(Unit(slug.replace("_", "-"), slug, "Do it.", needs) for slug, needs in depends_on.items())
    return WorkstreamPlan("plan", Source(project_dir="/project"), units)


@given(GRAPHS)
def test_a_cycle_is_found_exactly_when_there_is_one(graph: dict[str, tuple[str, ...]]) -> None:
    """What is returned really leads along dependencies from a unit back to itself, once round."""
    cycle = find_cycle(graph)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1 > 0
        assert all(need in graph[node] for node, need in pairwise(cycle))
    else:
        assert cycle == ()


def test_a_long_chain_is_no_problem() -> None:
    """The largest plan, each unit after the one before, is checked without a recursion's end."""
    units = tuple(Unit(f"u{i}", "One more", "Do it.", (f"u{i - 1}",) if i else ()) for i in range(200))
    assert find_flaw(WorkstreamPlan("plan", Source(), units[::-1])) == ""


async def test_a_cycle_is_refused_by_name(stage: Stage) -> None:
    """The plan fails at once, before anything has begun, and names the way round."""
    plan = stage.plan(stage.unit("start"), stage.unit("a", "start", "b"), stage.unit("b", "c"), stage.unit("c", "a"))
    with pytest.raises(WorkflowFailureError) as caught:
        await stage.run(plan)
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.non_retryable) == (Failure.CONFIGURATION, True)
    assert cause.message == "The units wait for each other: a -> b -> c -> a. Remove one of these dependencies."
    assert stage.begun() == []


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (plan_of(), "The plan has no units. Add at least one."),
        (plan_of(a=("a",)), "The units wait for each other: a -> a."),
        (plan_of(a=("z",)), "`a` depends on `z`, which is not in the plan."),
        (replace(plan_of(a=()), units=plan_of(a=()).units * 2), "2 units are named `a`. Give each its own name."),
        (plan_of(**{f"u{i}": () for i in range(201)}), "The plan has 201 units. Split it into plans of at most 200."),
        (at_once(plan_of(a=()), 0), "0 units cannot run at once. Choose a number from 1 to 50."),
        (at_once(plan_of(a=()), 51), "51 units cannot run at once."),
        (replace(plan_of(a=()), units=(Unit("a", "", "x" * 300_001),)), "The plan has 300001 characters of text."),
    ],
)
def test_what_cannot_be_run_is_told(plan: WorkstreamPlan, words: str) -> None:
    """The first thing that is wrong is named, with what to do about it."""
    assert find_flaw(plan).startswith(words)


@pytest.mark.parametrize("slug", ["", "A", "a--b", "-a", "a-", "a/b", "../a", "a.lock", "ä", "a\n", "x" * 41])
def test_a_unit_is_named_in_a_closed_alphabet(slug: str) -> None:
    """Nothing that could be more than a name gets as far as a branch or a path."""
    assert "cannot name a unit" in find_flaw(replace(plan_of(a=()), units=(Unit(slug, "One", "Do it."),)))


@pytest.mark.parametrize("prefix", ["/", "-", "aidp", "aidp//", "../", "refs/heads/Main/", "a b/", "a/" * 31, "a/\n"])
def test_branches_begin_in_a_closed_alphabet_too(prefix: str) -> None:
    """A prefix that git could read as something else is refused."""
    assert "cannot begin a branch name" in find_flaw(replace(plan_of(a=()), branch_prefix=prefix))


@pytest.mark.parametrize("prefix", ["", "aidp/", "aidp/issue-12/", "work-"])
def test_usual_prefixes_are_fine(prefix: str) -> None:
    """Folders, words, or none at all."""
    assert find_flaw(replace(plan_of(a=()), branch_prefix=prefix)) == ""
