"""Who and what on GitHub: items, people, webhooks and permissions."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from workflows.model.work import Source


@dataclass(frozen=True, slots=True)
class Item:
    """An issue or pull request, addressed by numbers that survive renames and transfers of its repository."""

    installation_id: int
    repository_id: int
    number: int

    @property
    def mailbox_id(self) -> str:
        """Workflow id of the item's mailbox."""
        return f"item:{self.repository_id}#{self.number}"

    @property
    def source(self) -> Source:
        """Where its code is."""
        return Source(self.installation_id, self.repository_id)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever did something on GitHub. Only `id` is identity; a login can be taken over."""

    id: int
    login: str


class Permission(IntEnum):
    """What GitHub lets a person do in a repository, weakest first."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True)
class Authority:
    """The question: what may this actor do in this item's repository, now?"""

    item: Item
    actor: Actor


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue or pull request as GitHub has it now. The body stays out of histories until it becomes a `Task`."""

    title: str
    body: str
    open: bool
    labels: tuple[str, ...]
    author: Actor
    url: str
    pull_request: bool = False

    @property
    def digest(self) -> str:
        """Changes with every edit of title or text."""
        return hashlib.sha256(f"{self.title}\0{self.body}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LabelChange:
    """Add these labels, take those off; both are no-ops where it is already so."""

    item: Item
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A comment that is written once: `key` is its hidden identity on the item."""

    item: Item
    key: str
    text: str
    addressee: Actor | None = None
    """Who is to be notified; mentions in the text itself notify nobody."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as GitHub has it."""

    number: int
    url: str
    head_sha: str
