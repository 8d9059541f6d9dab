"""Which webhooks were lost, which to ask GitHub for again now, and which outages are over. Pure: the log decides.

Lost is what nobody took: no connection, no answer in time, a server's error, a proxy's 404. What our door refused for
what it is (`REFUSALS`) it would refuse again; once its cause is mended, `aidp deliveries replay` brings it.

While nothing gets through, one lost webhook at a time is the probe. The rest is asked for once something was taken, so
that a long outage uses up nobody's attempts. Everything is derived from the log, so sweeps agree whoever runs them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.model.delivery_log import Findings, Lost, Recovery, Swept

REFUSALS = frozenset({400, 401, 413, 415})
HEARD = 202
"""What the door answers when it had something for a mailbox."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""Before each further attempt; after the last of them a webhook is left to reconciliation."""
OVERLAP = timedelta(minutes=5)
"""A delivery shows in the log only when it has ended, and GitHub may be late with it."""
LOOK_BACK = timedelta(days=8)
"""More than GitHub Enterprise keeps; github.com keeps 3 days."""
MOST_DUE = 2500
"""At once; the others wait for the next sweep."""
MOST_TOLD = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of the log: GitHub tried to deliver a webhook."""

    id: int
    guid: str
    event: str
    at: datetime
    status_code: int
    """0 when there was no answer."""
    redelivery: bool = False

    @property
    def taken(self) -> bool:
        """Whether the receiver said yes."""
        return 200 <= self.status_code < 300  # noqa: PLR2004  # HTTP's own numbers

    @property
    def lost(self) -> bool:
        """Whether it may do better another time."""
        return not self.taken and self.status_code not in REFUSALS


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which nothing was taken: from the first webhook lost to the next one taken."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """A webhook that was lost: every attempt to deliver it, oldest first, and the outage it was lost in."""

    attempts: Sequence[Attempt]
    outage: Outage

    @property
    def original(self) -> Attempt:
        """The first attempt."""
        return self.attempts[0]

    @property
    def taken(self) -> Attempt | None:
        """The attempt that succeeded."""
        return next((attempt for attempt in self.attempts if attempt.taken), None)

    @property
    def unsettled(self) -> bool:
        """Whether it is worth another attempt: it was not taken, not refused, and has attempts left."""
        return all(attempt.lost for attempt in self.attempts) and self._failures_since_outage() < len(PAUSES)

    def due_at(self, *, is_probe: bool) -> datetime:
        """Say when to try again; a probe has no last attempt, so its pauses count from the first."""
        failures = len(self.attempts) - 1 if is_probe else self._failures_since_outage()
        return self.attempts[-1].at + PAUSES[min(failures, len(PAUSES) - 1)]

    def _failures_since_outage(self) -> int:
        end = self.outage.end
        return sum(attempt.at >= end for attempt in self.attempts[1:]) if end else 0


@dataclass(frozen=True, slots=True)
class Log:
    """The part of the log that a sweep has to look at."""

    outages: Sequence[Outage]
    trails: Sequence[Trail]

    @property
    def is_down(self) -> bool:
        """Whether, as far as the log knows, nothing gets through now."""
        return bool(self.outages) and self.outages[-1].end is None


def judge(log: Iterable[Attempt], events: frozenset[str], before: Swept, now: datetime) -> Findings:
    """Say what is to be done about the log since the last sweep; only these events are anything to us."""
    read = arrange(log, events)
    unsettled = [trail for trail in read.trails if trail.unsettled and trail.original.guid not in before.gone]
    gone = tuple(trail.original.guid for trail in read.trails if trail.original.guid in before.gone)
    swept = Swept(_since(read, unsettled, now).isoformat(), gone)
    return Findings(_due(read, unsettled, now), _recovered(read, unsettled), swept, now.isoformat())


def arrange(log: Iterable[Attempt], events: frozenset[str]) -> Log:
    """Find outages and lost webhooks in lines of the log, in whatever order these come."""
    attempts = sorted(log, key=lambda attempt: (attempt.at, attempt.id))
    outages = find_outages(attempts)
    by_guid: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        by_guid.setdefault(attempt.guid, []).append(attempt)
    lost = (tried for tried in by_guid.values() if tried[0].lost and not tried[0].redelivery)
    return Log(outages, [Trail(tried, _during(outages, tried[0])) for tried in lost if tried[0].event in events])


def find_outages(attempts: Iterable[Attempt]) -> list[Outage]:
    """Find the times in which nothing was taken; a refusal says neither."""
    found = list[Outage]()
    start: datetime | None = None
    for attempt in attempts:
        if attempt.lost:
            start = start or attempt.at
        elif attempt.taken and start:
            found.append(Outage(start, attempt.at))
            start = None
    return [*found, Outage(start)] if start else found


def _during(outages: Sequence[Outage], lost: Attempt) -> Outage:
    return outages[bisect_right(outages, lost.at, key=lambda outage: outage.start) - 1]


def _due(log: Log, unsettled: Sequence[Trail], now: datetime) -> tuple[Lost, ...]:
    due = [trail for trail in unsettled if trail.due_at(is_probe=log.is_down) <= now]
    if log.is_down:
        due = sorted(due, key=lambda trail: len(trail.attempts))[:1]
    return tuple(Lost(trail.original.id, trail.original.guid) for trail in due[:MOST_DUE])


def _recovered(log: Log, unsettled: Sequence[Trail]) -> tuple[Recovery, ...]:
    """Find the outages of which nothing is left to be done, and what they had kept from our mailboxes."""
    pending = {trail.outage for trail in unsettled}
    heard: dict[Outage, list[int]] = {}
    for trail in log.trails:
        if trail.outage.end and trail.outage not in pending and trail.taken and trail.taken.status_code == HEARD:
            heard.setdefault(trail.outage, []).append(trail.taken.id)
    return tuple(
        Recovery(outage.start.isoformat(), outage.end.isoformat() if outage.end else "", tuple(taken[:MOST_TOLD]))
        for outage, taken in heard.items()
    )


def _since(log: Log, unsettled: Sequence[Trail], now: datetime) -> datetime:
    """Say from where the next sweep has to look; an outage is never cut in two, so it is told once."""
    since = min([now - OVERLAP, *(trail.original.at for trail in unsettled)])
    cut = [outage.start for outage in log.outages if outage.start < since and not (outage.end and outage.end < since)]
    return min([since, *cut])
