"""The installation tokens at hand: kept while they are good, and what it means when git is refused with one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity

from activities.github.answers import InstallationToken
from activities.github.errors import LOOK_AGAIN, may_still_appear
from activities.github.grants import Grant
from activities.workspaces.git import Remote

EXPIRY_MARGIN = timedelta(minutes=5)  # longer than any step with the token takes
SETTLES_WITHIN = timedelta(seconds=6)  # GitHub's own client gives a new token five to be known everywhere
FIRST_ATTEMPTS = 2  # one may find that the token at hand is over, one that the new one is not known yet


@dataclass(frozen=True, slots=True)
class Scope:
    """One repository of one installation, for one kind of step."""

    installation_id: int
    repository_id: int | None
    """`None` for all that the installation reaches, which only reconciliation asks for, to read."""
    grant: Grant


class Tokens:
    """One token for each scope, by GitHub's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: dict[Scope, InstallationToken] = {}

    def find(self, scope: Scope) -> InstallationToken | None:
        """Return the token of this scope, if it is good for some minutes."""
        token = self._kept.get(scope)
        return token if token and self._fresh(token) else None

    def keep(self, scope: Scope, token: InstallationToken) -> None:
        """Take a token in, and let go of those that are over."""
        self._kept = {kept: old for kept, old in self._kept.items() if self._fresh(old)} | {scope: token}

    def forget(self, scope: Scope) -> None:
        """Do not use the token of this scope again."""
        self._kept.pop(scope, None)

    def refused(self, remote: Remote) -> timedelta | None:
        """Give a new token time, forget any other; tell how soon to try again, nothing once a new one had its time."""
        if remote.is_new and _is_early():
            return SETTLES_WITHIN
        self._kept = {scope: token for scope, token in self._kept.items() if token.token != remote.token}
        return None if remote.is_new else LOOK_AGAIN

    def _fresh(self, token: InstallationToken) -> bool:
        return token.expires_at - self._now() > EXPIRY_MARGIN


def _is_early() -> bool:
    """Whether the step is young, or had to wait and has hardly been tried."""
    return may_still_appear() or (activity.in_activity() and activity.info().attempt <= FIRST_ATTEMPTS)
