"""What people asked for while the App could neither do it nor say so: it is kept, and tried again.

Its key may be revoked, or a permission not granted yet. Somebody mends that, and GitHub does not ask again.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from workflows import steps
from workflows.failures import failed_outcome
from workflows.model import Delivery, EventKind, Failure, Item, LabelChange, StatusReport

ASKED = frozenset({EventKind.LABELED, EventKind.COMMENTED, EventKind.ORDERED})
"""Deliveries that somebody waits for."""
FIRST, LONGEST = timedelta(seconds=15), timedelta(hours=1)
"""Before the first attempt; each pause is twice as long as the one before, up to the longest."""
MOST_ATTEMPTS = 200
"""Eight days of them: as long as GitHub could redeliver anything."""
MOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class Undone:
    """Deliveries that came to nothing, the oldest first."""

    deliveries: tuple[Delivery, ...] = ()
    attempts: int = 0
    """How often they were tried again, all in vain."""

    @property
    def pause(self) -> timedelta:
        """How long to wait before they are tried again, unless something else happens before."""
        doublings = min(self.attempts, 20)  # more would be beyond the longest
        return min(FIRST * 2**doublings, LONGEST)

    def with_one_more(self, delivery: Delivery) -> "Undone":
        """Keep another one, unless it was tried for days."""
        if self.attempts >= MOST_ATTEMPTS:
            return self
        return replace(self, deliveries=(*self.deliveries, delivery)[-MOST_KEPT:])

    def taken(self) -> "Undone":
        """Count an attempt at all of them; what comes to nothing again is kept again."""
        return Undone(attempts=self.attempts + 1)


async def explained(delivery: Delivery, item: Item, error: FailureError) -> bool:
    """Say on the item why nothing happens; false if that can not be said either."""
    try:
        await steps.write_status(StatusReport(item, now=workflow.now().isoformat(), outcome=failed_outcome(error)))
        if delivery.kind is EventKind.LABELED:
            await steps.change_labels(LabelChange(item, remove=(delivery.label,)))
    except FailureError:
        return False
    return True


def may_be_mended(error: FailureError) -> bool:
    """Whether it is the App that somebody has to set right, and the same may be done afterwards."""
    match error:
        case ActivityError(cause=ApplicationError(type=Failure.AUTH_EXPIRED | Failure.CONFIGURATION)):
            return True
        case _:
            return False
