"""A shelf where deliveries are held back, to go out in another order."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Deliver = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Shelf:
    """Holds deliveries until enough are there, or too much time has gone by."""

    held: list[Deliver] = field(default_factory=list[Deliver])
    full: asyncio.Event = field(default_factory=asyncio.Event)

    async def hold(self, deliver: Deliver, enough: int, seconds: float) -> list[Deliver]:
        """Put one up. Whoever put up the first one takes all of them down in the end; the others get nothing."""
        self.held.append(deliver)
        if len(self.held) >= enough:
            self.full.set()
        if len(self.held) > 1:
            return []
        try:
            async with asyncio.timeout(seconds):
                await self.full.wait()
        except TimeoutError:
            pass
        taken, self.held = self.held, []
        self.full.clear()
        return taken


def shuffled(items: list[Deliver], dice: random.Random) -> list[Deliver]:
    """Bring them into another order than they came in."""
    order = list(items)
    dice.shuffle(order)
    return order if order != items else [*items[1:], *items[:1]]
