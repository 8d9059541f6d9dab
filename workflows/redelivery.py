"""Which webhooks were lost, which to ask GitHub for again now, and which outages are over. Pure: the log decides.

Lost is what nobody took: no connection, no answer in time, a server's error, a proxy's 404, a signature that was
refused, which is a secret that somebody will mend. What our door refused for what it is (`REFUSALS`) it would refuse
again; once its cause is mended, `aidp deliveries replay` brings it.

While nothing gets through, one lost webhook at a time is the probe. The rest is asked for once something was taken. Not
attempts are counted but the outages they failed in, so that no outage uses up anybody's attempts, however long it is.
Everything is derived from the log, so sweeps agree whoever runs them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workflows.model.delivery_log import Down, Findings, Lost, Probe, Recovery, Swept

REFUSALS = frozenset({400, 413, 415})
HEARD = 202
"""What the door answers when it had something for a mailbox."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""Before each further attempt; a webhook that has failed as often, each time in another outage, is given up."""
PROBED_AGAIN = 0.25
"""The part of its outage that a probe waits for, but no less than the first pause and no more than the last."""
OVERLAP = timedelta(minutes=5)
"""A delivery shows in the log only when it has ended, and GitHub may be late with it."""
LOOK_BACK = timedelta(days=8)
"""More than GitHub Enterprise keeps; github.com keeps 3 days."""
MOST_DUE = 2500
"""At once; the others wait for the next sweep."""
PROBES = 20
"""Kept of an outage that goes on; one of them gets through when anything does."""
FLAPPING = timedelta(minutes=15)
"""Outages that follow each other as closely are one to people: the first is told at once, the others together."""
LONGEST_FLAPPING = timedelta(hours=1)
"""What begins later is told as new: the log is read from the first of them on, with every sweep."""


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
    """A webhook that was lost: every attempt to deliver it, oldest first, and the outages in which it was lost."""

    attempts: Sequence[Attempt]
    outages: Sequence[Outage]
    """The first is the one that it was lost in; each is here once, however many attempts failed in it."""

    @property
    def original(self) -> Attempt:
        """The first attempt."""
        return self.attempts[0]

    @property
    def outage(self) -> Outage:
        """The outage it was lost in."""
        return self.outages[0]

    @property
    def taken(self) -> Attempt | None:
        """The attempt that succeeded."""
        return next((attempt for attempt in self.attempts if attempt.taken), None)

    @property
    def failures(self) -> int:
        """How many further outages it was lost in."""
        return len(self.outages) - 1

    @property
    def given_up(self) -> bool:
        """Whether it was lost so often that it may itself be why."""
        return all(attempt.lost for attempt in self.attempts) and self.failures >= len(PAUSES)

    @property
    def unsettled(self) -> bool:
        """Whether it is worth another attempt: it was not taken, not refused, and is not given up."""
        return all(attempt.lost for attempt in self.attempts) and not self.given_up

    @property
    def due_at(self) -> datetime:
        """When it is asked for again, now that others get through."""
        return self.attempts[-1].at + PAUSES[self.failures]


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
    guids = [trail.original.guid for trail in read.trails if trail.given_up or trail.original.guid in before.gone]
    down = _down(read, unsettled, now)
    return Findings(
        due=_due_probes(down, now) if down else _due(unsettled, now),
        recovered=_recovered(read, unsettled, now),
        swept=Swept(_since(read, unsettled, now).isoformat(), tuple(guids), down),
        read_at=now.isoformat(),
        most=1 if down else 0,
        given_up=tuple(guid for guid in guids if guid not in before.gone),
    )


def go_on(news: Sequence[Attempt], events: frozenset[str], before: Swept, now: datetime) -> Findings | None:
    """Say what to do in an outage that goes on, by the newest lines alone; `None` where the whole log decides."""
    down = before.down
    if not down or any(it.taken and it.at > datetime.fromisoformat(down.start) for it in news):
        return None
    known = {it.guid for it in down.probes}
    lost = [Probe(it.id, it.guid, 0, it.at.isoformat()) for it in news if _begins(it, events) and it.guid not in known]
    asked = [it for it in (*down.probes, *lost) if it.guid not in before.gone]
    probes = [probe for it in asked if (probe := _probed(it, news))][:PROBES]
    if not probes:
        return None
    still = replace(down, read=now.isoformat(), probes=tuple(probes))
    return Findings(_due_probes(still, now), (), replace(before, down=still), now.isoformat(), most=1)


def arrange(log: Iterable[Attempt], events: frozenset[str]) -> Log:
    """Find outages and lost webhooks in lines of the log, in whatever order these come."""
    attempts = sorted(log, key=lambda attempt: (attempt.at, attempt.id))
    outages = find_outages(attempts)
    by_guid: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        by_guid.setdefault(attempt.guid, []).append(attempt)
    lost = (tried for tried in by_guid.values() if _begins(tried[0], events))
    return Log(outages, [Trail(tried, _during(outages, tried)) for tried in lost])


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


