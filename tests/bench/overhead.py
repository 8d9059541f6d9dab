"""What the work loop adds to its activities: a loop and a bare workflow of the same shape, turn by turn."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from statistics import median
from uuid import uuid4

from bare_workflow import BareWorkflow, FollowerWorkflow, Shape
from bench_scene import Sizes, loop_spec, start
from figures import Figure
from histories import events_of, iterations, stages
from instant_hands import HOST
from temporalio.client import Client

from workflows.ports import MAIN_QUEUE, host_queue

PART = "loops"
GOAL = 1.3
BARE, ALONE, FOLLOWED = "bare workflow", "work loop", "work loop with a follower"


async def measure(client: Client, sizes: Sizes) -> list[Figure]:
    """Measure a loop that nobody follows, one that somebody follows, and the bare workflow."""
    model = loop_spec(sizes.iterations)
    await (await start(client, model)).result()
    events = await events_of(client, model.id)
    shape = Shape(stages(events), host_queue(HOST))
    async with _follower(client) as follower:
        sides = {
            BARE: lambda: _bare(client, shape),
            ALONE: lambda: _loop(client, sizes.iterations),
            FOLLOWED: lambda: _loop(client, sizes.iterations, follower),
        }
        await _round(sides, backwards=False)  # a first one warms everything up
        rounds = [await _round(sides, backwards=bool(turn % 2)) for turn in range(sizes.rounds)]
    typical = {name: median(seconds[name] for seconds in rounds) * 1000 / sizes.iterations for name in sides}
    how = f"{iterations(events)[0].activities} activities; median of {sizes.rounds} runs of {sizes.iterations}"
    return [
        *(Figure(PART, f"{name}, an iteration", each, "ms", note=how) for name, each in typical.items()),
        _ratio(ALONE, rounds),
        _ratio(FOLLOWED, rounds),
    ]


async def _round(sides: Mapping[str, Callable[[], Awaitable[None]]], *, backwards: bool) -> Mapping[str, float]:
    """Time every side once, in seconds; what else the machine does then weighs on all of them."""
    seconds = dict[str, float]()
    for name in sorted(sides, reverse=backwards):
        began = time.perf_counter()
        await sides[name]()
        seconds[name] = time.perf_counter() - began
    return seconds


def _ratio(side: str, rounds: Sequence[Mapping[str, float]]) -> Figure:
    ratio = median(seconds[side] / seconds[BARE] for seconds in rounds)
    return Figure(PART, f"{side} : bare", ratio, "times", GOAL, note="median of the rounds' ratios")


async def _bare(client: Client, shape: Shape) -> None:
    await client.execute_workflow(BareWorkflow.run, shape, id=f"bare:{uuid4().hex}", task_queue=MAIN_QUEUE)


async def _loop(client: Client, iterations: int, report_to: str = "") -> None:
    await (await start(client, loop_spec(iterations, report_to=report_to))).result()


@asynccontextmanager
async def _follower(client: Client) -> AsyncGenerator[str]:
    """Have somebody who follows loops; yields the workflow id."""
    follower_id = f"follower:{uuid4().hex}"
    follower = await client.start_workflow(FollowerWorkflow.run, id=follower_id, task_queue=MAIN_QUEUE)
    yield follower_id
    await follower.signal(FollowerWorkflow.stop)
    await follower.result()
