"""When an installation may write to GitHub: every write has its turn, and no window of time has too many; pure.

GitHub allows an App's installation 80 content-creating requests a minute and 500 an hour, and advises a second between
requests where there are many. Ten in ten seconds keep that advice on average, and still let an item begin at once with
its 👀, its labels and its comment.

A write starts within `GRACE` of its grant, so the windows counted here are longer than GitHub's by that much.
"""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workflows.patience import API_CALL, HTTP_CALL

GRACE = 5.0
"""How long after its grant a write may start."""
SETTLE = 5.0
"""What was created is in GitHub's lists by then; they lag by about 1 s."""
LONGEST_WRITE = GRACE + HTTP_CALL.time.total_seconds()
"""How long after its grant a write may still be carried out, for all that anybody has heard of it."""
REMEMBERED = LONGEST_WRITE + SETTLE + API_CALL.time.total_seconds()
"""How long it is known which write a grant was for: a step that looked too early may ask as late as that."""
AT_ONCE = 0.1
"""A new attempt is all that it takes."""
ABSENT = 30.0
"""Whoever has not asked again this long after their turn will not come: it was cancelled, or its worker is gone."""
FIRST_BACK_OFF = 60.0
LONGEST_BACK_OFF = 3600.0
"""GitHub asks for a minute, then exponentially more, where it names no time."""


class Urgency(StrEnum):
    """Who goes first when there is a queue."""

    NOW = "now"
    """Somebody waits for it: a reaction, a label, an answer, an ending."""
    LATER = "later"
    """A newer one will say more: an edit on the way."""


OVERTAKEN = {Urgency.NOW: 0.0, Urgency.LATER: 60.0}
"""For how many seconds others may overtake. As it ends, nothing waits for ever."""


@dataclass(frozen=True, slots=True)
class Bound:
    """At most so many writes in any window of so many seconds."""

    writes: int
    seconds: float


BOUNDS = (Bound(10, 10), Bound(80, 60 + GRACE), Bound(500, 3600 + GRACE))


@dataclass(frozen=True, slots=True)
class Reservation:
    """One write that wants its turn."""

    operation: str
    """What is written; a later attempt keeps its place in the queue."""
    attempt: str
    """Who tries it; a later attempt does not use what was granted to an earlier one, which may have written."""
    call: int
    """Which of the attempt's writes it is."""
    urgency: Urgency = Urgency.NOW
    creates: bool = False
    """Whether doing it twice would leave two."""
    began: float | None = None
    """When the attempt began, and had not yet looked at what is there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue."""

    arrived: float
    due: float
    """When its holder was told to ask again."""
    urgency: Urgency

    @property
    def rank(self) -> float:
        """The smallest goes first."""
        return self.arrived + OVERTAKEN[self.urgency]


@dataclass(frozen=True, slots=True)
class Granted:
    """Who got a turn, and when."""

    at: float
    attempt: str
    call: int
    over: float | None = None
    """When the attempt told that it fails with all its answers at hand; without that, a write takes what it takes."""

    @property
    def settled(self) -> float:
        """From when on GitHub's lists show what was written."""
        longest = self.at + LONGEST_WRITE
        return SETTLE + (longest if self.over is None else min(self.over, longest))


@dataclass(frozen=True, slots=True)
class SlotState:
    """The turns as they are handed to the next history; times are seconds since 1970 by Temporal's clock."""

    bounds: tuple[Bound, ...] = BOUNDS
    grants: tuple[float, ...] = ()
    queue: dict[str, Place] = field(default_factory=dict[str, Place])
    recent: dict[str, Granted] = field(default_factory=dict[str, Granted])
    forbidden_until: float = 0.0
    back_off: float = 0.0


