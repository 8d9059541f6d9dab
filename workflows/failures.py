"""Reading the errors of activities: what they mean for the work, and what people are told."""

from collections.abc import Sequence

from temporalio.exceptions import ActivityError, ApplicationError, FailureError, TimeoutError, TimeoutType  # noqa: A004

from workflows.failover import FailedRun
from workflows.model import Ending, Failure, Outcome

ADVICE = {
    Failure.AUTH_EXPIRED: "The operator has to renew the credentials; then put the label on again.",
    Failure.CONFIGURATION: "Correct that, then put the label on again.",
    Failure.RATE_LIMITED: "Put the label on again later.",
    Failure.QUOTA_EXHAUSTED: "Put the label on again when the quota is renewed.",
    Failure.TRANSIENT: "Put the label on again to retry.",
    Failure.TIMEOUT: "Put the label on again to retry.",
    Failure.PERMANENT: "When that is solved, put the label on again.",
    Failure.CONFLICT: "Put the label on again: the work then begins from what the branch holds now.",
    Failure.HOST_STOPPED: "Put the label on again to retry.",
    Failure.SECURITY_VIOLATION: "Look at what the agent tried before you put the label on again.",
}

BY_TYPE: dict[str | None, Failure] = {failure.value: failure for failure in Failure}
"""What the type of an `ApplicationError` says; one without a type, or with another, is not ours."""


def host_lost(error: ActivityError) -> bool:
    """Whether the step failed because its host is gone, not because of what it did."""
    match error.cause:
        case TimeoutError(type=TimeoutType.SCHEDULE_TO_START | TimeoutType.HEARTBEAT):
            return True
        case ApplicationError(type=Failure.HOST_STOPPED):
            return True
        case _:
            return False


def failed_run(error: ActivityError) -> FailedRun:
    """Read why an agent run failed."""
    match error.cause:
        case ApplicationError(type=kind, message=message, details=details) if kind in BY_TYPE:
            return FailedRun(BY_TYPE[kind], message, *_detail(details))
        case TimeoutError():
            return FailedRun(Failure.TIMEOUT, "the run took too long")
        case _:
            return FailedRun(Failure.PERMANENT, "the run broke down inside aidp")


def failed_outcome(error: FailureError) -> Outcome:
    """Put an error that ends the work into words; what only operators understand stays in the history."""
    cause = error.cause
    if isinstance(cause, FailureError) and not isinstance(cause, (ApplicationError, TimeoutError)):
        return failed_outcome(cause)
    match cause:
        case ApplicationError(type=kind, message=message) if kind in BY_TYPE:
            return Outcome(Ending.FAILED, message, ADVICE[BY_TYPE[kind]])
        case TimeoutError():
            return Outcome(Ending.FAILED, "a step took too long and was given up", ADVICE[Failure.TIMEOUT])
        case _:
            advice = "Put the label on again to retry; if it comes back, the operator finds the cause in Temporal."
            return Outcome(Ending.FAILED, "something broke inside aidp", advice)


def _detail(details: Sequence[object]) -> tuple[float | None, float]:
    """Read a `FailureDetail`, which comes out of a history as a plain dictionary: the reset, and how long it ran."""
    match details:
        case [{"retry_after_seconds": float() | int() | None as reset, "seconds": float() | int() as seconds}]:
            return reset, seconds
        case _:
            return None, 0.0
