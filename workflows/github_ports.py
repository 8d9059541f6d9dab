"""What workflows may ask of GitHub beyond the item itself: comments, plans, pull requests, CI, sub-issues.

Every write finds what an earlier attempt left before it creates anything. All of it runs with the options `ports.API`.
"""

from typing import Protocol

from temporalio import activity

from workflows.model import (
    Abandonment,
    Answered,
    CheckRunReport,
    CiLog,
    CiLogRequest,
    CiState,
    CommentRef,
    Commit,
    Delivery,
    Item,
    PlanPost,
    PostedReview,
    ProjectPost,
    PullRequestState,
    ReactionRequest,
    ReadComment,
    ReviewComment,
    ReviewerRequest,
    ReviewPost,
    SteeringRequest,
    SubIssue,
    SubIssueDraft,
    ThreadReplies,
    WrittenPlan,
)


class Comments(Protocol):
    """What people write, and our reactions to it."""

    @activity.defn
    async def read_comment(self, comment: CommentRef, /) -> ReadComment:
        """Read a comment as it is now, and the commands in it."""
        ...

    @activity.defn
    async def react(self, request: ReactionRequest, /) -> None:
        """React to a comment; one that is gone is let be."""
        ...


class Plans(Protocol):
    """The one plan comment of an issue, and the issues of a project."""

    @activity.defn
    async def write_plan(self, post: PlanPost, /) -> WrittenPlan:
        """Write the plan comment, or bring it up to date."""
        ...

    @activity.defn
    async def read_plan(self, item: Item, /) -> WrittenPlan | None:
        """Read the plan comment as it is now, whoever edited it."""
        ...

    @activity.defn
    async def open_sub_issue(self, draft: SubIssueDraft, /) -> SubIssue:
        """Open an issue for a part of a project, or find the one it has."""
        ...

    @activity.defn
    async def read_sub_issues(self, item: Item, /) -> tuple[SubIssue, ...]:
        """Read the sub-issues we have opened for a project."""
        ...

    @activity.defn
    async def write_project(self, post: ProjectPost, /) -> int:
        """Write the project's progress comment and return its id."""
        ...


class PullRequests(Protocol):
    """Pull requests, their reviews and their checks."""

    @activity.defn
    async def read_pull_request(self, item: Item, /) -> PullRequestState:
        """Read a pull request as it is now; raises `Failure.PERMANENT` for a plain issue."""
        ...

    @activity.defn
    async def mark_ready(self, item: Item, /) -> None:
        """Make a draft ready for review; one that is ready stays so."""
        ...

    @activity.defn
    async def request_reviewer(self, request: ReviewerRequest, /) -> None:
        """Ask somebody for a review, unless they wrote it or cannot be asked."""
        ...

    @activity.defn
    async def read_own_reviews(self, item: Item, /) -> tuple[PostedReview, ...]:
        """Read which commits our reviews are about, the oldest first."""
        ...

    @activity.defn
    async def post_review(self, post: ReviewPost, /) -> PostedReview:
        """Write a review with its comments, unless this commit has ours with that key."""
        ...

    @activity.defn
    async def read_review_comments(self, item: Item, /) -> tuple[ReviewComment, ...]:
        """Read what trusted people still want changed: unresolved threads, and reviews that ask for changes."""
        ...

    @activity.defn
    async def reply_to_threads(self, replies: ThreadReplies, /) -> None:
        """Say in each thread what became of it, and resolve those that are done."""
        ...

    @activity.defn
    async def write_check_run(self, report: CheckRunReport, /) -> int:
        """Write our check run on a commit and return its id."""
        ...

    @activity.defn
    async def end_check_runs(self, abandonment: Abandonment, /) -> None:
        """End our check runs of an item that its work has left in progress."""
        ...


class Ci(Protocol):
    """Other people's checks of a commit."""

    @activity.defn
    async def read_ci(self, commit: Commit, /) -> CiState:
        """Read what all checks of a commit say, ours left out."""
        ...

    @activity.defn
    async def read_ci_logs(self, request: CiLogRequest, /) -> tuple[CiLog, ...]:
        """Fetch what failed checks printed, cleaned and bounded."""
        ...

    @activity.defn
    async def rerun_ci(self, request: CiLogRequest, /) -> bool:
        """Run failed checks again; false when none of them can be."""
        ...


class Mailboxes(Protocol):
    """The other workflows of ours: mailboxes that may not be open yet, processors that can answer."""

    @activity.defn
    async def deliver(self, delivery: Delivery, /) -> None:
        """Put a delivery into an item's mailbox, opening it if need be; a delivery it has seen changes nothing."""
        ...

    @activity.defn
    async def steer(self, request: SteeringRequest, /) -> Answered:
        """Pass a command on to running work and bring its answer."""
        ...
