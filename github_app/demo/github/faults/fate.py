"""What becomes of a webhook: delivered as it should be, or not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from github_app.demo.github.faults.injection import Armed
from github_app.demo.github.faults.plan import Kind
from github_app.demo.github.faults.shelf import Deliver, shuffled

DELAY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery about to be made, and the ways it can go."""

    deliver: Deliver
    redeliver: Deliver
    fail: Callable[[int], None]
    """Only log it, with this status code."""


async def meet(armed: Armed, attempt: Attempt) -> None:
    """Let the attempt meet its fault."""
    fault = armed.fault
    match fault.kind:
        case Kind.DELIVERY_LOST:
            return
        case Kind.DELIVERY_FAILED:
            attempt.fail(fault.status)
        case Kind.DELIVERY_DELAYED:
            await asyncio.sleep(DELAY_SECONDS if fault.seconds is None else fault.seconds)
            await attempt.deliver()
        case Kind.DELIVERIES_REORDERED:
            await _reorder(armed, attempt)
        case _:
            await attempt.deliver()
            copy = attempt.redeliver if fault.kind is Kind.DELIVERY_REDELIVERED else attempt.deliver
            for _ in range(fault.times):
                await copy()


async def _reorder(armed: Armed, attempt: Attempt) -> None:
    fault = armed.fault
    seconds = DELAY_SECONDS if fault.seconds is None else fault.seconds
    taken = await armed.shelf.hold(attempt.deliver, fault.times, seconds)
    order = shuffled(taken, armed.draws(f"order/{armed.given}"))
    await asyncio.gather(*(deliver() for deliver in order))  # all in line at once, before the next batch
