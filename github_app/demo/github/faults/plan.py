"""What is to go wrong, where and when: frozen, and the same as JSON."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

MOST_COPIES = 5


class Kind(StrEnum):
    """What can go wrong; `faults/__init__.py` says what each imitates."""

    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    UNAVAILABLE = "unavailable"
    SECONDARY_LIMIT = "secondary_limit"
    TOO_MANY_REQUESTS = "too_many_requests"
    PRIMARY_LIMIT = "primary_limit"
    TIMEOUT = "timeout"
    CONNECTION_RESET = "connection_reset"
    TRUNCATED = "truncated"
    NOT_FOUND_YET = "not_found_yet"
    STALE_READ = "stale_read"
    PUSH_UNSEEN = "push_unseen"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  # a kind, no password
    CLOCK_SKEW = "clock_skew"
    DELIVERY_LOST = "delivery_lost"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERY_DUPLICATED = "delivery_duplicated"
    DELIVERY_REDELIVERED = "delivery_redelivered"
    DELIVERY_DELAYED = "delivery_delayed"
    DELIVERIES_REORDERED = "deliveries_reordered"


LIMITS = frozenset({Kind.SECONDARY_LIMIT, Kind.TOO_MANY_REQUESTS, Kind.PRIMARY_LIMIT})
"""GitHub names a time, before which nobody may call."""
ANSWERS_LOST = LIMITS | {
    Kind.SERVER_ERROR,
    Kind.BAD_GATEWAY,
    Kind.UNAVAILABLE,
    Kind.TIMEOUT,
    Kind.CONNECTION_RESET,
    Kind.TRUNCATED,
}
"""Instead of the answer there is trouble; whether the request was carried out is another question."""
DELIVERIES = frozenset(kind for kind in Kind if kind.startswith("deliver"))


@dataclass(frozen=True, slots=True)
class Where:
    """Which calls or deliveries: all, unless something is named. All three are regular expressions."""

    method: str = ""
    """The whole method: `POST|PATCH`."""
    path: str = ""
    """Some part of the path: `/comments$`."""
    event: str = ""
    """The whole event, as `issues` or `issues.labeled`; for deliveries only."""


@dataclass(frozen=True, slots=True)
class When:
    """Which of those that match: the next one, unless something else is said."""

    nth: int = 1
    """The first that may be hit, counted from 1."""
    count: int | None = 1
    """How many are hit; `None` for no end."""
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    kind: Kind
    where: Where = field(default_factory=Where)
    when: When = field(default_factory=When)
    after_commit: bool = False
    """The request is carried out, and only its answer lost."""
    seconds: float | None = None
    """How long: until another call is allowed, until a hanging call ends, how far a clock is off, ..."""
    times: int = 1
    """How often: further copies, deliveries held back together, calls that do not find what was created."""
    status: int = 0
    """What the receiver of a failed delivery seems to have answered; 0 for a refused connection."""

    def __post_init__(self) -> None:
        if wrong := next(_mistakes(self), ""):
            raise ValueError(f"{self.kind}: {wrong}")


@dataclass(frozen=True, slots=True)
class Limits:
    """GitHub's secondary limit on content: how many writes an installation may make."""

    per_minute: int = 80
    per_hour: int = 500


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """A whole bad day. The same seed and the same calls meet the same faults."""

    seed: int = 0
    faults: tuple[Fault, ...] = ()
    limits: Limits | None = None
    """Refuse writes beyond these, as GitHub does; `None` to allow any number."""


class FaultPlanError(ValueError):
    """The plan can not be followed; the text says which part of it."""


def read_plan(source: str | bytes) -> FaultPlan:
    """Read a plan from JSON."""
    try:
        return TypeAdapter(FaultPlan).validate_json(source, extra="forbid")
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, it['loc'])) or 'plan'}: {it['msg']}" for it in error.errors()]
        raise FaultPlanError("; ".join(problems)) from None


def _mistakes(fault: Fault) -> Iterator[str]:
    """Find everything about a fault that could never happen."""
    for name in ("method", "path", "event"):
        try:
            re.compile(getattr(fault.where, name))
        except re.error as error:
            yield f"where.{name} is no regular expression: {error}"
    yield from _unfit(fault)
    if fault.when.nth < 1 or (fault.when.count or 1) < 1:
        yield "when.nth and when.count begin at 1; without an end when.count is null"
    if not 0 < fault.when.probability <= 1:
        yield "when.probability is above 0 and at most 1"


def _unfit(fault: Fault) -> Iterator[str]:
    if fault.kind in DELIVERIES and (fault.where.method or fault.where.path):
        yield "deliveries are chosen by where.event, not by method and path"
    if fault.kind not in DELIVERIES and fault.where.event:
        yield "calls are chosen by where.method and where.path, not by event"
    if fault.after_commit and fault.kind not in ANSWERS_LOST:
        yield "after_commit is for faults that lose an answer"
    if fault.kind in LIMITS and not float(fault.seconds or 0).is_integer():
        yield "GitHub names whole seconds"
    if not 1 <= fault.times <= MOST_COPIES and fault.kind in (Kind.DELIVERY_DUPLICATED, Kind.DELIVERY_REDELIVERED):
        yield f"times is 1 to {MOST_COPIES}"
    if fault.kind is Kind.DELIVERIES_REORDERED and not 1 < fault.times <= (fault.when.count or fault.times):
        yield "times is how many are held back together: 2 or more, and no more than when.count"
