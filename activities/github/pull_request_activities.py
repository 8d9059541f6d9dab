"""The GitHub hand for pull requests: what they are, what people say in their reviews, and our own."""

from temporalio import activity

from activities.github import check_runs, pull_requests, replies, reviews, threads
from activities.github.client import Grant, InstallationClients
from workflows.model import (
    Abandonment,
    CheckRunReport,
    Item,
    PostedReview,
    PullRequestState,
    ReviewComment,
    ReviewerRequest,
    ReviewPost,
    ThreadReplies,
)
from workflows.write_slots import Urgency


class PullRequestActivities:
    """Implements the port `PullRequests`."""

    def __init__(self, clients: InstallationClients) -> None:
        self._clients = clients

    @activity.defn
    async def read_pull_request(self, item: Item, /) -> PullRequestState:
        """Read a pull request as it is now."""
        us = await self._clients.identity()
        async with self._clients.repository(item, Grant.READ_PULL_REQUEST) as repository:
            return pull_requests.state_of(await pull_requests.read_pull_request(repository, item), us)

    @activity.defn
    async def mark_ready(self, item: Item, /) -> None:
        """Make a draft ready for review; one that is ready stays so."""
        async with self._clients.repository(item, Grant.SETTLE) as repository:
            await pull_requests.mark_ready(repository, item)

    @activity.defn
    async def request_reviewer(self, request: ReviewerRequest, /) -> None:
        """Ask somebody for a review, unless they wrote it or cannot be asked."""
        async with self._clients.repository(request.item, Grant.PULL_REQUEST) as repository:
            await pull_requests.request_reviewer(repository, request.item, request.reviewer)

    @activity.defn
    async def read_own_reviews(self, item: Item, /) -> tuple[PostedReview, ...]:
        """Read which commits our reviews are about, the oldest first."""
        async with self._clients.repository(item, Grant.READ_PULL_REQUEST) as repository:
            return await reviews.read_own_reviews(repository, item)

    @activity.defn
    async def post_review(self, post: ReviewPost, /) -> PostedReview:
        """Write a review with its comments, unless this commit has ours with that key."""
        async with self._clients.repository(post.item, Grant.PULL_REQUEST) as repository:
            return await reviews.post_review(repository, post)

    @activity.defn
    async def read_review_comments(self, item: Item, /) -> tuple[ReviewComment, ...]:
        """Read what trusted people still want changed."""
        async with (
            self._clients.repository(item, Grant.READ_PULL_REQUEST) as repository,
            self._clients.repository(item, Grant.READ_COLLABORATOR) as people,
        ):
            return await threads.read_review_comments(repository, people, item)

    @activity.defn
    async def reply_to_threads(self, request: ThreadReplies, /) -> None:
        """Say in each thread what became of it, and resolve those that are done."""
        async with self._clients.repository(request.item, Grant.PULL_REQUEST) as repository:
            await replies.write_replies(repository, request)
        for reply in request.replies:
            if reply.resolved and reply.comment.thread:
                await replies.resolve(self._clients, request.item, reply.comment.thread)

    @activity.defn
    async def write_check_run(self, report: CheckRunReport, /) -> int:
        """Write our check run on a commit and return its id."""
        urgency = Urgency.NOW if report.conclusion else Urgency.LATER
        async with self._clients.repository(report.item, Grant.WRITE_CHECKS, urgency) as repository:
            return await check_runs.write_check_run(repository, report)

    @activity.defn
    async def end_check_runs(self, abandonment: Abandonment, /) -> None:
        """End our check runs of an item that its work has left in progress; an issue has no commit to have one on."""
        async with self._clients.repository(abandonment.item, Grant.READ_PULL_REQUEST) as repository:
            shas = await pull_requests.newest_commits(repository, abandonment.item)
        async with self._clients.repository(abandonment.item, Grant.WRITE_CHECKS) as repository:
            for sha in shas:
                await check_runs.end_check_runs(repository, sha, abandonment)
