"""A bad day at GitHub: a little of all that an App must live with, and nothing that keeps people waiting long."""

from github_app.demo.github.faults.plan import Fault, FaultPlan, Kind, When, Where

CALLS = "/repos/"
WRITES = Where("POST|PATCH|PUT|DELETE", CALLS)


def bad_day(seed: int) -> FaultPlan:
    """Plan one; the same seed gives the same day. Deliveries fail, but none is lost without a trace."""
    return FaultPlan(
        seed,
        faults=(
            Fault(Kind.DELIVERY_FAILED, when=_now_and_then(0.1)),
            Fault(Kind.DELIVERY_DUPLICATED, when=_now_and_then(0.2), times=2),
            Fault(Kind.DELIVERY_REDELIVERED, when=_now_and_then(0.1)),
            Fault(Kind.DELIVERIES_REORDERED, when=_now_and_then(0.2), times=2, seconds=1),
            Fault(Kind.BAD_GATEWAY, Where(path=CALLS), _now_and_then(0.05)),
            Fault(Kind.BAD_GATEWAY, WRITES, _now_and_then(0.05), after_commit=True),
            Fault(Kind.CONNECTION_RESET, WRITES, _now_and_then(0.05), after_commit=True),
            Fault(Kind.TRUNCATED, WRITES, _now_and_then(0.03), after_commit=True),
            Fault(Kind.TIMEOUT, WRITES, _now_and_then(0.02), after_commit=True, seconds=2),
            Fault(Kind.SECONDARY_LIMIT, WRITES, _now_and_then(0.03), seconds=2),
            Fault(Kind.STALE_READ, Where(path=CALLS), _now_and_then(0.05)),
            Fault(Kind.NOT_FOUND_YET, WRITES, _now_and_then(0.05)),
            Fault(Kind.TOKEN_EXPIRED, Where(path=CALLS), _now_and_then(0.03)),
        ),
    )


def _now_and_then(probability: float) -> When:
    return When(count=None, probability=probability)
