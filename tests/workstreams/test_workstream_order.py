"""Workstreams run in the order they depend on, as many at once as allowed, each on its own branch."""

from datetime import datetime

import pytest
from temporalio.client import WorkflowUpdateFailedError
from workstream_scene import Stage, at_once, report_of, set_concurrency, statuses, until

from workflows.model import Ending
from workflows.model.workstreams import UnitCounts, UnitStatus
from workflows.workstreams import WorkstreamOrchestratorWorkflow


async def test_a_diamond_runs_from_its_top_to_its_bottom(stage: Stage) -> None:
    """The first goes alone, both sides go together, and the last waits for both of them."""
    plan = stage.plan(
        stage.unit("bottom", "left", "right"),
        stage.unit("left", "top", part="wait"),
        stage.unit("right", "top", part="wait"),
        stage.unit("top"),
    )
    orchestrator = await stage.start(plan)
    await stage.until_begun("top", "left", "right")
    stage.cue("wait", "left", "right")
    summary = await orchestrator.result()
    assert summary.counts == UnitCounts(done=4)
    assert [unit.slug for unit in summary.units] == ["bottom", "left", "right", "top"]
    assert (stage.begun()[0], stage.begun()[-1]) == ("top", "bottom")
    assert stage.branches() == ["bottom", "left", "right", "top"]


async def test_a_summary_tells_what_became_of_each_unit(stage: Stage) -> None:
    """Status, branch, duration and the agent's own words are in it."""
    summary = await stage.run(stage.plan(stage.unit("only")))
    report = report_of(summary, "only")
    assert (report.status, report.attempt, report.branch) == (UnitStatus.DONE, 1, "aidp/only")
    assert report.outcome
    assert report.outcome.ending is Ending.DONE
    assert report.message.startswith("Wrote a file.")
    assert 0 < report.seconds <= summary.seconds
    assert datetime.fromisoformat(report.started).tzinfo
    assert stage.git("show", "aidp/only:only.txt") == "done"


async def test_progress_can_be_followed(stage: Stage) -> None:
    """The query tells who waits and who runs, before anything has ended."""
    plan = stage.plan(stage.unit("first", part="wait"), stage.unit("second", "first"))
    orchestrator = await stage.start(plan)
    await stage.until_begun("first")
    progress = await orchestrator.query(WorkstreamOrchestratorWorkflow.progress)
    assert statuses(progress) == {"first": UnitStatus.RUNNING, "second": UnitStatus.WAITING}
    assert progress.counts == UnitCounts(waiting=1, running=1)
    assert report_of(progress, "first").started
    stage.cue("wait", "first")
    assert (await orchestrator.result()).counts == UnitCounts(done=2)


async def test_more_and_fewer_units_at_once_while_they_run(stage: Stage) -> None:
    """A higher number starts units at once; a lower one stops nobody, and holds the next until there is room."""
    slugs = ["one", "two", "three", "four"]
    plan = at_once(stage.plan(*(stage.unit(slug, part="wait") for slug in slugs)), 1)
    orchestrator = await stage.start(plan)
    await stage.until_begun("one")
    await set_concurrency(orchestrator, 3)
    await stage.until_begun("one", "two", "three")
    await set_concurrency(orchestrator, 1)
    stage.cue("wait", "one", "two")
    await until(lambda: {"end one", "end two"} <= set(stage.record()), stage.record)
    stage.cue("wait", "three", "four")
    assert (await orchestrator.result()).counts == UnitCounts(done=4)
    assert stage.most_at_once() == 3
    assert stage.record()[-3:] == ["end three", "begin four", "end four"]


async def test_nobody_can_ask_for_no_units_at_once(stage: Stage) -> None:
    """A number that makes no sense is refused with the range that does, and changes nothing."""
    orchestrator = await stage.start(stage.plan(stage.unit("only", part="wait")))
    for number in (0, 51):
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await set_concurrency(orchestrator, number)
        assert f"{number} units cannot run at once. Choose a number from 1 to 50." in str(caught.value.cause)
    stage.cue("wait", "only")
    assert (await orchestrator.result()).concurrency == 3


async def test_a_unit_builds_on_the_one_it_depends_on(stage: Stage) -> None:
    """With a single dependency the second branch contains the first one's work, and adds one commit to it."""
    summary = await stage.run(stage.plan(stage.unit("second", "first"), stage.unit("first")))
    assert summary.counts == UnitCounts(done=2)
    assert stage.git("ls-tree", "--name-only", "aidp/second").split() == ["README.md", "first.txt", "second.txt"]
    assert stage.git("rev-parse", "aidp/second~1") == stage.git("rev-parse", "aidp/first")
