"""Pull requests and their reviews."""

from dataclasses import dataclass
from datetime import datetime

from github_app.demo.github.model.accounts import User


@dataclass(frozen=True, slots=True)
class Size:
    """How much a pull request changes, as git counts."""

    commits: int = 0
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0


@dataclass(frozen=True, slots=True)
class Pull:
    """What a pull request has beyond an issue."""

    id: int
    head: str
    base: str
    head_sha: str
    """As of the last push; the branch may be gone since."""
    base_sha: str
    head_repository: int
    """The id of the repository of the branch: this one, or a fork."""
    size: Size = Size()
    draft: bool = False
    maintainer_can_modify: bool = False
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_sha: str | None = None
    reviewers: tuple[User, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody thinks of a pull request at one commit."""

    id: int
    number: int
    """Of the pull request."""
    user: User
    body: str
    state: str
    """`COMMENTED`, `APPROVED`, `CHANGES_REQUESTED`, `DISMISSED` or `PENDING`."""
    commit_id: str
    submitted_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Spot:
    """The lines of a difference that a comment is about."""

    path: str
    line: int
    side: str = "RIGHT"
    start_line: int | None = None
    start_side: str | None = None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What the difference looked like there."""

    hunk: str
    position: int


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation about some lines."""

    id: int
    number: int
    """Of the pull request."""
    spot: Spot
    """As it was written."""
    excerpt: Excerpt
    commit_id: str
    """What it was written about."""
    here: Spot | None
    """Where these lines are now; nowhere, when they have changed since: the thread is outdated."""
    head_id: str
    """The last commit in which they were there."""
    resolved_by: User | None = None


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """One remark in a thread."""

    id: int
    review_id: int
    thread_id: int
    user: User
    body: str
    created_at: datetime
    updated_at: datetime
    in_reply_to: int | None = None
