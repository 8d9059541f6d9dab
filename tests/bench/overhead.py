"""What the work loop adds to its activities: a loop and a bare workflow of the same shape, turn by turn."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
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

PART = "overhead"
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
        seconds = await _by_turns(sides, sizes.rounds)
    typical = {name: median(runs) * 1000 / sizes.iterations for name, runs in seconds.items()}
    how = f"{iterations(events)[0].activities} activities; median of {sizes.rounds} runs of {sizes.iterations}"
    return [
        *(Figure(PART, f"{name}, an iteration", each, "ms", note=how) for name, each in typical.items()),
        Figure(PART, f"{ALONE} : bare", typical[ALONE] / typical[BARE], "times", GOAL),
        Figure(PART, f"{FOLLOWED} : bare", typical[FOLLOWED] / typical[BARE], "times", GOAL),
    ]


async def _by_turns(sides: Mapping[str, Callable[[], Awaitable[None]]], rounds: int) -> dict[str, list[float]]:
    """Time every side in every round, so that what else the machine does weighs on all of them."""
    seconds = {name: list[float]() for name in sides}
    for turn in range(rounds):
        for name in sorted(sides, reverse=bool(turn % 2)):
            began = time.perf_counter()
            await sides[name]()
            seconds[name].append(time.perf_counter() - began)
    return seconds


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
