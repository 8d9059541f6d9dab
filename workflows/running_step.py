"""The step that an interruption stops: an agent's run, or checks. It is made again when the work goes on."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class RunningStep:
    """What runs now and may be stopped without ending the work."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None

    async def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Wait for a step; one that is interrupted raises as if it had been cancelled."""
        self._task = task = asyncio.create_task(step)
        return await task

    def interrupt(self) -> bool:
        """Stop it; false when nothing is running that can be stopped."""
        return bool(self._task and self._task.cancel())
