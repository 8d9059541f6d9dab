"""A cancellation holds, also when the step it comes in ends first: that absorbs all but the task's count of it."""

import asyncio


def heed_cancellation() -> None:
    """Raise here what a step may have absorbed."""
    if being_cancelled():
        raise asyncio.CancelledError


def being_cancelled() -> bool:
    """Whether somebody has cancelled the running task."""
    task = asyncio.current_task()
    return bool(task and task.cancelling())
