"""A loop's workspace, on whichever host it is at the moment."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows import steps
from workflows.accounting import Say
from workflows.cancelling import heed_cancellation
from workflows.failures import host_lost
from workflows.loop_memory import LoopMemory
from workflows.model import Checkpoint, CheckpointRequest, Workspace, WorkspaceRequest

MAX_MOVES = 5
"""How often an iteration may lose its host before the work is given up."""

LOST = "The agent's host went away; going on from the last checkpoint"

T = TypeVar("T")


class Lodging:
    """Opens the workspace, moves it when its host dies, closes it."""

    def __init__(self, request: WorkspaceRequest, memory: LoopMemory, say: Say) -> None:
        self._request = request
        self._memory = memory
        self._say = say

    @property
    def workspace(self) -> Workspace:
        """The workspace; there is one once `open` has returned."""
        if not self._memory.workspace:
            raise RuntimeError("the loop has no workspace yet")
        return self._memory.workspace

    async def open(self) -> None:
        """Take a workspace on any host, at the last checkpoint if there is one."""
        self._memory.workspace = await steps.open_workspace(self._request)

    async def on_a_living_host(self, step: Callable[[], Awaitable[T]]) -> T:
        """Do a step, and do it again on whichever host takes the work when its host dies in the middle."""
        while True:
            heed_cancellation()
            try:
                return await step()
            except ActivityError as error:
                if not host_lost(error) or self._memory.moves == MAX_MOVES:
                    raise
                heed_cancellation()
                self._memory.moves += 1
                self._memory.happened(LOST)
                await self._say(LOST)
                await self.open()

    async def checkpoint(self, tree: str) -> Checkpoint:
        """Commit the running iteration, and stand there from now on."""
        request = CheckpointRequest(self.workspace, self._memory.iteration + 1, workflow.now().isoformat(), tree)
        made = await steps.commit_checkpoint(request)
        self._memory.workspace = replace(self.workspace, checkpoint_sha=made.sha)
        return made

    async def close(self) -> str:
        """Clean up, and return the ref that stays; what cannot be cleaned now is swept up later."""
        if not self._memory.workspace:
            return ""
        try:
            return await steps.close_workspace(self._memory.workspace)
        except ActivityError as error:
            workflow.logger.warning("workspace not closed: %s", error.cause)
            return ""
