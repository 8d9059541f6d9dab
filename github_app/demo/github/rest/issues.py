"""REST: issues and their comments."""

from collections.abc import Callable
from datetime import datetime

from github_app.demo.github.model import Comment, Issue
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.shapes import issues as shapes
from github_app.demo.github.tracker import Draft, Edit, Tracker
from github_app.demo.github.world import invalid

READ = ("issues:read", "pull_requests:read")
WRITE = ("issues:write", "pull_requests:write")
STATES = ("open", "closed")
BODY_LIMIT = 65_536
ORDERS: dict[str, Callable[[Issue], object]] = {
    "created": lambda issue: issue.number,
    "updated": lambda issue: (issue.updated_at, issue.number),
}


def tracker(ask: Ask) -> Tracker:
    """Open the repository's issues in the name of the App."""
    return Tracker(ask.world, ask.repository, ask.world.bot)


def _shown(ask: Ask, issue: Issue) -> Answer:
    return Answer(200, shapes.issue(ask.world, ask.repository, issue))


async def get_issue(ask: Ask) -> Answer:
    """Show one issue or pull request."""
    return _shown(ask, tracker(ask).find(ask.params["number"]))


async def list_issues(ask: Ask) -> Answer:
    """List issues and pull requests, filtered and sorted."""
    order = ORDERS.get(ask.query.get("sort", "created"), ORDERS["created"])
    found = [issue for issue in ask.repository.issues.values() if _wanted(ask, issue)]
    found.sort(key=order, reverse=ask.query.get("direction", "desc") == "desc")  # pyright: ignore[reportArgumentType]
    page = ask.page(found)
    return Answer(200, [shapes.issue(ask.world, ask.repository, it) for it in page.items], page.headers)


def _wanted(ask: Ask, issue: Issue) -> bool:
    query, on = ask.query, {name.lower() for name in issue.labels}
    labels = {name.strip().lower() for name in query.get("labels", "").split(",") if name.strip()}
    if query.get("state", "open") not in (issue.state, "all") or not labels <= on:
        return False
    if query.get("creator", issue.user.login).lower() != issue.user.login.lower():
        return False
    since = query.get("since")
    return not since or issue.updated_at >= datetime.fromisoformat(since)


async def create_issue(ask: Ask) -> Answer:
    """Open an issue."""
    names = tuple(ask.body.get("labels") or ())
    draft = Draft(ask.text("title", "Issue"), ask.body.get("body") or "", names)
    return Answer(201, shapes.issue(ask.world, ask.repository, tracker(ask).open(draft)))


async def update_issue(ask: Ask) -> Answer:
    """Change an issue."""
    body, number = ask.body, ask.params["number"]
    if body.get("state", "open") not in STATES:
        raise invalid("Issue", "state must be open or closed", "state")
    edit = Edit(body.get("title"), body.get("body"), body.get("state"), body.get("state_reason"))
    issue = tracker(ask).edit(number, edit)
    if "labels" in body:
        issue = tracker(ask).set_labels(number, body["labels"])
    return _shown(ask, issue)


async def list_comments(ask: Ask) -> Answer:
    """List the conversation, oldest first."""
    tracker(ask).find(ask.params["number"])
    return _comments(ask, [it for it in ask.repository.comments.values() if it.number == ask.params["number"]])


async def list_all_comments(ask: Ask) -> Answer:
    """List the comments of all conversations."""
    return _comments(ask, list(ask.repository.comments.values()))


def _comments(ask: Ask, found: list[Comment]) -> Answer:
    since, descending = ask.query.get("since"), ask.query.get("direction") == "desc"
    found = [it for it in found if not since or it.updated_at >= datetime.fromisoformat(since)]
    if ask.query.get("sort") == "updated":
        found.sort(key=lambda it: (it.updated_at, it.id))
    page = ask.page(found[::-1] if descending else found)
    return Answer(200, [shapes.comment(ask.world, ask.repository, it) for it in page.items], page.headers)


def _comment_text(ask: Ask) -> str:
    text = ask.text("body", "IssueComment")
    if len(text) > BODY_LIMIT:
        raise invalid("IssueComment", f"body is too long (maximum is {BODY_LIMIT} characters)", "body")
    return text


async def create_comment(ask: Ask) -> Answer:
    """Write a comment."""
    comment = tracker(ask).comment(ask.params["number"], _comment_text(ask))
    return Answer(201, shapes.comment(ask.world, ask.repository, comment))


async def get_comment(ask: Ask) -> Answer:
    """Show one comment."""
    comment = tracker(ask).find_comment(ask.params["comment_id"])
    return Answer(200, shapes.comment(ask.world, ask.repository, comment))


async def update_comment(ask: Ask) -> Answer:
    """Change a comment."""
    comment = tracker(ask).edit_comment(ask.params["comment_id"], _comment_text(ask))
    return Answer(200, shapes.comment(ask.world, ask.repository, comment))


async def delete_comment(ask: Ask) -> Answer:
    """Delete a comment."""
    tracker(ask).delete_comment(ask.params["comment_id"])
    return Answer(204)


async def list_events(ask: Ask) -> Answer:
    """List what happened to an issue, oldest first."""
    page = ask.page(tracker(ask).find(ask.params["number"]).events)
    return Answer(200, [shapes.event(ask.world, ask.repository, it) for it in page.items], page.headers)


ISSUES = "/repos/{owner}/{repo}/issues"
COMMENT = ISSUES + "/comments/{comment_id:int}"
ENDPOINTS = (
    Endpoint("GET", ISSUES, list_issues, ("issues:read",)),
    Endpoint("POST", ISSUES, create_issue, ("issues:write",)),
    Endpoint("GET", ISSUES + "/comments", list_all_comments, READ),
    Endpoint("GET", COMMENT, get_comment, READ),
    Endpoint("PATCH", COMMENT, update_comment, WRITE),
    Endpoint("DELETE", COMMENT, delete_comment, WRITE),
    Endpoint("GET", ISSUES + "/{number:int}", get_issue, READ),
    Endpoint("PATCH", ISSUES + "/{number:int}", update_issue, WRITE),
    Endpoint("GET", ISSUES + "/{number:int}/comments", list_comments, READ),
    Endpoint("GET", ISSUES + "/{number:int}/events", list_events, READ),
    Endpoint("POST", ISSUES + "/{number:int}/comments", create_comment, WRITE),
)
