"""Issues and their conversation."""

from dataclasses import dataclass
from datetime import datetime

from github_app.demo.github.model.accounts import User
from github_app.demo.github.model.pulls import Pull


@dataclass(frozen=True, slots=True)
class Label:
    """A label a repository knows."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """A label that was put on or taken off, or the item was closed or opened again."""

    id: int
    event: str
    actor: User
    created_at: datetime
    label: Label | None = None


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
    events: tuple[IssueEvent, ...] = ()
    """Oldest first."""


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
    """One person's reaction to an issue, a comment or a review."""

    id: int
    subject: tuple[str, int]
    """`("issue", number)`, or an id: `("comment", id)`, `("review_comment", id)`, `("review", id)`."""
    user: User
    content: str
    created_at: datetime