class WriteSlots:
    """The turns of one installation. Whoever is told to wait asks again after that; meanwhile it holds its place."""

    def __init__(self, state: SlotState) -> None:
        self._bounds = state.bounds
        self._grants = list(state.grants)
        self._queue = dict(state.queue)
        self._recent = dict(state.recent)
        self._back_off = state.back_off
        self.forbidden_until = state.forbidden_until

    def reserve(self, asked: Reservation, now: float) -> float:
        """Return how many seconds to wait before asking again; nothing to wait for means go."""
        self.forget(now)
        if self._is_granted(asked) and now >= self.forbidden_until:
            return 0.0
        if wait := self._unsettled(asked, now):
            return wait
        self._enter(asked, now)
        turn = self._turn(asked.operation, now)
        if turn > now:
            self._queue[asked.operation] = replace(self._queue[asked.operation], due=turn)
            return turn - now
        self._grant(asked, now)
        return 0.0

    def end(self, attempt: str, now: float) -> None:
        """Hear that an attempt fails, and that GitHub has answered all it was asked to create."""
        ended = {name: replace(grant, over=now) for name, grant in self._recent.items() if grant.attempt == attempt}
        self._recent |= ended

    def forbid(self, named: float | None, now: float) -> float:
        """Hear that GitHub refuses everything, perhaps for a named number of seconds; return how long that is."""
        if named is not None:
            self.forbidden_until = max(self.forbidden_until, now + named)
        elif now >= self.forbidden_until:  # else it is about a call that was under way at the first refusal
            again = now < self.forbidden_until + self._back_off
            self._back_off = min(self._back_off * 2, LONGEST_BACK_OFF) if again else FIRST_BACK_OFF
            self.forbidden_until = now + self._back_off
        return max(self.forbidden_until - now, 0.0)

    def forget(self, now: float) -> None:
        """Drop what matters no more."""
        longest = max((bound.seconds for bound in self._bounds), default=0.0)
        del self._grants[: bisect_right(self._grants, now - longest)]
        self._queue = {name: place for name, place in self._queue.items() if place.due + ABSENT > now}
        self._recent = {name: grant for name, grant in self._recent.items() if grant.at + REMEMBERED > now}

    def is_idle(self, now: float) -> bool:
        """Whether a limiter that knows nothing would decide the same."""
        self.forget(now)
        return not (self._grants or self._queue or self._recent) and self.forbidden_until + self._back_off <= now

    def state(self) -> SlotState:
        """Write all of it down."""
        grants = tuple(self._grants)
        return SlotState(self._bounds, grants, self._queue, self._recent, self.forbidden_until, self._back_off)

    def _is_granted(self, asked: Reservation) -> bool:
        """Whether this very question was answered before: then the answer was lost on its way."""
        last = self._recent.get(asked.operation)
        return last is not None and (last.attempt, last.call) == (asked.attempt, asked.call)

    def _unsettled(self, asked: Reservation, now: float) -> float:
        """Hold back what another attempt may just have created, until a look at GitHub would show it."""
        last = self._recent.get(asked.operation)
        if not (asked.creates and last and last.attempt != asked.attempt):
            return 0.0
        looked = now if asked.began is None else asked.began
        return max(last.settled - now, AT_ONCE) if looked < last.settled else 0.0

    def _enter(self, asked: Reservation, now: float) -> None:
        place = self._queue.get(asked.operation) or Place(now, now, asked.urgency)
        self._queue[asked.operation] = replace(place, urgency=asked.urgency)

    def _turn(self, operation: str, now: float) -> float:
        """Give everybody ahead their time, then this one."""
        times = list(self._grants)
        for name in sorted(self._queue, key=lambda name: self._queue[name].rank):
            times.append(self._earliest(times, now))
            if name == operation:
                break
        return times[-1]

    def _earliest(self, times: list[float], now: float) -> float:
        """Find the first time after all others at which no window has too many."""
        latest = times[-1:]
        full = [times[-bound.writes] + bound.seconds for bound in self._bounds if len(times) >= bound.writes]
        return max(now, self.forbidden_until, *latest, *full)

    def _grant(self, asked: Reservation, now: float) -> None:
        del self._queue[asked.operation]
        self._grants.append(now)
        self._recent[asked.operation] = Granted(now, asked.attempt, asked.call)
