"""Telling whoever follows a loop what happens; the work does not wait until they have heard."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.loop_memory import LoopMemory
from workflows.model import LoopSpec, Progress

PROGRESS = "progress"
"""Name of the signal that followers get."""


class Telling:
    """The line to one follower, or to nobody."""

    def __init__(self, spec: LoopSpec, memory: LoopMemory) -> None:
        self._follower = spec.report_to
        self._quiet = spec.quiet
        self._memory = memory
        self._underway: list[asyncio.Task[None]] = []

    def tell(self, progress: Progress) -> None:
        """Send news."""
        if self._follower and self._is_news(progress):
            self._memory.told_held = progress.held
            self._underway = [task for task in self._underway if not task.done()]
            self._underway.append(asyncio.create_task(self._tell(progress)))

    async def finish(self) -> None:
        """Wait until everything is sent."""
        await asyncio.gather(*self._underway)

    def _is_news(self, progress: Progress) -> bool:
        return not self._quiet or progress.held != self._memory.told_held

    async def _tell(self, progress: Progress) -> None:
        follower = workflow.get_external_workflow_handle(self._follower)
        try:
            await follower.signal(PROGRESS, progress)
        except FailureError:
            workflow.logger.info("nobody follows this loop any more")
