"""Work that goes on after its cause was answered: deliveries and CI."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Work = Callable[[], Coroutine[Any, Any, None]]


class Background:
    """Runs work from `open` to `close`; what comes before waits. An error of the work shows up in `settle`."""

    def __init__(self) -> None:
        self._waiting: list[Work] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = False

    def start(self, work: Work) -> None:
        """Run this as soon as possible, without waiting for it."""
        if self._open:
            self._tasks.add(asyncio.create_task(work()))
        else:
            self._waiting.append(work)

    def open(self) -> None:
        """Start what waited, and from now on everything at once."""
        self._open = True
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            self.start(work)

    async def settle(self) -> None:
        """Wait until nothing is left to do, including what the work itself started."""
        while self._tasks:
            done, _ = await asyncio.wait(self._tasks)
            self._tasks -= done
            for task in done:
                task.result()

    async def close(self) -> None:
        """Cancel what still runs."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
