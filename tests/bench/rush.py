"""Many calls, a fixed number of them at once: how many a second, and how long each takes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rush:
    """How a rush went."""

    seconds: float
    each: Sequence[float]
    """The seconds of each call."""

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.each) / self.seconds


async def rush(lanes: Iterable[Callable[[T], Awaitable[None]]], work: Iterable[T]) -> Rush:
    """Do the work, each lane one call after the other; the lanes take from the same pile."""
    pile, each, began = iter(work), list[float](), time.perf_counter()
    await asyncio.gather(*(_work_off(lane, pile, each) for lane in lanes))
    return Rush(time.perf_counter() - began, each)


def percentile(values: Sequence[float], percent: int) -> float:
    """Find the value that so many percent stay below."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


async def _work_off(lane: Callable[[T], Awaitable[None]], pile: Iterator[T], each: list[float]) -> None:
    for piece in pile:
        began = time.perf_counter()
        await lane(piece)
        each.append(time.perf_counter() - began)
