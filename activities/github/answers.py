"""The few fields we read of GitHub's answers."""

from collections.abc import Mapping
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
    pull_request: Mapping[str, object] | None = None
    """Where its other side is, if it is a pull request."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue or in a pull request's conversation."""

    id: int
    body: str | None = None
    user: User | None = None
    performed_via_github_app: App | None = None
    html_url: str = ""


@dataclass(frozen=True, slots=True)
class RelatedIssue:
    """An issue as a part of another, or in its way."""

    id: int
    number: int
    title: str
    state: str
    body: str | None = None
    user: User | None = None


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
class Entry:
    """A file or folder in a folder of the default branch."""

    name: str
    path: str
    type: str


@dataclass(frozen=True, slots=True)
class RepositoryId:
    """A repository, by what stays the same."""

    id: int


@dataclass(frozen=True, slots=True)
class CommitAnswer:
    """A commit of a pull request."""

    sha: str


@dataclass(frozen=True, slots=True)
class Head:
    """One side of a pull request: a branch and its newest commit; the repository is null when it was deleted."""

    sha: str
    ref: str = ""
    repo: RepositoryId | None = None


@dataclass(frozen=True, slots=True)
class PullRequestAnswer:
    """A pull request; lists leave out whether it is merged and can be."""

    number: int
    html_url: str
    title: str
    head: Head
    base: Head
    state: str
    node_id: str
    body: str | None = None
    user: User | None = None
    draft: bool = False
    merged: bool = False
    mergeable: bool | None = None
    labels: tuple[Label, ...] = ()
    requested_reviewers: tuple[User, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """A review of a pull request; `commit_id` is null when the commit is gone."""

    id: int
    state: str
    html_url: str
    body: str | None = None
    user: User | None = None
    commit_id: str | None = None


@dataclass(frozen=True, slots=True)
class LineComment:
    """A comment on a line of a diff."""

    id: int
    body: str
    user: User | None = None


@dataclass(frozen=True, slots=True)
class CheckOutput:
    """What a check run says of itself."""

    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations_count: int = 0


@dataclass(frozen=True, slots=True)
class CheckRunAnswer:
    """A check run."""

    id: int
    name: str
    status: str
    conclusion: str | None = None
    external_id: str | None = None
    html_url: str | None = None
    details_url: str | None = None
    app: App | None = None
    output: CheckOutput = CheckOutput()


@dataclass(frozen=True, slots=True)
class CheckRuns:
    """A page of check runs."""

    check_runs: tuple[CheckRunAnswer, ...]


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """A commit status."""

    context: str
    state: str
    description: str | None = None
    target_url: str | None = None


@dataclass(frozen=True, slots=True)
class CombinedStatus:
    """A page of the newest statuses of a commit."""

    statuses: tuple[StatusAnswer, ...]


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a check run says of a line."""

    path: str
    start_line: int
    message: str | None = None
    title: str | None = None
    annotation_level: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a job of GitHub Actions."""

    name: str
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobAnswer:
    """A job of GitHub Actions."""

    id: int
    run_id: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """A run of GitHub Actions."""

    id: int
    status: str | None = None


@dataclass(frozen=True, slots=True)
class RepositoryName:
    """Where a repository is now; ids stay, names move."""

    full_name: str


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """A fresh token, and what it is for."""

    token: str
    expires_at: datetime
    repositories: tuple[RepositoryName, ...] = ()
    """Not told when it is for all of an installation."""
