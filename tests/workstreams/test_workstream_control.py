"""A plan can be paused and cancelled, as a whole or a unit at a time, and leaves nothing running."""

import asyncio
import time

import pytest
from temporalio.client import WorkflowHandle
from workstream_scene import (
    PATIENCE,
    Orchestrator,
    Stage,
    at_once,
    report_of,
    set_concurrency,
    statuses,
    until_status,
)

from workflows.model import LoopResult
from workflows.model.workstreams import UnitCounts, UnitStatus
from workflows.work_loop import WorkLoopWorkflow
from workflows.workstreams import WorkstreamOrchestratorWorkflow

DONE, SKIPPED, CANCELLED = UnitStatus.DONE, UnitStatus.SKIPPED, UnitStatus.CANCELLED


@pytest.fixture
async def half_done(stage: Stage) -> Orchestrator:
    """Start a plan of which one unit is done, two run and one waits."""
    plan = stage.plan(
        stage.unit("done"),
        stage.unit("left", "done", part="wait"),
        stage.unit("right", "done", part="wait"),
        stage.unit("after", "left"),
    )
    orchestrator = await stage.start(plan)
    await stage.until_begun("done", "left", "right")
    return orchestrator


async def test_cancelling_ends_the_running_and_never_starts_the_waiting(stage: Stage, half_done: Orchestrator) -> None:
    """What was done stays; the agents of the rest are stopped before the summary says so."""
    await half_done.signal(WorkstreamOrchestratorWorkflow.cancel, "@ada changed her mind")
    summary = await half_done.result()
    assert statuses(summary) == {
        "done": DONE,
        "left": CANCELLED,
        "right": CANCELLED,
        "after": CANCELLED,
    }
    reasons = {unit.slug: unit.outcome.reason for unit in summary.units if unit.outcome}
    assert {reasons[slug] for slug in ("left", "right", "after")} == {"@ada changed her mind"}
    assert stage.agents() == []
    assert stage.branches() == ["done"]


async def test_an_operator_can_cancel_it_with_temporals_own_means(stage: Stage, half_done: Orchestrator) -> None:
    """Cancelling the workflow cancels everything below it, and the summary is still there."""
    await half_done.cancel()
    summary = await half_done.result()
    assert summary.counts == UnitCounts(done=1, cancelled=3)
    outcome = report_of(summary, "left").outcome
    assert outcome
    assert outcome.reason == "the operator cancelled it"
    assert stage.agents() == []


async def test_one_unit_can_be_cancelled(stage: Stage, half_done: Orchestrator) -> None:
    """What depends on it is skipped; the others go on, and a name that is in no plan cancels nothing."""
    await half_done.signal(WorkstreamOrchestratorWorkflow.cancel_unit, "nobody")
    await half_done.signal(WorkstreamOrchestratorWorkflow.cancel_unit, "left")
    await until_status(half_done, "left", CANCELLED)
    stage.cue("wait", "right")
    summary = await half_done.result()
    assert statuses(summary)["after"] is SKIPPED
    assert summary.counts == UnitCounts(done=2, skipped=1, cancelled=1)


async def test_cancelling_a_unit_from_outside_cancels_it_alone(stage: Stage, half_done: Orchestrator) -> None:
    """Temporal's own cancellation of one unit reaches its agent, and is reported as what it was."""
    await stage.client.get_workflow_handle(f"plan:{stage.directory.name}/left").cancel()
    await until_status(half_done, "left", CANCELLED)
    stage.cue("wait", "right")
    assert (await half_done.result()).counts == UnitCounts(done=2, skipped=1, cancelled=1)


async def test_pausing_holds_the_loops_of_a_plan(stage: Stage, half_done: Orchestrator) -> None:
    """Pausing and resuming reach the running loops, which then end as if nothing had been."""
    loop: WorkflowHandle[WorkLoopWorkflow, LoopResult]
    loop = stage.client.get_workflow_handle_for(WorkLoopWorkflow.run, f"loop:plan:{stage.directory.name}/left")
    await half_done.signal(WorkstreamOrchestratorWorkflow.pause)
    await until_paused(loop, paused=True)
    await half_done.signal(WorkstreamOrchestratorWorkflow.resume)
    await until_paused(loop, paused=False)
    stage.cue("wait", "left", "right")
    assert (await half_done.result()).counts == UnitCounts(done=4)


async def test_a_paused_plan_starts_nothing(stage: Stage) -> None:
    """A unit that could run waits until the plan is resumed."""
    plan = stage.plan(stage.unit("one", part="wait"), stage.unit("two"))
    orchestrator = await stage.start(at_once(plan, 1))
    await stage.until_begun("one")
    await orchestrator.signal(WorkstreamOrchestratorWorkflow.pause)
    await set_concurrency(orchestrator, 2)
    progress = await orchestrator.query(WorkstreamOrchestratorWorkflow.progress)
    assert (progress.paused, progress.concurrency) == (True, 2)
    assert statuses(progress)["two"] is UnitStatus.WAITING
    await orchestrator.signal(WorkstreamOrchestratorWorkflow.resume)
    await stage.until_begun("one", "two")
    stage.cue("wait", "one")
    assert (await orchestrator.result()).counts == UnitCounts(done=2)


async def until_paused(loop: WorkflowHandle[WorkLoopWorkflow, LoopResult], *, paused: bool) -> None:
    """Wait until a loop knows that it is to hold, or to go on."""
    deadline = time.monotonic() + PATIENCE
    while (await loop.query(WorkLoopWorkflow.status)).paused is not paused:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
