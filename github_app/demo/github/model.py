"""What the local GitHub remembers: frozen records; a change replaces the record."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

Json = dict[str, Any]
LEVELS = ("none", "read", "write", "admin")
"""Access levels of an App's permissions, weakest first."""
ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""Roles of a person in a repository, weakest first."""


def new_private_key() -> str:
    """Make an RSA key as GitHub gives it to the owner of an App."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def public_key(pem: str) -> RSAPublicKey:
    """Return the half of an App's key that GitHub keeps."""
    key = load_pem_private_key(pem.encode(), password=None).public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("an App's key is an RSA key")
    return key


@dataclass(frozen=True, slots=True)
class AppRegistration:
    """A GitHub App as it was registered."""

    id: int
    slug: str
    name: str
    private_key_pem: str = field(default_factory=new_private_key, repr=False)
    webhook_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    webhook_url: str = ""
    """Where webhooks go; empty for nowhere."""
    permissions: Mapping[str, str] = field(default_factory=dict[str, str])
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppManifest:
    """What somebody wants an App to be."""

    name: str
    webhook_url: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """An account: a person, or the bot user of an App."""

    id: int
    login: str
    type: str = "User"


@dataclass(frozen=True, slots=True)
class Installation:
    """The App on one owner's repositories."""

    id: int
    account: User
    repository_ids: frozenset[int]
    permissions: Mapping[str, str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """An installation access token: what it opens, and until when."""

    value: str = field(repr=False)
    installation_id: int
    repository_ids: frozenset[int]
    permissions: Mapping[str, str]
    expires_at: datetime
    narrowed: bool = False
    """Made for some of the installation's repositories."""

    def allows(self, need: str) -> bool:
        """Whether a need such as `issues:write` is covered."""
        name, level = need.split(":")
        granted = "read" if name == "metadata" else self.permissions.get(name, "none")
        return LEVELS.index(granted) >= LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class Label:
    """A label a repository knows."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """What a pull request has beyond an issue."""

    id: int
    head: str
    base: str
    head_sha: str
    """As of the last push; the branch may be gone since."""
    base_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_sha: str | None = None
    reviewers: tuple[User, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, or the issue side of a pull request."""

    id: int
    number: int
    title: str
    body: str
    user: User
    created_at: datetime
    updated_at: datetime
    labels: tuple[str, ...] = ()
    assignees: tuple[User, ...] = ()
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: User | None = None
    pull: Pull | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on the conversation of an issue or pull request."""

    id: int
    number: int
    """Of the issue."""
    user: User
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Reaction:
    """One person's reaction to an issue or a comment."""

    id: int
    subject: tuple[str, int]
    """`("issue", number)` or `("comment", id)`."""
    user: User
    content: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CheckSuite:
    """The check runs of one App for one commit."""

    id: int
    app: AppRegistration
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check of a commit."""

    id: int
    suite_id: int
    app: AppRegistration
    name: str
    head_sha: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    output: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Status:
    """A commit status."""

    id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: User
    created_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Repository:
    """A repository: its own facts and the collections in it. Two are equal only when they are the same."""

    id: int
    owner: User
    name: str
    path: Path
    """The bare git repository."""
    created_at: datetime
    private: bool = False
    default_branch: str = "main"
    ci: str | None = None
    """The shell command of its CI."""
    roles: dict[int, str] = field(default_factory=dict[int, str])
    labels: dict[str, Label] = field(default_factory=dict[str, Label])
    """By lower-case name: GitHub's labels keep their case but are found without it."""
    issues: dict[int, Issue] = field(default_factory=dict[int, Issue])
    comments: dict[int, Comment] = field(default_factory=dict[int, Comment])
    reactions: dict[int, Reaction] = field(default_factory=dict[int, Reaction])
    check_suites: dict[int, CheckSuite] = field(default_factory=dict[int, CheckSuite])
    check_runs: dict[int, CheckRun] = field(default_factory=dict[int, CheckRun])
    statuses: list[Status] = field(default_factory=list[Status])

    @property
    def full_name(self) -> str:
        """The name people use: `owner/name`."""
        return f"{self.owner.login}/{self.name}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver one webhook."""

    id: int
    guid: str
    event: str
    action: str | None
    delivered_at: datetime
    duration: float
    status: str
    status_code: int
    redelivery: bool
    installation_id: int | None
    repository_id: int | None
    headers: Mapping[str, str]
    payload: bytes
    response: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request the App made, as it was answered."""

    method: str
    path: str
    status: int
    actor: str
    """`app`, `installation`, or empty for a request that proved nothing."""
    needs: tuple[str, ...]
    """The permissions that open this endpoint, any of them; empty when it needs none."""
    permissions: Mapping[str, str]
    """Of the token that was used."""
    at: datetime
