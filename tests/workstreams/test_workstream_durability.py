"""A plan outlives its worker and its own history: every unit is done once, whatever dies in between."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

from temporal_kit import SHORT_HISTORIES, pass_time, temporal_server
from temporalio.client import Client
from workstream_scene import (
    PATIENCE,
    Orchestrator,
    Stage,
    at_once,
    report_of,
    statuses,
    until,
)

from workflows.model.workstreams import UnitCounts, UnitStatus, WorkstreamSummary
from workflows.workstreams import PROBE_EVERY, WorkstreamOrchestratorWorkflow

UNITS = 50
PROGRAM = Path(__file__).with_name("worker_process.py")


async def histories(client: Client, workflow_id: str) -> int:
    """Count how many histories a workflow has had."""
    return (await client.count_workflows(f"WorkflowId = '{workflow_id}'")).count


async def begin_another_history(client: Client, orchestrator: Orchestrator) -> None:
    """Bother the orchestrator until it continues as new."""
    before = (await orchestrator.describe()).run_id
    async with asyncio.timeout(PATIENCE):
        while (await orchestrator.describe()).run_id == before:
            await orchestrator.signal(WorkstreamOrchestratorWorkflow.resume)
    await orchestrator.query(WorkstreamOrchestratorWorkflow.progress)  # the fresh history has begun to be worked on
    assert await histories(client, orchestrator.id) > 1


async def test_a_fresh_history_adopts_the_units_that_run(forgetful: Stage) -> None:
    """A unit that was started by one history is waited for by the next, and not started twice."""
    plan = forgetful.plan(forgetful.unit("slow", part="wait"), forgetful.unit("next", "slow"))
    orchestrator = await forgetful.start(plan)
    await forgetful.until_begun("slow")
    await begin_another_history(forgetful.client, orchestrator)
    forgetful.cue("wait", "slow")
    assert (await orchestrator.result()).counts == UnitCounts(done=2)
    assert forgetful.begun() == ["slow", "next"]


async def test_an_adopted_unit_still_hears_that_it_is_cancelled(forgetful: Stage) -> None:
    """Control reaches a unit that another history has started."""
    orchestrator = await forgetful.start(forgetful.plan(forgetful.unit("slow", part="wait")))
    await forgetful.until_begun("slow")
    await begin_another_history(forgetful.client, orchestrator)
    await orchestrator.signal(WorkstreamOrchestratorWorkflow.cancel, "enough")
    assert (await orchestrator.result()).counts == UnitCounts(cancelled=1)
    assert forgetful.agents() == []


async def test_an_adopted_unit_that_is_gone_is_missed(forgetful: Stage) -> None:
    """A unit that was terminated, and so reports to nobody, does not hold the plan for ever."""
    plan = forgetful.plan(forgetful.unit("victim", part="wait"), forgetful.unit("after", "victim"))
    orchestrator = await forgetful.start(plan)
    await forgetful.until_begun("victim")
    await begin_another_history(forgetful.client, orchestrator)
    await forgetful.client.get_workflow_handle(f"{plan.id}/victim").terminate("by hand")
    await pass_time(forgetful.client, plan.id, PROBE_EVERY + timedelta(minutes=1))
    summary = await orchestrator.result()
    assert statuses(summary) == {"victim": UnitStatus.FAILED, "after": UnitStatus.SKIPPED}


async def test_fifty_units_survive_the_death_of_their_worker(tmp_path: Path) -> None:
    """Killed in the middle with five agents at work: in the end each unit is done, once, on exactly one branch."""
    async with temporal_server(tmp_path, SHORT_HISTORIES) as client:
        stage = Stage.prepared(client, tmp_path)
        plan = at_once(stage.plan(*(stage.unit(f"unit-{number}") for number in range(UNITS))), 5)
        orchestrator = await stage.start(plan)
        async with worker_process(client, tmp_path) as worker:
            await until(lambda: len(stage.begun()) > UNITS // 3, stage.record)
            worker.kill()
            worker.wait()
            await until(lambda: not stage.agents(), stage.agents)
        async with worker_process(client, tmp_path):
            summary = await orchestrator.result()
        assert await histories(client, orchestrator.id) > 1
    assert summary.counts == UnitCounts(done=UNITS)
    assert {report_of(summary, unit.slug).attempt for unit in plan.units} == {1}
    assert stage.branches() == sorted(unit.slug for unit in plan.units)
    assert {stage.git("rev-list", "--count", f"main..aidp/{slug}") for slug in stage.branches()} == {"1"}
    assert stage.git("for-each-ref", "refs/aidp") == ""
    assert most_at_once(summary) == 5


def most_at_once(summary: WorkstreamSummary) -> int:
    """Count how many units ran at the same time at most."""
    starts = [(datetime.fromisoformat(unit.started), unit.seconds) for unit in summary.units]
    ends = [(start + timedelta(seconds=seconds), -1) for start, seconds in starts]
    changes = sorted([*ends, *((start, 1) for start, _ in starts)])
    return max(accumulate(change for _, change in changes))


@asynccontextmanager
async def worker_process(client: Client, directory: Path) -> AsyncGenerator[subprocess.Popen[bytes]]:
    """Run a worker in a process of its own."""
    address = client.service_client.config.target_host
    argv = (sys.executable, str(PROGRAM), address, str(directory / "host"))
    with (directory / "worker.log").open("ab") as log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.kill()
