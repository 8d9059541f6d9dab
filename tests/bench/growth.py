"""What an iteration leaves in the history: as much late in a loop as early."""

from collections.abc import Sequence
from statistics import median

from bench_scene import Sizes, loop_spec, start
from figures import Figure
from histories import Iteration, events_of, iterations
from temporalio.client import Client

PART = "history"
EARLY = 5
WINDOW = 5
"""Iterations taken together: whether two results that come at once make one decision or two is a matter of luck."""
FLAT = 1.02


async def measure(client: Client, sizes: Sizes) -> list[Figure]:
    """Compare early iterations with the last ones."""
    spec = loop_spec(sizes.long_loop + 1)
    await (await start(client, spec)).result()
    every = iterations(await events_of(client, spec.id))
    early, late = _typical(every[EARLY - 1 :][:WINDOW]), _typical(every[-WINDOW:])
    how = f"iterations to {len(every)} : from {EARLY}, {WINDOW} each"
    return [
        Figure(PART, "events of an iteration", late.events, note=f"{late.tasks} decisions"),
        Figure(PART, "growth of events", late.events / early.events, "times", FLAT, how),
        Figure(PART, "bytes of an iteration", late.bytes),
        Figure(PART, "growth of bytes", late.bytes / early.bytes, "times", FLAT, how),
    ]


def _typical(window: Sequence[Iteration]) -> Iteration:
    return Iteration(
        events=round(median(each.events for each in window)),
        bytes=round(median(each.bytes for each in window)),
        activities=round(median(each.activities for each in window)),
        tasks=round(median(each.tasks for each in window)),
    )
