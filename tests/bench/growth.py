"""What an iteration leaves in the history: as much late in a loop as early."""

from collections.abc import Callable, Sequence
from statistics import median

from bench_scene import Sizes, loop_spec, start
from figures import Figure
from histories import Iteration, events_of, iterations
from temporalio.client import Client

PART = "loops"
EARLY = 5
WINDOW = 10
FLAT = 1.02


async def measure(client: Client, sizes: Sizes) -> list[Figure]:
    """Compare the median of early iterations with that of the last ones, without the events of workflow tasks."""
    spec = loop_spec(sizes.long_loop + 1)
    await (await start(client, spec)).result()
    every = iterations(await events_of(client, spec.id))
    early, late = every[EARLY - 1 :][:WINDOW], every[-WINDOW:]
    how = (
        f"iterations {EARLY} to {EARLY - 1 + len(early)} : the last {len(late)} of {len(every)}, without workflow tasks"
    )
    events, size = _median(late, lambda it: it.events), _median(late, lambda it: it.bytes)
    return [
        Figure(PART, "events of an iteration", events, note=f"{_median(late, lambda it: it.tasks):g} decisions"),
        Figure(PART, "growth of events", _growth(early, late, lambda it: it.work_events), "times", FLAT, how),
        Figure(PART, "bytes of an iteration", size),
        Figure(PART, "growth of bytes", _growth(early, late, lambda it: it.work_bytes), "times", FLAT, how),
    ]


def _growth(early: Sequence[Iteration], late: Sequence[Iteration], what: Callable[[Iteration], int]) -> float:
    return _median(late, what) / _median(early, what)


def _median(window: Sequence[Iteration], what: Callable[[Iteration], int]) -> float:
    return median(map(what, window))
