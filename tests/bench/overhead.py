"""What the work loop adds to its activities: a loop and a bare workflow of the same shape, turn by turn."""

import time
from collections.abc import AsyncGenerator
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


async def measure(client: Client, sizes: Sizes) -> list[Figure]:
    """Measure a loop that nobody follows, one that somebody follows, and the bare workflow."""
    spec = loop_spec(sizes.iterations)
    await (await start(client, spec)).result()
    events = await events_of(client, spec.id)
    shape = Shape(stages(events), host_queue(HOST))
    alone, followed, bare = list[float](), list[float](), list[float]()
    async with _follower(client) as follower:
        for _ in range(sizes.rounds):
            bare.append(await _bare_seconds(client, shape))
            alone.append(await _loop_seconds(client, sizes))
            followed.append(await _loop_seconds(client, sizes, follower))
    each = 1000 / sizes.iterations
    how = f"{iterations(events)[0].activities} activities, median of {sizes.rounds} runs of {sizes.iterations}"
    return [
        Figure(PART, "bare workflow, an iteration", median(bare) * each, "ms", note=how),
        Figure(PART, "work loop, an iteration", median(alone) * each, "ms", note=how),
        Figure(PART, "work loop with a follower, an iteration", median(followed) * each, "ms", note=how),
        Figure(PART, "work loop : bare", _ratio(alone, bare), "times", GOAL),
        Figure(PART, "work loop with a follower : bare", _ratio(followed, bare), "times", GOAL),
    ]


def _ratio(ours: list[float], bare: list[float]) -> float:
    """Compare turn by turn, so that what else the machine does weighs on both."""
    return median(our / its for our, its in zip(ours, bare, strict=True))


async def _bare_seconds(client: Client, shape: Shape) -> float:
    began = time.perf_counter()
    await client.execute_workflow(BareWorkflow.run, shape, id=f"bare:{uuid4().hex}", task_queue=MAIN_QUEUE)
    return time.perf_counter() - began


async def _loop_seconds(client: Client, sizes: Sizes, report_to: str = "") -> float:
    spec = loop_spec(sizes.iterations, report_to=report_to)
    began = time.perf_counter()
    await (await start(client, spec)).result()
    return time.perf_counter() - began


@asynccontextmanager
async def _follower(client: Client) -> AsyncGenerator[str]:
    """Have somebody who follows loops; yields the workflow id."""
    follower_id = f"follower:{uuid4().hex}"
    follower = await client.start_workflow(FollowerWorkflow.run, id=follower_id, task_queue=MAIN_QUEUE)
    yield follower_id
    await follower.signal(FollowerWorkflow.stop)
    await follower.result()
