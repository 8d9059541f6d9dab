"""`Faults`: those a GitHub still has ahead of it, and those that happened."""

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from github_app.demo.github.faults.plan import DELIVERIES, Fault, FaultPlan, Kind, Limits
from github_app.demo.github.faults.shelf import Shelf

READS = frozenset({"GET", "HEAD"})
PULLS = re.compile(r"/pulls(/\d+)?$")


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that happened."""

    kind: Kind
    what: str
    """`METHOD path` of a call, `event.action` of a delivery."""
    at: datetime
    call: int | None = None
    """The index of the call in the log of calls."""
    guid: str = ""
    """Of the delivery."""


@dataclass(slots=True)
class Armed:
    """A fault that may still happen, and what it has seen so far."""

    fault: Fault
    seed: str
    matched: int = 0
    given: int = 0
    met: Counter[str] = field(default_factory=Counter[str])
    shelf: Shelf = field(default_factory=Shelf)

    def wants(self, what: str) -> bool:
        """Whether this call or delivery, which matches, is to be hit."""
        self.matched += 1
        self.met[what] += 1
        when = self.fault.when
        if self.matched < when.nth or self.given == when.count:
            return False
        return when.probability == 1 or self.draws(f"{what}/{self.met[what]}").random() < when.probability

    def draws(self, what: str) -> random.Random:
        """Roll the dice for one occasion: alike for one seed, in whatever order the occasions come."""
        return random.Random(f"{self.seed}/{what}")  # noqa: S311  # dice, no secret


class Faults:
    """What goes wrong at one GitHub."""

    def __init__(self) -> None:
        self.seed = 0
        self.limits: Limits | None = None
        self.injected: list[Injected] = []
        self.when_added: Callable[[], None] = lambda: None
        """Whoever must remember how things were before."""
        self._armed: list[Armed] = []

    @property
    def plan(self) -> FaultPlan:
        """What was asked for."""
        return FaultPlan(self.seed, tuple(armed.fault for armed in self._armed), self.limits)

    def follow(self, plan: FaultPlan) -> None:
        """Let everything in the plan happen, after whatever was added before."""
        self.seed, self.limits = plan.seed, plan.limits
        self.add(*plan.faults)

    def add(self, *faults: Fault) -> None:
        """Let these happen as well; of several that fit a call the first added does."""
        self._armed += [
            Armed(fault, f"{self.seed}/{place}") for place, fault in enumerate(faults, start=len(self._armed))
        ]
        self.when_added()

    def withdraw(self, fault: Fault) -> int:
        """Let this one not happen any more; returns how often it has."""
        happened = sum(armed.given for armed in self._armed if armed.fault == fault)
        self._armed = [armed for armed in self._armed if armed.fault != fault]
        return happened

    def clear(self) -> None:
        """Let nothing go wrong any more; what happened stays in `injected`."""
        self._armed, self.limits = [], None

    def has(self, kind: Kind) -> bool:
        """Whether a fault of this kind was added."""
        return any(it.fault.kind is kind for it in self._armed)

    def expects(self, kind: Kind) -> bool:
        """Whether a fault of this kind may still happen."""
        return any(it.fault.kind is kind and it.given != it.fault.when.count for it in self._armed)

    def for_call(self, method: str, path: str, actor: str) -> Fault | None:
        """Choose what goes wrong with a call, if anything; `actor` is who it says it is from."""

        def matches(fault: Fault) -> bool:
            return (
                fault.kind not in DELIVERIES
                and _concerns(fault.kind, method, path, actor)
                and bool(re.fullmatch(fault.where.method or ".*", method))
                and bool(re.search(fault.where.path, path))
            )

        found = self._choose(matches, f"{method} {path}")
        return found.fault if found else None

    def for_delivery(self, event: str) -> Armed | None:
        """Choose what goes wrong with a delivery of `event` or `event.action`, if anything."""
        name = event.partition(".")[0]

        def matches(fault: Fault) -> bool:
            wanted = fault.where.event or ".*"
            return fault.kind in DELIVERIES and any(re.fullmatch(wanted, it) for it in (event, name))

        return self._choose(matches, event)

    def _choose(self, matches: Callable[[Fault], bool], what: str) -> Armed | None:
        """Let every fault that matches count this one, and the first that wants it have it."""
        matching = [armed for armed in self._armed if matches(armed.fault)]
        wanting = [armed for armed in matching if armed.wants(what)]
        if not wanting:
            return None
        wanting[0].given += 1
        return wanting[0]


def _concerns(kind: Kind, method: str, path: str, actor: str) -> bool:
    """Whether the kind can do anything to such a call."""
    match kind:
        case Kind.STALE_READ:
            return method in READS
        case Kind.PUSH_UNSEEN:
            return method in READS | {"POST"} and bool(PULLS.search(path))
        case Kind.NOT_FOUND_YET:
            return method == "POST"
        case Kind.CLOCK_SKEW:
            return actor == "app"
        case Kind.TOKEN_EXPIRED:
            return bool(actor)  # git asks without a token first
        case _:
            return True
