"""The GitHub ports, called: what a workflow writes when it wants something done on GitHub."""

from collections.abc import AsyncGenerator

from temporalio import workflow

from workflows import ports
from workflows.github_ports import Ci, Comments, Mailboxes, Plans, PullRequests
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
from workflows.model.reconciling import Labelled
from workflows.patience import READS_LAG
from workflows.reconcile_ports import Repositories
from workflows.steps import run_activity


async def looks() -> AsyncGenerator[None]:
    """Count the looks at what a webhook tells of: one now, and one when GitHub's reads have caught up with it."""
    yield
    await workflow.sleep(READS_LAG.time)
    yield


async def read_comment(comment: CommentRef) -> ReadComment:
    """Read a comment as it is now, and the commands in it."""
    return await run_activity(Comments.read_comment, comment, **ports.API)


async def react(request: ReactionRequest) -> None:
    """React to a comment; one that is gone is let be."""
    await run_activity(Comments.react, request, **ports.API)


async def write_plan(post: PlanPost) -> WrittenPlan:
    """Write the plan comment, or bring it up to date."""
    return await run_activity(Plans.write_plan, post, **ports.API)


async def read_plan(item: Item) -> WrittenPlan | None:
    """Read the plan comment as it is now, whoever edited it."""
    return await run_activity(Plans.read_plan, item, **ports.API)


async def open_sub_issue(draft: SubIssueDraft) -> SubIssue:
    """Open an issue for a part of a project, or find the one it has."""
    return await run_activity(Plans.open_sub_issue, draft, **ports.API)


async def read_sub_issues(item: Item) -> tuple[SubIssue, ...]:
    """Read the sub-issues we have opened for a project."""
    return await run_activity(Plans.read_sub_issues, item, **ports.API)


async def write_project(post: ProjectPost) -> int:
    """Write the project's progress comment and return its id."""
    return await run_activity(Plans.write_project, post, **ports.API)


async def read_pull_request(item: Item) -> PullRequestState:
    """Read a pull request as it is now; raises `Failure.PERMANENT` for a plain issue."""
    return await run_activity(PullRequests.read_pull_request, item, **ports.API)


async def mark_ready(item: Item) -> None:
    """Make a draft ready for review; one that is ready stays so."""
    await run_activity(PullRequests.mark_ready, item, **ports.API)


async def request_reviewer(request: ReviewerRequest) -> None:
    """Ask somebody for a review, unless they wrote it or cannot be asked."""
    await run_activity(PullRequests.request_reviewer, request, **ports.API)


async def read_own_reviews(item: Item) -> tuple[PostedReview, ...]:
    """Read which commits our reviews are about, the oldest first."""
    return await run_activity(PullRequests.read_own_reviews, item, **ports.API)


async def post_review(post: ReviewPost) -> PostedReview:
    """Write a review with its comments, unless this commit has ours with that key."""
    return await run_activity(PullRequests.post_review, post, **ports.API)


async def read_review_comments(item: Item) -> tuple[ReviewComment, ...]:
    """Read what trusted people still want changed: unresolved threads, and reviews that ask for changes."""
    return await run_activity(PullRequests.read_review_comments, item, **ports.API)


async def reply_to_threads(replies: ThreadReplies) -> None:
    """Say in each thread what became of it, and resolve those that are done."""
    await run_activity(PullRequests.reply_to_threads, replies, **ports.API)


async def write_check_run(report: CheckRunReport) -> int:
    """Write our check run on a commit and return its id."""
    return await run_activity(PullRequests.write_check_run, report, **ports.API)


async def end_check_runs(abandonment: Abandonment) -> None:
    """End our check runs of an item that its work has left in progress."""
    await run_activity(PullRequests.end_check_runs, abandonment, **ports.API)


async def read_ci(commit: Commit) -> CiState:
    """Read what all checks of a commit say, ours left out."""
    return await run_activity(Ci.read_ci, commit, **ports.API)


async def read_ci_logs(request: CiLogRequest) -> tuple[CiLog, ...]:
    """Fetch what failed checks printed, cleaned and bounded."""
    return await run_activity(Ci.read_ci_logs, request, **ports.API)


async def rerun_ci(request: CiLogRequest) -> bool:
    """Run failed checks again; false when none of them can be."""
    return await run_activity(Ci.rerun_ci, request, **ports.API)


async def read_label_event(labelled: Labelled) -> Delivery | None:
    """Read who put a label on last, as a delivery; `None` where nobody did who may start work."""
    return await run_activity(Repositories.read_label_event, labelled, **ports.API)


async def deliver(delivery: Delivery) -> None:
    """Put a delivery into an item's mailbox, opening it if need be; a delivery it has seen changes nothing."""
    await run_activity(Mailboxes.deliver, delivery, **ports.API)


async def steer(request: SteeringRequest) -> Answered:
    """Pass a command on to running work and bring its answer."""
    return await run_activity(Mailboxes.steer, request, **ports.API)
