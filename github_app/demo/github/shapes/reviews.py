"""JSON of reviews and the comments on lines."""

from github_app.demo.github.model import Json, Repository, Review, ReviewComment, Spot, Thread
from github_app.demo.github.shapes.accounts import user
from github_app.demo.github.shapes.issues import association, issue_html_url, reaction_counts
from github_app.demo.github.shapes.repositories import api_url
from github_app.demo.github.shapes.values import node_id, stamp
from github_app.demo.github.world import World


def review(world: World, repository: Repository, it: Review) -> Json:
    """Write a review as REST shows it."""
    html = f"{issue_html_url(world, repository, repository.issues[it.number])}#pullrequestreview-{it.id}"
    pull = f"{api_url(world, repository)}/pulls/{it.number}"
    return {
        "id": it.id,
        "node_id": node_id("PRR", it.id),
        "user": user(world, it.user),
        "body": it.body,
        "state": it.state,
        "html_url": html,
        "pull_request_url": pull,
        "author_association": association(repository, it.user),
        "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
        **({"submitted_at": stamp(it.submitted_at)} if it.submitted_at else {}),
        "commit_id": it.commit_id,
    }


def told_review(world: World, repository: Repository, it: Review) -> Json:
    """Write a review as webhooks carry it: the state in small letters, no text as nothing."""
    more = {"state": it.state.lower(), "body": it.body or None, "updated_at": stamp(it.updated_at)}
    return review(world, repository, it) | more


def thread_node(it: Thread) -> str:
    """Return the id of a thread in GraphQL; REST has none."""
    return node_id("PRRT", it.id)


def comment(world: World, repository: Repository, it: ReviewComment) -> Json:
    """Write a comment on lines."""
    thread = repository.threads[it.thread_id]
    api = api_url(world, repository)
    html = f"{issue_html_url(world, repository, repository.issues[thread.number])}#discussion_r{it.id}"
    url, pull = f"{api}/pulls/comments/{it.id}", f"{api}/pulls/{thread.number}"
    return {
        "id": it.id,
        "node_id": node_id("PRRC", it.id),
        "url": url,
        "html_url": html,
        "pull_request_url": pull,
        "pull_request_review_id": it.review_id,
        "user": user(world, it.user),
        "body": it.body,
        "created_at": stamp(it.created_at),
        "updated_at": stamp(it.updated_at),
        "author_association": association(repository, it.user),
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull}},
        "reactions": reaction_counts(repository, ("review_comment", it.id), url),
        **({"in_reply_to_id": it.in_reply_to} if it.in_reply_to else {}),
        **_place(thread),
    }


def _place(thread: Thread) -> Json:
    here: Spot | None = thread.here
    return {
        "path": thread.spot.path,
        "diff_hunk": thread.excerpt.hunk,
        "commit_id": thread.head_id,
        "original_commit_id": thread.commit_id,
        "position": thread.excerpt.position if here else None,
        "original_position": thread.excerpt.position,
        "line": here.line if here else None,
        "original_line": thread.spot.line,
        "side": thread.spot.side,
        "start_line": here.start_line if here else None,
        "original_start_line": thread.spot.start_line,
        "start_side": thread.spot.start_side,
        "subject_type": "line",
    }
