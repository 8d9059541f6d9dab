"""Reading the errors of activities: what they mean for the work, and what people are told."""

from collections.abc import Sequence
from dataclasses import replace

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    TimeoutError,  # noqa: A004
    TimeoutType,
    is_cancelled_exception,
)

from workflows.advice import ON_GITHUB, Advisor
from workflows.failover import FailedRun
from workflows.model import Ending, Failure, Outcome, Usage

ADVICE = {
    Failure.AUTH_EXPIRED: "The operator has to renew the credentials; then {again}.",
    Failure.CONFIGURATION: "Correct that, then {again}.",
    Failure.RATE_LIMITED: "{Again} later.",
    Failure.QUOTA_EXHAUSTED: "{Again} when the quota is renewed.",
    Failure.TRANSIENT: "{Again} to retry.",
    Failure.TIMEOUT: "{Again} to retry.",
    Failure.PERMANENT: "When that is solved, {again}.",
    Failure.CONFLICT: "{Again}: the work then begins from what the branch holds now.",
    Failure.HOST_STOPPED: "{Again} to retry.",
    Failure.NOT_BEGUN: "{Again} to retry.",
    Failure.SECURITY_VIOLATION: "Look at what the agent tried before you {again}.",
}
"""Said by an `Advisor`."""

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


def was_stopped(error: BaseException) -> bool:
    """Whether a run ended because we stopped it: the agent, or the wait for its turn."""
    match error:
        case ActivityError(cause=ApplicationError(type=Failure.NOT_BEGUN)):
            return True
        case _:
            return is_cancelled_exception(error)


def tells_itself(error: ActivityError) -> bool:
    """Whether a run that failed says what it used; one that took too long, or broke down inside aidp, can not."""
    return isinstance(error.cause, ApplicationError) and error.cause.type in BY_TYPE


def longest_run(error: ActivityError, elapsed: float) -> float:
    """Tell how long an agent has run at most that does not say so itself, so long after it was asked."""
    match error.cause:
        case ApplicationError(type=Failure.NOT_BEGUN) | ApplicationError(type=Failure.HOST_STOPPED, details=[_]):
            return 0.0
        case TimeoutError(last_heartbeat_details=[{"seconds": float() | int() as waited}]):
            return max(elapsed - waited, 0.0)
        case _:
            return elapsed


def failed_run(error: ActivityError) -> FailedRun:
    """Read why an agent run failed."""
    match error.cause:
        case ApplicationError(type=kind, message=message, details=details) if kind in BY_TYPE:
            return _with_details(FailedRun(BY_TYPE[kind], message), details)
        case TimeoutError():
            return FailedRun(Failure.TIMEOUT, "the run took too long")
        case _:
            return FailedRun(Failure.PERMANENT, "the run broke down inside aidp")


def failed_outcome(error: FailureError, advisor: Advisor = ON_GITHUB) -> Outcome:
    """Put an error that ends the work into words; what only operators understand stays in the history."""
    cause = error.cause
    if isinstance(cause, FailureError) and not isinstance(cause, (ApplicationError, TimeoutError)):
        return failed_outcome(cause, advisor)
    match cause:
        case ApplicationError(type=kind, message=message) if kind in BY_TYPE:
            return Outcome(Ending.FAILED, message, advisor.say(ADVICE[BY_TYPE[kind]]))
        case TimeoutError():
            return Outcome(Ending.FAILED, "a step took too long and was given up", advisor.say(ADVICE[Failure.TIMEOUT]))
        case _:
            advice = "{Again} to retry; if it comes back, the operator finds the cause in Temporal."
            return Outcome(Ending.FAILED, "something broke inside aidp", advisor.say(advice))


def _with_details(failed: FailedRun, details: Sequence[object]) -> FailedRun:
    """Read a `FailureDetail`, which comes out of a history as a plain dictionary."""
    match details:
        case [
            {
                "retry_after_seconds": float() | int() | None as reset,
                "seconds": float() | int() as seconds,
                "usage": {
                    "input_tokens": int() | None as read,
                    "output_tokens": int() | None as written,
                    "cost_usd": float() | int() | None as usd,
                },
                "model": str() as model,
            }
        ]:
            return replace(failed, retry_after=reset, seconds=seconds, usage=Usage(read, written, usd), model=model)
        case _:
            return failed
