"""Telling whoever follows a loop what happens; the work does not wait until they have heard."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.model import Progress

PROGRESS = "progress"
"""Name of the signal that followers get."""


class Telling:
    """The line to one follower, or to nobody."""

    def __init__(self, follower: str) -> None:
        self._follower = follower
        self._underway: list[asyncio.Task[None]] = []

    def tell(self, progress: Progress) -> None:
        """Send news."""
        if self._follower:
            self._underway = [task for task in self._underway if not task.done()]
            self._underway.append(asyncio.create_task(self._tell(progress)))

    async def finish(self) -> None:
        """Wait until everything is sent."""
        await asyncio.gather(*self._underway)

    async def _tell(self, progress: Progress) -> None:
        follower = workflow.get_external_workflow_handle(self._follower)
        try:
            await follower.signal(PROGRESS, progress)
        except FailureError:
            workflow.logger.info("nobody follows this loop any more")
