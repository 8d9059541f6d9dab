"""Holding a loop up: whoever follows it hears for as long what it waits for, and who can end that."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from workflows.loop_memory import LoopMemory
from workflows.model import Waiting

Say = Callable[[str], Awaitable[None]]


@asynccontextmanager
async def holding(memory: LoopMemory, say: Say, waiting: Waiting) -> AsyncGenerator[None]:
    """Say that it waits, and afterwards that it goes on with what it was at; an ending tells itself."""
    before, memory.waiting = memory.note, waiting
    await say(waiting.reason)
    try:
        yield
    finally:
        memory.waiting = None
    await say(before)
