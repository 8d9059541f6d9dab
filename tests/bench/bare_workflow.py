"""What a work loop is measured against: the same number of activities in the same order, and nothing around them."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from workflows.model import Progress


@dataclass(frozen=True, slots=True)
class Shape:
    """Activities to run: how many side by side, stage after stage."""

    stages: tuple[int, ...]
    queue: str


@workflow.defn
class BareWorkflow:
    """As little as Temporal can do."""

    @workflow.run
    async def run(self, shape: Shape) -> None:
        """Run the stages."""
        for width in shape.stages:
            await asyncio.gather(*(self._step(shape.queue) for _ in range(width)), return_exceptions=True)

    async def _step(self, queue: str) -> None:
        await workflow.execute_activity("step", task_queue=queue, start_to_close_timeout=timedelta(seconds=30))


@workflow.defn
class FollowerWorkflow:
    """Hears of a loop's progress, as the processor of a label does."""

    def __init__(self) -> None:
        self._stopped = False

    @workflow.run
    async def run(self) -> None:
        """Listen until told to stop."""
        await workflow.wait_condition(lambda: self._stopped)

    @workflow.signal
    def progress(self, now: Progress) -> None:
        """Hear."""

    @workflow.signal
    def stop(self) -> None:
        """Stop listening."""
        self._stopped = True
