"""What git's complaints mean: which `Failure` they are, and the words people get."""

from datetime import timedelta

from temporalio.exceptions import ApplicationError

from activities.process import Ended, Finished
from workflows.model import Failure
from workflows.ports import NEVER_RETRIED

SIGNS: tuple[tuple[Failure, tuple[str, ...]], ...] = (
    (Failure.AUTH_EXPIRED, ("could not read username", "could not read password")),
    (Failure.CONFIGURATION, ("returned error: 403", "permission to ", "hook declined", "refusing to allow")),
    (Failure.PERMANENT, ("repository not found", "' not found", "not appear to be a git repository", "cannot create")),
    (Failure.PERMANENT, ("remote ref does not exist", "invalid path", "unrelated histories")),
)
TOKEN_REFUSED = "authentication failed"  # noqa: S105  # git's words, no password
CHECKED_OUT = "refusing to update checked out branch"
NO_SUCH_PROGRAM = 127
TELLING = ("fatal:", "error:", "remote:", " !")
QUOTED_LINES = 4


class TokenRefusedError(ApplicationError):
    """Git was not let in with its token; final, unless another token or some patience may help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, type=Failure.AUTH_EXPIRED, non_retryable=True)


def failure(kind: Failure, message: str, retry_in: timedelta | None = None) -> ApplicationError:
    """Make the error that ends an activity."""
    return ApplicationError(message, type=kind, non_retryable=kind in NEVER_RETRIED, next_retry_delay=retry_in)


def git_failure(verb: str, finished: Finished, secret: str = "") -> ApplicationError:
    """Make the error for a git that did not do what it was asked."""
    said = finished.stderr.decode(errors="replace").strip()
    if secret:
        said = said.replace(secret, "***")
    if finished.ended is not Ended.EXITED:
        return failure(Failure.TRANSIENT, f"git {verb} was stopped after {finished.seconds:.0f} s.")
    if finished.exit_code == NO_SUCH_PROGRAM:
        return failure(Failure.CONFIGURATION, "git was not found on this host. Install it and try again.")
    if CHECKED_OUT in said:
        return failure(Failure.PERMANENT, "The branch is checked out in the project. Switch to another and try again.")
    message = f"git {verb} failed: {_gist(said)}"
    if TOKEN_REFUSED in said.lower():
        return TokenRefusedError(message)
    return failure(_kind(said.lower()), message)


def _gist(said: str) -> str:
    """Quote the lines that say what is wrong, and not those that guess at why."""
    lines = said.splitlines()
    return "\n".join(([line for line in lines if line.startswith(TELLING)] or lines)[-QUOTED_LINES:])


def _kind(said: str) -> Failure:
    """Sort a complaint; what is not known to need somebody is tried again."""
    return next((kind for kind, signs in SIGNS if any(sign in said for sign in signs)), Failure.TRANSIENT)
