"""Our review of a commit: one, with comments on its lines where GitHub takes them."""

from collections.abc import Mapping, Sequence

from githubkit.exception import RequestFailed

from activities.github.answers import ReviewAnswer
from activities.github.authors import is_our_bot
from activities.github.calls import Call
from activities.github.client import RepositoryClient
from activities.github.errors import status_of
from activities.github.review_texts import REVIEW_MARKER, line_comment, review_body
from workflows.model import Finding, Item, PostedReview, ReviewPost, Severity

INVALID = 422
MAX_LINE_COMMENTS = 30
WORST_FIRST = tuple(Severity)


async def read_own_reviews(repository: RepositoryClient, item: Item) -> tuple[PostedReview, ...]:
    """Find our reviews, the oldest first: by hidden marker and author."""
    us = await repository.clients.identity()
    found: list[PostedReview] = []
    async for review in repository.pages(f"pulls/{item.number}/reviews", list[ReviewAnswer]):
        marker = REVIEW_MARKER.search(review.body or "")
        if marker and is_our_bot(us, review.user):
            found.append(PostedReview(review.id, marker[1], review.html_url, marker[2] or ""))
    return tuple(found)


async def post_review(repository: RepositoryClient, post: ReviewPost) -> PostedReview:
    """Write the review of a commit, unless it has ours with that key."""
    for review in await read_own_reviews(repository, post.item):
        if (review.head_sha, review.key) == (post.head_sha, post.key):
            return review
    answer = await _write(repository, post)
    return PostedReview(answer.id, post.head_sha, answer.html_url, post.key)


async def _write(repository: RepositoryClient, post: ReviewPost) -> ReviewAnswer:
    findings = sorted(post.findings, key=lambda finding: WORST_FIRST.index(finding.severity))
    placed = [finding for finding in findings if _has_a_line(finding)][:MAX_LINE_COMMENTS]
    others = [finding for finding in findings if finding not in placed]
    try:
        return await _send(repository, post, (placed, others))
    except RequestFailed as error:
        if status_of(error) != INVALID or not placed:
            raise
    return await _send(repository, post, ([], findings))  # a line is not part of the diff: better in the text than lost


async def _send(
    repository: RepositoryClient, post: ReviewPost, findings: tuple[Sequence[Finding], Sequence[Finding]]
) -> ReviewAnswer:
    placed, others = findings
    body = {
        "commit_id": post.head_sha,
        "event": "COMMENT",
        "body": review_body(post, others),
        "comments": [_on_line(finding) for finding in placed],
    }
    return await repository.send(Call("POST", f"pulls/{post.item.number}/reviews", body), ReviewAnswer)


def _has_a_line(finding: Finding) -> bool:
    return finding.placed and finding.line > 0


def _on_line(finding: Finding) -> Mapping[str, object]:
    several = 0 < finding.start_line < finding.line
    start = {"start_line": finding.start_line, "start_side": "RIGHT"} if several else {}
    comment = {"path": finding.path, "line": finding.line, "side": "RIGHT", "body": line_comment(finding)}
    return comment | start
