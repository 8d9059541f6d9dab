"""REST: reviews of pull requests and the comments on lines."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from github_app.demo.github.merging import Merging
from github_app.demo.github.model import Review, ReviewComment
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.rest.pulls import PULLS
from github_app.demo.github.reviewing import Remark, ReviewDraft, Reviewing
from github_app.demo.github.shapes import reviews as shapes
from github_app.demo.github.world import not_found, unprocessable


def _reviewing(ask: Ask) -> Reviewing:
    return Reviewing(ask.world, ask.repository, ask.world.bot)


def _number(ask: Ask) -> int:
    return Merging(ask.world, ask.repository, ask.world.bot).find(ask.params["number"]).number


def _review(ask: Ask) -> Review:
    found = _reviewing(ask).find(ask.params["review_id"])
    if found.number != ask.params["number"]:
        raise not_found()
    return found


def _shown(ask: Ask, review: Review) -> Answer:
    return Answer(200, shapes.review(ask.world, ask.repository, review))


async def create_review(ask: Ask) -> Answer:
    """Review a pull request; without an event the review waits."""
    body = ask.body
    remarks = tuple(_remark(it) for it in body.get("comments") or ())
    draft = ReviewDraft(body.get("event") or "", body.get("body") or "", remarks, body.get("commit_id"))
    return _shown(ask, await _reviewing(ask).submit(ask.params["number"], draft))


def _remark(it: dict[str, Any]) -> Remark:
    if not it.get("path") or not isinstance(it.get("line"), int):
        raise unprocessable("Pull request review thread path and line are needed; positions are not known here")
    side, start = it.get("side", "RIGHT"), it.get("start_line")
    return Remark(it["path"], it["line"], it.get("body") or "", side, start, it.get("start_side"))


async def submit_review(ask: Ask) -> Answer:
    """Submit a review that waited."""
    review = _reviewing(ask).send(_review(ask).id, ask.text("event", "PullRequestReview"), ask.body.get("body") or "")
    return _shown(ask, review)


async def list_reviews(ask: Ask) -> Answer:
    """List the reviews, oldest first; those that others have not submitted yet are not there."""
    number = _number(ask)
    found = [it for it in ask.repository.reviews.values() if it.number == number]
    page = ask.page([it for it in found if it.state != "PENDING" or it.user == ask.world.bot])
    return Answer(200, [shapes.review(ask.world, ask.repository, it) for it in page.items], page.headers)


async def get_review(ask: Ask) -> Answer:
    """Show one review."""
    return _shown(ask, _review(ask))


async def update_review(ask: Ask) -> Answer:
    """Change the text of a review."""
    return _shown(ask, _reviewing(ask).edit(_review(ask).id, ask.text("body", "PullRequestReview")))


async def dismiss_review(ask: Ask) -> Answer:
    """Take the weight off a review."""
    ask.text("message", "PullRequestReview")
    return _shown(ask, _reviewing(ask).dismiss(_review(ask).id))


async def list_review_comments(ask: Ask) -> Answer:
    """List the comments made with one review."""
    return _comments(ask, _reviewing(ask).comments_of(_review(ask)))


async def list_pull_comments(ask: Ask) -> Answer:
    """List the comments on the lines of one pull request."""
    number, threads = _number(ask), ask.repository.threads
    return _comments(ask, (it for it in _submitted(ask) if threads[it.thread_id].number == number))


async def list_all_comments(ask: Ask) -> Answer:
    """List the comments on the lines of all pull requests."""
    return _comments(ask, _submitted(ask))


def _submitted(ask: Ask) -> Iterable[ReviewComment]:
    reviews = ask.repository.reviews
    return (it for it in ask.repository.review_comments.values() if reviews[it.review_id].state != "PENDING")


def _comments(ask: Ask, found: Iterable[ReviewComment]) -> Answer:
    since = ask.query.get("since")
    shown = [it for it in found if not since or it.updated_at >= datetime.fromisoformat(since)]
    if ask.query.get("sort") == "updated":
        shown.sort(key=lambda it: (it.updated_at, it.id))
    page = ask.page(shown[::-1] if ask.query.get("direction") == "desc" else shown)
    return Answer(200, [shapes.comment(ask.world, ask.repository, it) for it in page.items], page.headers)


async def get_comment(ask: Ask) -> Answer:
    """Show one comment."""
    comment = _reviewing(ask).find_comment(ask.params["comment_id"])
    return Answer(200, shapes.comment(ask.world, ask.repository, comment))


async def update_comment(ask: Ask) -> Answer:
    """Change the text of a comment."""
    text = ask.text("body", "PullRequestReviewComment")
    comment = _reviewing(ask).edit_comment(ask.params["comment_id"], text)
    return Answer(200, shapes.comment(ask.world, ask.repository, comment))


async def create_reply(ask: Ask) -> Answer:
    """Answer in a thread."""
    text = ask.text("body", "PullRequestReviewComment")
    comment = _reviewing(ask).reply(_number(ask), ask.params["comment_id"], text)
    return Answer(201, shapes.comment(ask.world, ask.repository, comment))


READ, WRITE = ("pull_requests:read",), ("pull_requests:write",)
REVIEWS = PULLS + "/{number:int}/reviews"
REVIEW = REVIEWS + "/{review_id:int}"
COMMENT = PULLS + "/comments/{comment_id:int}"
ENDPOINTS = (
    Endpoint("GET", PULLS + "/comments", list_all_comments, READ),
    Endpoint("GET", COMMENT, get_comment, READ),
    Endpoint("PATCH", COMMENT, update_comment, WRITE),
    Endpoint("GET", PULLS + "/{number:int}/comments", list_pull_comments, READ),
    Endpoint("POST", PULLS + "/{number:int}/comments/{comment_id:int}/replies", create_reply, WRITE),
    Endpoint("GET", REVIEWS, list_reviews, READ),
    Endpoint("POST", REVIEWS, create_review, WRITE),
    Endpoint("GET", REVIEW, get_review, READ),
    Endpoint("PUT", REVIEW, update_review, WRITE),
    Endpoint("POST", REVIEW + "/events", submit_review, WRITE),
    Endpoint("PUT", REVIEW + "/dismissals", dismiss_review, WRITE),
    Endpoint("GET", REVIEW + "/comments", list_review_comments, READ),
)
