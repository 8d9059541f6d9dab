"""What an iteration leaves in the history: as much late in a loop as early."""

from bench_scene import Sizes, loop_spec, start
from figures import Figure
from histories import events_of, iterations
from temporalio.client import Client

PART = "history"
EARLY = 5
FLAT = 1.02


async def measure(client: Client, sizes: Sizes) -> list[Figure]:
    """Compare an early iteration with the last whole one."""
    spec = loop_spec(sizes.long_loop + 1)
    await (await start(client, spec)).result()
    every = iterations(await events_of(client, spec.id))
    early, late = every[EARLY - 1], every[-1]
    how = f"iteration {len(every)} : iteration {EARLY}"
    return [
        Figure(PART, "events of an iteration", late.events, note=f"{late.tasks} of them decisions"),
        Figure(PART, "growth of events", late.events / early.events, "times", FLAT, how),
        Figure(PART, "bytes of an iteration", late.bytes),
        Figure(PART, "growth of bytes", late.bytes / early.bytes, "times", FLAT, how),
    ]
