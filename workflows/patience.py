"""How long something may take and how often it is tried again: every value in one place, each with its reason.

A time-out that is too short repeats work that was fine; one that is too long lets people wait for what is dead. No
workflow has an execution time-out and no step a schedule-to-close one: paused and queued work may wait for as long as
people want, and what bounds it are the iterations, the budget and the limits below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Retry:
    """How a step is tried again; each pause is twice as long as the one before."""

    why: str
    longest: timedelta = MINUTE
    """Between two attempts."""
    attempts: int = 0
    """0 for no end."""

    def policy(self, never: Sequence[str] = ()) -> RetryPolicy:
        """Say it in Temporal's words; errors of these types are final."""
        return RetryPolicy(
            initial_interval=SECOND,
            maximum_interval=self.longest,
            maximum_attempts=self.attempts,
            non_retryable_error_types=never,
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take."""

    time: timedelta
    why: str


# --- steps ------------------------------------------------------------------------------------------------------------

HTTP_CALL = Limit(20 * SECOND, "GitHub gives up what takes it 10 s; the rest is for the way there and back")
API_CALL = Limit(60 * SECOND, "a paginated read of a busy issue takes this long")
API_RETRY = Retry("an outage of GitHub is waited out, not answered with a failure", longest=5 * MINUTE)
EYES = Limit(2 * SECOND, "people see first that a command was heard; GitHub's trouble with that holds no command up")
READS_LAG = Limit(5 * SECOND, "what a webhook tells of, GitHub's lists and reads may not show at once")

DELIVERY_LOG = Limit(2 * HOUR, "after days of being down the log has thousands of pages, read at one a second")
DELIVERY_PAGE = Limit(60 * SECOND, "the sweep beats with every page and every webhook it asks for")

LOOK = Limit(15 * MINUTE, "after an outage it reads all that was written; over ten thousand runs it takes minutes, too")
LOOK_RETRY = Retry("the next look comes within minutes; what can not be read now holds up no other", attempts=3)
LISTING_RETRY = Retry(
    "longer than a new App may be unknown to GitHub: after that it says what is wrong", longest=3 * SECOND, attempts=12
)
LOOK_AGAIN = Limit(5 * MINUTE, "for who waits out GitHub's trouble with one repository: as rarely as any other look")
LOOK_PART = Limit(2 * MINUTE, "it beats with every repository, and with every fifty runs")

LEDGER_CALL = Limit(30 * SECOND, "one update of a small workflow")
LEDGER_RETRY = Retry("without an end: work that can not be counted does not go on")

OPEN_WORKSPACE = Limit(15 * MINUTE, "the first clone of a large repository")
HOST_STEP = Limit(15 * MINUTE, "git and file work on a slow disk; agents and checks have limits of their own")
HOST_RETRY = Retry("some 15 minutes: a restart of the remote or of the network is over by then", attempts=20)

HEARTBEAT = Limit(15 * SECOND, "a living host beats every few seconds, so a dead one is replaced within moments")
HOST_ABSENT = Limit(5 * MINUTE, "longer than a restart of the host's worker; after that the work moves to another host")

AGENT_RETRY = Retry("never blindly: a failed run leaves a dirty tree, and the loop decides who goes on", attempts=1)
AGENT_SLOT = Limit(24 * HOUR, "a run waits for its host's turn inside the activity; heartbeats say that the host lives")
AGENT_RUN = Limit(HOUR, "an agent needs minutes; one that takes an hour goes in circles")
AGENT_SILENCE = Limit(
    10 * MINUTE, "agents print while they work; one that prints nothing for so long is taken for dead"
)

CHECKS_OVERHEAD = Limit(
    60 * SECOND, "starting, stopping and reading what checks print, beside the commands' own limits"
)

# --- agents that fail -------------------------------------------------------------------------------------------------

TRANSIENT_PAUSES = (1.0, 4.0)
"""Seconds before each further attempt at the same provider: an overloaded model server needs seconds, not minutes.
When the attempt after the last pause fails, too, the next provider has its turn."""
SHORTEST_RESET = Limit(SECOND, "a limit that is said to be over already is met again if it is asked at once")
UNKNOWN_RESET = Limit(HOUR, "most limits that name no reset are hourly, or end within a few hours")
BREAKER_FAILURES = 5
"""In a row, by all loops of a host, before a provider is left alone: fewer are bad luck."""
BREAKER_OPEN = Limit(5 * MINUTE, "a service that is down comes back in minutes, and each try costs a loop its time")
BREAKER_TRIAL = Limit(MINUTE, "when to ask again while one run tries whether the provider is well")

# --- people -----------------------------------------------------------------------------------------------------------

LONGEST_PAUSE = Limit(timedelta(days=30), "what is held for longer is forgotten; it can be paused without an end")
