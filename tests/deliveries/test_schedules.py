"""The Schedules are there when a worker starts, say what the settings say, and run by themselves."""

import asyncio
import dataclasses
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from delivery_scene import AIDP, HOUR, SCHEDULE, Scene
from story_kit import until
from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleIntervalSpec, ScheduleOverlapPolicy
from temporalio.service import RPCError, RPCStatusCode

from github_app.demo.stage import free_port
from github_app.schedule import SCHEDULES, keep_schedules
from github_app.temporal import connect, profile_of


async def described(scene: Scene) -> Schedule:
    """Read the Schedule of the sweeps."""
    return (await scene.temporal.get_schedule_handle(SCHEDULE).describe()).schedule


async def test_the_sweep_has_a_schedule(scene: Scene) -> None:
    """One at a time, spread a little, and caught up with after Temporal was away."""
    schedule = await described(scene)
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    assert schedule.action.workflow == "DeliverySweepWorkflow"
    assert schedule.spec.intervals == [ScheduleIntervalSpec(HOUR)]
    assert schedule.spec.jitter == HOUR / 10
    assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert schedule.policy.catchup_window == timedelta(minutes=10)


async def test_workers_that_start_together_agree(scene: Scene) -> None:
    """However often a worker starts, there is one Schedule of each."""
    await asyncio.gather(*(keep_schedules(scene.temporal, scene.settings) for _ in range(5)))
    found = [it.id async for it in await scene.temporal.list_schedules()]
    assert sorted(found) == sorted(recurring.id for recurring in SCHEDULES)


async def test_a_changed_setting_changes_the_schedule(scene: Scene) -> None:
    """The next worker brings it up to date, and leaves alone what an operator has paused."""
    await scene.temporal.get_schedule_handle(SCHEDULE).pause(note="GitHub is moving")
    await keep_schedules(scene.temporal, scene.settings.model_copy(update={"delivery_sweep_seconds": 120}))
    schedule = await described(scene)
    assert schedule.spec.intervals == [ScheduleIntervalSpec(timedelta(minutes=2))]
    assert dataclasses.astuple(schedule.state)[:2] == ("GitHub is moving", True)


async def test_sweeps_come_by_themselves(scene: Scene) -> None:
    """A lost webhook is recovered, and told of, without anybody asking."""
    async with scene.past(HOUR):
        number = await scene.labelled()
    await keep_schedules(scene.temporal, scene.settings.model_copy(update={"delivery_sweep_seconds": 1}))
    async with scene.open_door():
        await until(lambda: scene.missed(number))
    assert len(scene.missed(number)) == 1


@pytest.mark.parametrize(("arguments", "there"), [(("up",), True), (("up", "--no-github"), False)])
async def test_aidp_up_makes_them_if_there_is_a_github(
    scene: Scene, tmp_path: Path, arguments: tuple[str, ...], *, there: bool
) -> None:
    """Who starts everything has the Schedules; where GitHub is not set up there is nothing to look for."""
    ports = {"AIDP_PORT": str(free_port()), "AIDP_TEMPORAL_PORT": str(free_port())}
    settings = scene.environment() | ports | {"AIDP_STATE_DIR": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(AIDP, *arguments, env=settings, stderr=subprocess.PIPE)
    assert process.stderr
    try:
        line = b"-"
        while line and b" ready " not in line:
            line = await asyncio.wait_for(process.stderr.readline(), 60)
        found = await is_there(await connect(profile_of({}), tmp_path))
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), 60)
    assert found == there


async def is_there(client: Client) -> bool:
    """Ask the Schedule itself: Temporal's list of them lags."""
    try:
        await client.get_schedule_handle(SCHEDULE).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
