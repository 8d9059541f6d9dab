"""Turns a run that did not end well into an `AgentError`: its kind, and words for people.

Only what a *failed* run left is read here: its exit status, its stderr, its structured error. The transcript of a run
may speak of "401" or "rate limits" because that is what the code it works on is about.
"""

import signal
from datetime import UTC, datetime

from activities.agents.classification import classify
from activities.agents.provider import AgentError, Profile
from activities.agents.resets import seconds_until_reset
from activities.process import Ended, Finished
from workflows.model import Failure

NO_SUCH_PROGRAM = 127
LONGEST_DETAIL = 300

MESSAGES = {
    Failure.QUOTA_EXHAUSTED: "{name} has used up its quota: {detail}. Top up its account, or name another provider.",
    Failure.RATE_LIMITED: "{name} is rate limited: {detail}. Wait for the limit to reset, or name another provider.",
    Failure.AUTH_EXPIRED: "{name} is not logged in: {detail}. To log in, {login}.",
    Failure.CONFIGURATION: "{name} cannot run as it is set up: {detail}. Check its version, model and settings.",
    Failure.TRANSIENT: "{name} lost its model: {detail}. This mostly passes by itself; try again later.",
    Failure.TIMEOUT: "{name} was stopped: {detail}. Make the task smaller, or allow more time.",
    Failure.PERMANENT: "{name} did not end well: {detail}. The log of the run has the rest.",
}


def error(profile: Profile, failure: Failure, detail: str) -> AgentError:
    """Say this failure to a person, with the reset if the detail names one."""
    message = MESSAGES[failure].format(name=profile.name, detail=_short(detail), login=profile.login)
    return AgentError(failure, message, seconds_until_reset(detail, datetime.now(UTC)))


def reported(profile: Profile, detail: str, status: int | None = None) -> AgentError:
    """Take an error that the CLI itself reported."""
    return error(profile, classify(detail, status), detail)


def crashed(profile: Profile, finished: Finished) -> AgentError:
    """Take a run that ended without a result: if it failed, its stderr is all there is."""
    complaint = last_line(finished.stderr) if finished.exit_code else ""
    if not complaint and (name := _signal_name(finished.exit_code)):
        return error(profile, Failure.TRANSIENT, f"it was killed by {name}")
    return reported(profile, complaint or f"exit status {finished.exit_code} and no result")


def require_exit(profile: Profile, finished: Finished, retrying: str = "") -> None:
    """Raise unless the process ended by itself; `retrying` is the error over which it was still trying again."""
    match finished.ended:
        case Ended.EXITED if finished.exit_code != NO_SUCH_PROGRAM:
            return
        case Ended.EXITED:
            raise error(profile, Failure.CONFIGURATION, f"`{profile.binary}` is not installed ({profile.install})")
        case Ended.WALL_TIME | Ended.IDLE if retrying:
            raise reported(profile, retrying)
        case Ended.WALL_TIME:
            raise error(profile, Failure.TIMEOUT, f"it was not done after {finished.seconds:.0f} s")
        case Ended.IDLE:
            raise error(profile, Failure.TIMEOUT, f"it printed nothing for too long, {finished.seconds:.0f} s in")


def last_line(output: bytes) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if any(map(str.isalpha, line))), "")


def _signal_name(exit_code: int) -> str:
    try:
        return signal.Signals(exit_code - 128).name
    except ValueError:
        return ""


def _short(detail: str) -> str:
    words = " ".join(detail.split()).rstrip(".")
    return words if len(words) <= LONGEST_DETAIL else words[: LONGEST_DETAIL - 1] + "…"
