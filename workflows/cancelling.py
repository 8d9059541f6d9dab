"""A cancellation holds, also when the step it comes in ends first: that absorbs all but the task's count of it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def heed_cancellation() -> None:
    """Raise here what a step may have absorbed."""
    if being_cancelled():
        raise asyncio.CancelledError


def being_cancelled() -> bool:
    """Whether somebody has cancelled the running task."""
    task = asyncio.current_task()
    return bool(task and task.cancelling())


async def unbroken(work: Coroutine[Any, Any, T], heard: Callable[[], None]) -> T:
    """Do to its end what must not break off; a cancellation that comes meanwhile is `heard` instead."""
    task = asyncio.create_task(work)
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.done():
                return task.result()
            heard()
