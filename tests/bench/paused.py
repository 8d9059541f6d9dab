"""What a paused loop costs: nothing is written while it waits, however long."""

import asyncio
from datetime import timedelta

from bench_scene import loop_spec, start
from figures import Figure
from temporal_kit import own_events, pass_time
from temporalio.client import Client

from workflows.work_loop import WorkLoopWorkflow

PART = "loops"
WAIT = timedelta(days=30)
HOURS = WAIT / timedelta(hours=1)


async def measure(client: Client) -> list[Figure]:
    """Pause a loop and let a month go by."""
    loop = await start(client, loop_spec(1000))
    await loop.signal(WorkLoopWorkflow.pause)
    before = await _written_at_rest(client, loop.id)
    await pass_time(client, loop.id, WAIT)
    events = len(await own_events(client, loop.id))
    await loop.terminate()
    return [
        Figure(PART, "events of a paused loop, an hour", (events - before) / HOURS, "", 0, f"{WAIT.days} days, skipped")
    ]


async def _written_at_rest(client: Client, loop_id: str) -> int:
    """Wait until the step that was under way is over, and count."""
    seen = -1
    while (now := len(await own_events(client, loop_id))) != seen:
        seen = now
        await asyncio.sleep(1)
    return now
