"""What a paused loop costs: nothing is written while it waits, however long."""

import asyncio
from datetime import timedelta

from bench_scene import Loop, loop_spec, start
from figures import Figure
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from workflows.work_loop import WorkLoopWorkflow

PART = "paused"
WAIT = timedelta(days=30)
HOURS = WAIT / timedelta(hours=1)
OF_THE_SKIPPING = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
}


async def measure(client: Client) -> list[Figure]:
    """Pause a loop and let a month go by."""
    loop = await start(client, loop_spec(1000))
    await loop.signal(WorkLoopWorkflow.pause)
    before = await _written_at_rest(loop)
    await TimeSkipper(client).fast_forward(loop, WAIT)
    events = await _written(loop)
    await loop.terminate()
    return [Figure(PART, "events an hour", (events - before) / HOURS, "", 0, f"{WAIT.days} days, skipped")]


async def _written_at_rest(loop: Loop) -> int:
    """Wait until the step that was under way is over, and count."""
    seen = -1
    while (now := await _written(loop)) != seen:
        seen = now
        await asyncio.sleep(1)
    return now


async def _written(loop: Loop) -> int:
    """Count the events that are the loop's own."""
    return sum([event.event_type not in OF_THE_SKIPPING async for event in loop.fetch_history_events()])
