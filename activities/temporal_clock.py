"""Temporal's time on a host whose own clock may be wrong: every step says when Temporal has started it."""

import math
import time
from collections.abc import Callable

from temporalio import activity


class TemporalClock:
    """Tells Temporal's time, learnt from the steps of this process; outside of any, this host's clock has to do."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._ahead = math.inf  # how far our monotonic clock is ahead; a step notices it late, never early

    def now(self) -> float:
        """Return the seconds since 1970."""
        if activity.in_activity():
            self._ahead = min(self._ahead, time.monotonic() - activity.info().started_time.timestamp())
        return self._wall() if math.isinf(self._ahead) else time.monotonic() - self._ahead
