"""A unit that does not get done is its own misfortune, and that of what depends on it; it can be run again."""

from dataclasses import replace

import pytest
from temporalio.client import WorkflowUpdateFailedError
from workstream_scene import Stage, report_of, retry_failed, statuses, until_status

from workflows.model import Ending
from workflows.model.workstreams import UnitCounts, UnitStatus, WorkstreamPlan
from workflows.workstreams import WorkstreamOrchestratorWorkflow

DONE, FAILED, SKIPPED = UnitStatus.DONE, UnitStatus.FAILED, UnitStatus.SKIPPED


@pytest.fixture
def plan(stage: Stage) -> WorkstreamPlan:
    """Make a plan in which one of two branches of work fails until it gets its cue."""
    return stage.plan(
        stage.unit("broken", part="fail"),
        stage.unit("after", "broken"),
        stage.unit("last", "after", "sound"),
        stage.unit("sound"),
    )


async def test_a_failure_skips_what_depends_on_it_and_nothing_else(stage: Stage, plan: WorkstreamPlan) -> None:
    """Whoever reads the summary sees why each unit was not done."""
    summary = await stage.run(plan)
    assert statuses(summary) == {"broken": FAILED, "after": SKIPPED, "last": SKIPPED, "sound": DONE}
    assert summary.counts == UnitCounts(done=1, failed=1, skipped=2)
    outcome = report_of(summary, "broken").outcome
    assert outcome
    assert "The part is to fail." in outcome.reason
    assert outcome.advice == "Retry the failed units to run it again."
    skipped = report_of(summary, "last").outcome
    assert skipped
    assert skipped.reason == "it depends on `after`, which did not get done"
    assert stage.branches() == ["sound"]


async def test_a_retry_runs_only_what_was_not_done(stage: Stage, plan: WorkstreamPlan) -> None:
    """Held open after its last unit, the plan ends well once its failed units have been run again."""
    orchestrator = await stage.start(replace(plan, hold_seconds=60))
    await until_status(orchestrator, "broken", FAILED)
    await until_status(orchestrator, "sound", DONE)
    stage.cue("fail", "broken")
    assert await retry_failed(orchestrator) == 3
    summary = await orchestrator.result()
    assert summary.counts == UnitCounts(done=4)
    assert [report_of(summary, slug).attempt for slug in ("broken", "after", "sound")] == [2, 1, 1]
    assert sorted(stage.begun()) == ["after", "broken", "broken", "last", "sound"]


async def test_a_retry_can_come_while_others_still_run(stage: Stage) -> None:
    """The failed unit runs again beside the one that never stopped."""
    plan = stage.plan(stage.unit("slow", part="wait"), stage.unit("broken", part="fail"))
    orchestrator = await stage.start(plan)
    await until_status(orchestrator, "broken", FAILED)
    stage.cue("fail", "broken")
    assert await retry_failed(orchestrator) == 1
    await until_status(orchestrator, "broken", DONE)
    stage.cue("wait", "slow")
    assert (await orchestrator.result()).counts == UnitCounts(done=2)
    assert sorted(stage.begun()) == ["broken", "broken", "slow"]


@pytest.mark.parametrize("prefix", ["", "loop:"], ids=["unit", "loop"])
async def test_a_workflow_terminated_from_outside_fails_its_unit_alone(stage: Stage, prefix: str) -> None:
    """An operator's intervention in one unit, at whichever level, leaves the others as they are."""
    plan = stage.plan(stage.unit("victim", part="wait"), stage.unit("after", "victim"), stage.unit("other"))
    orchestrator = await stage.start(plan)
    await until_status(orchestrator, "other", DONE)
    await stage.client.get_workflow_handle(f"{prefix}{plan.id}/victim").terminate("by hand")
    summary = await orchestrator.result()
    assert statuses(summary) == {"victim": FAILED, "after": SKIPPED, "other": DONE}
    outcome = report_of(summary, "victim").outcome
    assert outcome
    assert (outcome.ending, outcome.reason) == (Ending.FAILED, "it was terminated from outside")


async def test_a_unit_whose_name_is_taken_fails_with_that_reason(stage: Stage) -> None:
    """Two orchestrators with one plan do not work on the same branches at the same time."""
    plan = stage.plan(stage.unit("only", part="wait"))
    first = await stage.start(plan)
    await stage.until_begun("only")
    summary = await stage.run_again(plan)
    outcome = report_of(summary, "only").outcome
    assert outcome
    assert outcome.reason == f"`{plan.id}/only` is running already, for another plan of that name"
    stage.cue("wait", "only")
    assert (await first.result()).counts == UnitCounts(done=1)


async def test_a_cancelled_plan_takes_no_retry(stage: Stage) -> None:
    """Whoever asks is told what to do instead."""
    orchestrator = await stage.start(stage.plan(stage.unit("stubborn", part="wait")))
    await stage.until_begun("stubborn")
    await orchestrator.signal(WorkstreamOrchestratorWorkflow.cancel, "enough")
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await retry_failed(orchestrator)
    assert "The plan was cancelled. Start it anew." in str(caught.value.cause)
    await orchestrator.result()