def _begins(attempt: Attempt, events: frozenset[str]) -> bool:
    """Whether this is a webhook for us that was lost, at its first attempt."""
    return attempt.lost and not attempt.redelivery and attempt.event in events


def _during(outages: Sequence[Outage], attempts: Iterable[Attempt]) -> Sequence[Outage]:
    found = (bisect_right(outages, it.at, key=lambda outage: outage.start) - 1 for it in attempts if it.lost)
    return [outages[place] for place in dict.fromkeys(found)]


def _due(unsettled: Sequence[Trail], now: datetime) -> tuple[Lost, ...]:
    due = [trail.original for trail in unsettled if trail.due_at <= now]
    return tuple(Lost(it.id, it.guid) for it in due[:MOST_DUE])


def _recovered(log: Log, unsettled: Sequence[Trail], now: datetime) -> tuple[Recovery, ...]:
    """Find the outages of which nothing is left to be done, and what they had kept from our mailboxes."""
    pending = {trail.outage for trail in unsettled}
    heard: dict[Outage, list[int]] = {}
    for trail in log.trails:
        if trail.taken and trail.taken.status_code == HEARD:
            heard.setdefault(trail.outage, []).append(trail.taken.id)
    told = (outages for outages in _tellings(log, now) if not pending.intersection(outages))
    recoveries = (_recovery(outages, [it for each in outages for it in heard.get(each, ())]) for outages in told)
    return tuple(it for it in recoveries if it.deliveries)


def _recovery(outages: Sequence[Outage], taken: Sequence[int]) -> Recovery:
    start, end = outages[0].start, outages[-1].end
    return Recovery(start.isoformat(), end.isoformat() if end else "", tuple(taken))


def _tellings(log: Log, now: datetime) -> Iterator[Sequence[Outage]]:
    """Group the outages that are over as people are told of them."""
    for flapping in _flappings(log):
        first, others, end = flapping[:1], flapping[1:], flapping[-1].end
        if first[0].end:
            yield first
        if others and end and end + FLAPPING <= now:
            yield others


def _flappings(log: Log) -> list[list[Outage]]:
    """Group the outages in which anything for us was lost by how closely they follow each other."""
    found = list[list[Outage]]()
    for outage in sorted({trail.outage for trail in log.trails}, key=lambda outage: outage.start):
        end = found[-1][-1].end if found else None
        latest = found[-1][0].start + LONGEST_FLAPPING if found else None
        if end and latest and outage.start < min(end + FLAPPING, latest):
            found[-1].append(outage)
        else:
            found.append([outage])
    return found


def _since(log: Log, unsettled: Sequence[Trail], now: datetime) -> datetime:
    """Say from where the next sweep has to look; what is told as one is never cut in two, so it is told once."""
    since = min([now - OVERLAP, *(trail.original.at for trail in unsettled)])
    for first, last in reversed([(it[0], it[-1]) for it in _flappings(log)]):
        if not last.end or last.end + FLAPPING > now or last.end >= since:
            since = min(since, first.start)
    return since


# --- while nothing gets through ---------------------------------------------------------------------------------------


def _down(log: Log, unsettled: Sequence[Trail], now: datetime) -> Down | None:
    """Note what the next sweep needs if nothing gets through until then."""
    if not log.is_down:
        return None
    tried = sorted(unsettled, key=lambda trail: len(trail.attempts))[:PROBES]
    lost = (trail.attempts for trail in tried)
    probes = tuple(Probe(it[0].id, it[0].guid, len(it) - 1, it[-1].at.isoformat()) for it in lost)
    return Down(log.outages[-1].start.isoformat(), now.isoformat(), probes)


def _probed(probe: Probe, news: Iterable[Attempt]) -> Probe | None:
    """Bring a probe up to date; `None` when it was refused for what it is."""
    last = datetime.fromisoformat(probe.last)
    tried = [it for it in news if it.guid == probe.guid and it.at > last]
    if any(not it.lost for it in tried):
        return None
    newest = max((it.at for it in tried), default=last)
    return replace(probe, tries=probe.tries + len(tried), last=newest.isoformat())


def _due_probes(down: Down, now: datetime) -> tuple[Lost, ...]:
    """List what may be asked for, the least tried first."""
    start = datetime.fromisoformat(down.start)
    due = sorted((it for it in down.probes if _next_try(it, start) <= now), key=lambda it: it.tries)
    return tuple(Lost(it.id, it.guid) for it in due)


def _next_try(probe: Probe, start: datetime) -> datetime:
    last = datetime.fromisoformat(probe.last)
    return last + min(max((last - start) * PROBED_AGAIN, PAUSES[0]), PAUSES[-1])
