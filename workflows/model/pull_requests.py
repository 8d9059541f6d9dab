"""Pull requests as GitHub has them: their commits, their CI, and what people say in their reviews."""

from dataclasses import dataclass
from enum import StrEnum

from workflows.model.answers import Finding
from workflows.model.items import Actor, Item, Permission
from workflows.model.progress import Outcome
from workflows.model.requests import CommentRef
from workflows.model.work import CheckResult


@dataclass(frozen=True, slots=True)
class PullRequestState:
    """A pull request as it is now."""

    number: int
    title: str
    body: str
    open: bool
    merged: bool
    draft: bool
    author: Actor
    head_branch: str
    head_sha: str
    base_branch: str
    base_sha: str
    url: str
    labels: tuple[str, ...] = ()
    fork: bool = False
    """Its branch is in another repository: we can look at it and comment on it, no more."""
    ours: bool = False
    """Our App opened it."""
    issue: int = 0
    """The issue it resolves, if it is ours and says so; 0 for none."""
    conflicts: bool | None = None
    """Whether it conflicts with its base; `None` while GitHub does not know yet."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a repository."""

    item: Item
    """On whose behalf it is looked at."""
    sha: str
    base_branch: str = ""
    """Where it is to be merged; decides which checks are required."""


class CiVerdict(StrEnum):
    """What the checks of a commit say together."""

    NONE = "none"
    """There are no checks, and the settle time is over."""
    PENDING = "pending"
    GREEN = "green"
    RED = "red"
    STUCK = "stuck"
    """A person has to act: a check waits for an approval."""


@dataclass(frozen=True, slots=True)
class CiCheck:
    """One check run or commit status of the commit, ours left out."""

    name: str
    conclusion: str
    """As GitHub has it; empty while it runs. A status' state is translated to a check's conclusion."""
    required: bool = True
    """Whether a merge waits for it; all are, where no rule says which."""
    url: str = ""
    run: int = 0
    """Id of its GitHub Actions run; 0 for other CI."""
    job: int = 0
    check_run: int = 0
    summary: str = ""
    begun: bool = True
    """False where a merge waits for it and nothing has been heard of it yet."""


@dataclass(frozen=True, slots=True)
class CiState:
    """The CI of a commit."""

    sha: str
    checks: tuple[CiCheck, ...] = ()
    """At most 100; the failed ones first."""
    verdict: CiVerdict = CiVerdict.PENDING


@dataclass(frozen=True, slots=True)
class CiLogRequest:
    """Fetch what failed checks printed."""

    commit: Commit
    checks: tuple[CiCheck, ...]


@dataclass(frozen=True, slots=True)
class CiLog:
    """The telling part of one failed check's output."""

    name: str
    text: str
    """Cleaned of colours and times, at most 16 KB."""


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """Something a person wants changed: a thread on a line, or the body of a review."""

    id: int
    author: Actor
    permission: Permission
    text: str
    path: str = ""
    line: int = 0
    hunk: str = ""
    """The lines it is about."""
    thread: str = ""
    """GraphQL id of its thread; empty for a review's body."""
    surface_ref: CommentRef | None = None


@dataclass(frozen=True, slots=True)
class ThreadReply:
    """What became of a review comment, told in its thread."""

    comment: ReviewComment
    text: str
    resolved: bool
    key: str
    """Hidden identity: the same reply is never written twice."""


@dataclass(frozen=True, slots=True)
class ThreadReplies:
    """Replies to the review comments of one pull request."""

    item: Item
    replies: tuple[ThreadReply, ...]


@dataclass(frozen=True, slots=True)
class ReviewPost:
    """A review to write: once for each commit and key."""

    item: Item
    head_sha: str
    summary: str
    """Markdown of ours, before the findings that have no place on the diff."""
    findings: tuple[Finding, ...] = ()
    key: str = ""
    """What tells it from another review of the same commit; empty for the usual one."""


@dataclass(frozen=True, slots=True)
class PostedReview:
    """A review of ours on a pull request."""

    id: int
    head_sha: str
    url: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class ReviewerRequest:
    """Ask somebody for a review."""

    item: Item
    reviewer: Actor


class Button(StrEnum):
    """What can be pressed on our check run."""

    APPROVE = "approve"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class CheckRunReport:
    """Our check run on a commit: one for each processor and commit."""

    item: Item
    sha: str
    external_id: str
    """The processor: by this an earlier attempt's check run is found."""
    title: str
    summary: str = ""
    conclusion: str = ""
    """As GitHub names it; empty while the work goes on."""
    buttons: tuple[Button, ...] = ()
    """At most three."""
    comment_id: int = 0
    """The status comment, which has the details; 0 when there is none."""
    checks: tuple[CheckResult, ...] = ()
    """What the work itself has found last."""
    check_id: int = 0
    """The check run, once known; 0 makes the hand look for it."""


@dataclass(frozen=True, slots=True)
class Abandonment:
    """An end that work could not tell itself."""

    item: Item
    outcome: Outcome
