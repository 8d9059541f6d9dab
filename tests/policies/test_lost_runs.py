"""How long an agent has worked whose run did not say so: not while it waited, and never less than it may have."""

import pytest
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    FailureError,
    TimeoutError,  # noqa: A004
    TimeoutType,
)

from workflows.budget import spent_in_vain
from workflows.failures import longest_run, tells_itself
from workflows.model import Failure, FailureDetail, Spent

ELAPSED = 600.0
BEAT = {"seconds": 585}
WAITED = FailureDetail("claude")


def lost(*beat: object) -> FailureError:
    """Make the error of a host that was not heard of any more after this heartbeat."""
    return TimeoutError("lost", type=TimeoutType.HEARTBEAT, last_heartbeat_details=beat)


def ended(cause: FailureError) -> ActivityError:
    """Make the error of a run that ended for this reason."""
    error = ActivityError(
        "failed",
        scheduled_event_id=5,
        started_event_id=6,
        identity="host",
        activity_type="run_agent",
        activity_id="1",
        retry_state=None,
    )
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "seconds"),
    [
        (lost(), ELAPSED),
        (lost(BEAT), 15),
        (lost({"seconds": 601}), 0),
        (ApplicationError("stopping", type=Failure.HOST_STOPPED), ELAPSED),
        (ApplicationError("stopping", WAITED, type=Failure.HOST_STOPPED), 0),
        (ApplicationError("stopped", WAITED, type=Failure.NOT_BEGUN), 0),
        (CancelledError(), ELAPSED),
    ],
)
def test_a_run_is_as_long_as_it_may_have_been(cause: FailureError, seconds: float) -> None:
    """It says when it still waits; from its last word on, and where there is none, it has run as far as we know."""
    assert longest_run(ended(cause), ELAPSED) == seconds


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (ApplicationError("refused", WAITED, type=Failure.PERMANENT), True),
        (ApplicationError("No space left on device", type="OSError"), False),
        (TimeoutError("too long", type=TimeoutType.START_TO_CLOSE, last_heartbeat_details=()), False),
    ],
)
def test_a_run_that_could_say_nothing_has_run_all_the_time(cause: FailureError, *, told: bool) -> None:
    """An agent that failed says what it used; one that was cut off, or whose answer we lost, is not free for that."""
    assert tells_itself(ended(cause)) == told


def test_what_was_lost_in_the_queue_is_no_run_of_unknown_cost() -> None:
    """From its last word to the end of our patience there is no time for more than a refusal."""
    assert spent_in_vain(15) == Spent(seconds=15)
    assert spent_in_vain(ELAPSED).unpriced_runs == 1
