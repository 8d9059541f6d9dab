"""Everything the local GitHub knows, and how each part of it reaches the others."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from github_app.demo.github.background import Background
from github_app.demo.github.faults import Faults
from github_app.demo.github.git import Git
from github_app.demo.github.model import (
    AppManifest,
    AppRegistration,
    Call,
    Delivery,
    Installation,
    Repository,
    Token,
    User,
    public_key,
)

LOCAL_CI = AppRegistration(
    15368,
    "github-actions",
    "GitHub Actions",
    private_key_pem="",
    webhook_secret="",
    permissions={"checks": "write"},
    events=("push",),
)
"""The CI runs in the name of the App that it is on GitHub."""


class RefusedError(Exception):
    """The request is answered with an error, in GitHub's words."""

    def __init__(self, status: int, message: str, *errors: dict[str, str] | str) -> None:
        super().__init__(status, message)
        self.status, self.message, self.errors = status, message, errors


class MovedError(RefusedError):
    """What was asked for is elsewhere now."""

    def __init__(self, location: str) -> None:
        super().__init__(301, "Moved Permanently")
        self.location = location


def not_found() -> RefusedError:
    """Say what GitHub says of everything that is not there, or not for you."""
    return RefusedError(404, "Not Found")


def invalid(resource: str, message: str, field_name: str = "") -> RefusedError:
    """Refuse a request whose content makes no sense."""
    where = {"field": field_name} if field_name else {}
    return RefusedError(422, "Validation Failed", {"resource": resource, "code": "custom", **where, "message": message})


def invalid_value(resource: str, field_name: str) -> RefusedError:
    """Refuse a value that GitHub says no more about."""
    return RefusedError(422, "Validation Failed", {"resource": resource, "field": field_name, "code": "invalid"})


def unprocessable(*reasons: str) -> RefusedError:
    """Refuse a request that GitHub explains in plain words."""
    return RefusedError(422, "Unprocessable Entity", " and ".join(reasons))


@dataclass(slots=True)
class World:
    """The state. It changes only through the operations in this package, which also send the webhooks."""

    root: Path
    app: AppRegistration
    public_key: RSAPublicKey = field(init=False)
    """What the App's JWTs are checked with; to read it from the PEM each time would be slower than all the rest."""
    url: str = "http://127.0.0.1"
    hook_url: str = ""
    clock_offset: timedelta = timedelta()
    """Moves the clock: tokens expire when it jumps an hour."""
    users: dict[str, User] = field(default_factory=dict[str, User])
    repositories: dict[int, Repository] = field(default_factory=dict[int, Repository])
    former_names: dict[str, int] = field(default_factory=dict[str, int])
    """The ids of repositories by the names they had, in lower case."""
    installations: dict[int, Installation] = field(default_factory=dict[int, Installation])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token])
    manifests: dict[str, AppManifest] = field(default_factory=dict[str, AppManifest])
    """Of Apps whose owners have not fetched their credentials yet, by code."""
    downloads: dict[str, str] = field(default_factory=dict[str, str])
    """Texts that somebody was given a link to, by the secret in the link."""
    deliveries: list[Delivery] = field(default_factory=list[Delivery])
    calls: list[Call] = field(default_factory=list[Call])
    faults: Faults = field(default_factory=Faults)
    unknown_routes: list[str] = field(default_factory=list[str])
    spent: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    """Calls by actor and hour, for the rate limit."""
    background: Background = field(default_factory=Background)
    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Deliveries queue here: its waiters are served first come, first served, so webhooks keep the order of events."""
    pushing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One push at a time, so that what moved is known for certain."""
    born: datetime = field(default_factory=lambda: datetime.now(UTC))
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    def __post_init__(self) -> None:
        self.public_key = public_key(self.app.private_key_pem)

    def now(self) -> datetime:
        """Return the time by this GitHub's clock, to the second as GitHub tells it."""
        return self.moment().replace(microsecond=0)

    def moment(self) -> datetime:
        """Return the same to the microsecond, as nobody outside gets it."""
        return datetime.now(UTC) + self.clock_offset

    def next_id(self) -> int:
        """Return a number that nothing else has."""
        return next(self.ids)

    @property
    def bot(self) -> User:
        """The user in whose name the App acts."""
        return self.users[f"{self.app.slug}[bot]"]

    def user(self, login: str) -> User:
        """Find an account by login."""
        if found := self.users.get(login.lower()):
            return found
        raise not_found()

    def repository(self, full_name: str) -> Repository:
        """Find a repository by `owner/name`, whatever its case."""
        for found in self.repositories.values():
            if found.full_name.lower() == full_name.lower():
                return found
        raise not_found()

    def wherever(self, full_name: str) -> Repository:
        """Find a repository by its name or one it had."""
        former = self.repositories.get(self.former_names.get(full_name.lower(), 0))
        return former if former and not self._named(full_name) else self.repository(full_name)

    def _named(self, full_name: str) -> bool:
        return any(it.full_name.lower() == full_name.lower() for it in self.repositories.values())

    def git(self, repository: Repository) -> Git:
        """Open the repository's git side."""
        return Git(repository.path)

    def role(self, repository: Repository, user: User) -> str:
        """Return what a person may do there; everyone may read what is public."""
        if user.id == repository.owner.id:
            return "admin"
        return repository.roles.get(user.id, "none" if repository.private else "read")

    def installation_of(self, repository: Repository) -> Installation | None:
        """Find the installation that covers a repository."""
        for found in self.installations.values():
            if repository.id in found.repository_ids:
                return found
        return None

    def register(self, app: AppRegistration) -> None:
        """Make this the App that is asked for; its bot is a user from now on."""
        self.app, self.public_key, self.hook_url = app, public_key(app.private_key_pem), app.webhook_url
        bot = User(self.next_id(), f"{app.slug}[bot]", "Bot")
        self.users[bot.login.lower()] = bot

    def cover(self, installation: Installation, repository: Repository) -> Installation:
        """Give the App one more repository of the same owner."""
        covered = installation.repository_ids | {repository.id}
        changed = replace(installation, repository_ids=covered)
        self.installations[installation.id] = changed
        return changed
