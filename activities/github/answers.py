"""The few fields we read of GitHub's answers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App, as itself or as the author of a comment."""

    id: int
    slug: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A person, or an App's bot."""

    id: int
    login: str
    type: str = "User"


@dataclass(frozen=True, slots=True)
class Label:
    """A label on an issue."""

    name: str


@dataclass(frozen=True, slots=True)
class IssueAnswer:
    """An issue or pull request; `user` is null when the account was deleted."""

    title: str
    state: str
    html_url: str
    body: str | None = None
    user: User | None = None
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue or in a pull request's conversation."""

    id: int
    body: str | None = None
    user: User | None = None
    performed_via_github_app: App | None = None


@dataclass(frozen=True, slots=True)
class Collaborator:
    """What a person may do in a repository; `role_name` is finer than `permission`, or an organization's own."""

    permission: str
    role_name: str = ""
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """A file of the default branch."""

    content: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest commit of a pull request."""

    sha: str


@dataclass(frozen=True, slots=True)
class PullRequestAnswer:
    """A pull request."""

    number: int
    html_url: str
    title: str
    head: Head
    body: str | None = None


@dataclass(frozen=True, slots=True)
class RepositoryName:
    """Where a repository is now; ids stay, names move."""

    full_name: str


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """A fresh token, and what it is for."""

    token: str
    expires_at: datetime
    repositories: tuple[RepositoryName, ...]
