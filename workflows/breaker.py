"""When a provider that keeps failing is left alone for a while. Pure.

A closed breaker lets every run through. Five failures in a row open it: nobody is let through for five minutes. Then it
is half-open: one run may try, and how that ends decides.
"""

from dataclasses import dataclass
from enum import StrEnum

from workflows.model import Failure
from workflows.patience import BREAKER_FAILURES, BREAKER_OPEN

FAILURES = BREAKER_FAILURES
OPEN_SECONDS = BREAKER_OPEN.time.total_seconds()
COUNTED = (Failure.TRANSIENT, Failure.TIMEOUT, Failure.RATE_LIMITED)
"""What says that the provider itself is unwell, and passes: a broken or overloaded service, one that hangs, one that
wants to be asked less. A login, a setting or an empty account is no better in five minutes, and says nothing of the
service; each run goes to its next provider for that."""


class BreakerState(StrEnum):
    """Whether runs get through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """What a provider's last runs were like. Times are seconds since the epoch."""

    failures: int = 0
    """In a row."""
    opened_at: float | None = None

    def state(self, now: float) -> BreakerState:
        """Tell what it does now; one that was opened in the future, because a clock was set back, is half-open."""
        if self.opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if 0 <= now - self.opened_at < OPEN_SECONDS else BreakerState.HALF_OPEN

    def admits(self, now: float) -> bool:
        """Whether a run may pass; while half-open it is for the caller that it is only one."""
        return self.state(now) is not BreakerState.OPEN

    def seconds_left(self, now: float) -> float:
        """Tell how long it stays open."""
        return 0.0 if self.opened_at is None or self.admits(now) else OPEN_SECONDS - (now - self.opened_at)

    def after_success(self) -> "Breaker":
        """Close: a run that ended well proves more than any count."""
        return Breaker()

    def after_failure(self, failure: Failure, now: float) -> "Breaker":
        """Count a failure, if it says anything of the provider."""
        if failure not in COUNTED:
            return self
        failures = self.failures + 1
        match self.state(now):
            case BreakerState.CLOSED:
                return Breaker(failures, now if failures >= FAILURES else None)
            case BreakerState.OPEN:  # a run from before: it is open as long as it is
                return Breaker(failures, self.opened_at)
            case BreakerState.HALF_OPEN:
                return Breaker(failures, now)
