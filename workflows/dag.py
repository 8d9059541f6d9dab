"""Units that depend on each other: what is wrong with a plan, and what its units wait for. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from workflows.branches import PREFIX_LENGTH, SLUG_LENGTH
from workflows.model.workstreams import Unit, WorkstreamPlan

MAX_UNITS = 200
MAX_CONCURRENCY = 50
MAX_TEXT = 300_000
"""Characters in all units together: a plan travels in one payload, which Temporal limits to 2 MB."""
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PREFIX = re.compile(r"(?:[a-z0-9]+[/-])*")

Graph = Mapping[str, tuple[str, ...]]
"""What each node depends on."""


def find_flaw(plan: WorkstreamPlan) -> str:
    """Say what is wrong with a plan, and how to mend it; empty when it can be run."""
    return next(_flaws(plan), "")


def find_cycle(graph: Graph) -> tuple[str, ...]:
    """Return a way through the graph that ends where it began, such as `a b a`; empty when there is none."""
    left = dict(graph)
    while free := [node for node, needs in left.items() if not any(need in left for need in needs)]:
        for node in free:
            del left[node]
    path = list(left)[:1]
    while path:  # whatever is left leads on to something that is left, and so in the end back to where it was
        following = next(need for need in left[path[-1]] if need in left)
        if following in path:
            return (*path[path.index(following) :], following)
        path.append(following)
    return ()


def in_order(units: Collection[Unit]) -> tuple[Unit, ...]:
    """Put each unit behind what it depends on, else leave them as they are; there must be no cycle."""
    left, placed = list(units), list[Unit]()
    while left:
        done = [unit.slug for unit in placed]
        following = next(unit for unit in left if all(need in done for need in unit.depends_on))
        left.remove(following)
        placed.append(following)
    return tuple(placed)


def is_ready(unit: Unit, done: Collection[str], landed: Collection[str]) -> bool:
    """Whether the unit can begin: on top of the one it depends on, or when all of several have landed."""
    return all(need in (landed if len(unit.depends_on) > 1 else done) for need in unit.depends_on)


def find_obstacle(unit: Unit, lost: Collection[str]) -> str:
    """Return the first dependency of a unit that will not get done; empty when there is none."""
    return next((need for need in unit.depends_on if need in lost), "")


def _flaws(plan: WorkstreamPlan) -> Iterator[str]:
    yield from _flaws_of_size(plan)
    if not PREFIX.fullmatch(plan.branch_prefix) or len(plan.branch_prefix) > PREFIX_LENGTH:
        yield f"`{plan.branch_prefix[:PREFIX_LENGTH]}` cannot begin a branch name. Choose one like `aidp/`."
    for unit in plan.units:
        if not SLUG.fullmatch(unit.slug) or len(unit.slug) > SLUG_LENGTH:
            name = unit.slug[:SLUG_LENGTH]
            yield f"`{name}` cannot name a unit. Use a-z, 0-9 and single dashes, at most {SLUG_LENGTH} of them."
        if not unit.number and not unit.text.strip():
            yield f"`{unit.slug}` has no text. Write what its agent is to do."
    yield from _flaws_of_graph(plan.units)


def _flaws_of_size(plan: WorkstreamPlan) -> Iterator[str]:
    if not plan.units:
        yield "The plan has no units. Add at least one."
    if len(plan.units) > MAX_UNITS:
        yield f"The plan has {len(plan.units)} units. Split it into plans of at most {MAX_UNITS}."
    if (size := sum(len(unit.title) + len(unit.text) for unit in plan.units)) > MAX_TEXT:
        yield f"The plan has {size} characters of text. Shorten it to {MAX_TEXT}, or split it."
    if flaw := flaw_of_concurrency(plan.concurrency):
        yield flaw


def flaw_of_concurrency(concurrency: int) -> str:
    """Say why so many units cannot run at once; empty when they can."""
    if 1 <= concurrency <= MAX_CONCURRENCY:
        return ""
    return f"{concurrency} units cannot run at once. Choose a number from 1 to {MAX_CONCURRENCY}."


def _flaws_of_graph(units: tuple[Unit, ...]) -> Iterator[str]:
    graph = {unit.slug: unit.depends_on for unit in units}
    for slug, times in Counter(unit.slug for unit in units).items():
        if times > 1:
            yield f"{times} units are named `{slug}`. Give each its own name."
    for unit in units:
        for need, times in Counter(unit.depends_on).items():
            if times > 1:
                yield f"`{unit.slug}` depends on `{need[:SLUG_LENGTH]}` {times} times. Name it once."
            if need not in graph:
                yield f"`{unit.slug}` depends on `{need[:SLUG_LENGTH]}`, which is not in the plan. Add or remove it."
    if cycle := find_cycle(graph):
        yield f"The units wait for each other: {' -> '.join(cycle)}. Remove one of these dependencies."
