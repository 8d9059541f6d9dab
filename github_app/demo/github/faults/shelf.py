"""A shelf where deliveries are held back, to go out in another order."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

Deliver = Callable[[], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Batch:
    """Deliveries that go out together."""

    held: list[Deliver] = field(default_factory=list[Deliver])
    full: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Shelf:
    """Holds deliveries until enough are there, or too much time has gone by."""

    batch: Batch = field(default_factory=Batch)

    async def hold(self, deliver: Deliver, enough: int, seconds: float) -> list[Deliver]:
        """Put one up. Who completes a batch gets all of it, or in the end who began it; the others get nothing."""
        batch = self.batch
        batch.held.append(deliver)
        if len(batch.held) == enough:
            batch.full.set()
            self.batch = Batch()
            return batch.held
        if len(batch.held) == 1 and not await _filled(batch, seconds):
            self.batch = Batch()
            return batch.held
        return []


async def _filled(batch: Batch, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await batch.full.wait()
    except TimeoutError:
        pass
    return batch.full.is_set()


def shuffled(items: list[Deliver], dice: random.Random) -> list[Deliver]:
    """Bring them into another order than they came in."""
    order = list(items)
    dice.shuffle(order)
    return order if order != items else [*items[1:], *items[:1]]
