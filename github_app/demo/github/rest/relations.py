"""REST: sub-issues, and what issues wait for."""

from github_app.demo.github.model import Issue
from github_app.demo.github.relating import Place, Relating
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.rest.issues import ISSUES
from github_app.demo.github.shapes import issues as shapes
from github_app.demo.github.world import RefusedError


def _relating(ask: Ask) -> Relating:
    return Relating(ask.world, ask.repository, ask.world.bot)


def _id(ask: Ask, name: str) -> int:
    found = ask.body.get(name)
    if not isinstance(found, int):
        missing = {"resource": "Issue", "code": "missing_field", "field": name}
        raise RefusedError(422, "Validation Failed", missing)
    return found


def _shown(ask: Ask, places: list[Place]) -> Answer:
    page = ask.page(places)
    return Answer(200, [shapes.issue(ask.world, it.repository, it.issue) for it in page.items], page.headers)


def _one(ask: Ask, status: int, issue: Issue) -> Answer:
    return Answer(status, shapes.issue(ask.world, ask.repository, issue))


async def list_sub_issues(ask: Ask) -> Answer:
    """List the parts of an issue."""
    return _shown(ask, _relating(ask).parts(ask.params["number"]))


async def add_sub_issue(ask: Ask) -> Answer:
    """Make an issue a part of another."""
    replaces, number = bool(ask.body.get("replace_parent")), ask.params["number"]
    return _one(ask, 201, _relating(ask).add_part(number, _id(ask, "sub_issue_id"), replace_parent=replaces))


async def remove_sub_issue(ask: Ask) -> Answer:
    """Make an issue no part of another any more."""
    return _one(ask, 200, _relating(ask).remove_part(ask.params["number"], _id(ask, "sub_issue_id")))


async def get_parent(ask: Ask) -> Answer:
    """Show what an issue is a part of."""
    found = _relating(ask).parent(ask.params["number"])
    return Answer(200, shapes.issue(ask.world, found.repository, found.issue))


async def list_blockers(ask: Ask) -> Answer:
    """List what an issue waits for."""
    return _shown(ask, _relating(ask).blockers(ask.params["number"]))


async def add_blocker(ask: Ask) -> Answer:
    """Let an issue wait for another."""
    return _one(ask, 201, _relating(ask).add_blocker(ask.params["number"], _id(ask, "issue_id")))


async def remove_blocker(ask: Ask) -> Answer:
    """Let it wait no more."""
    return _one(ask, 200, _relating(ask).remove_blocker(ask.params["number"], ask.params["issue_id"]))


READ, WRITE = ("issues:read",), ("issues:write",)
ISSUE = ISSUES + "/{number:int}"
BLOCKED_BY = ISSUE + "/dependencies/blocked_by"
ENDPOINTS = (
    Endpoint("GET", ISSUE + "/sub_issues", list_sub_issues, READ),
    Endpoint("POST", ISSUE + "/sub_issues", add_sub_issue, WRITE),
    Endpoint("DELETE", ISSUE + "/sub_issue", remove_sub_issue, WRITE),
    Endpoint("GET", ISSUE + "/parent", get_parent, READ),
    Endpoint("GET", BLOCKED_BY, list_blockers, READ),
    Endpoint("POST", BLOCKED_BY, add_blocker, WRITE),
    Endpoint("DELETE", BLOCKED_BY + "/{issue_id:int}", remove_blocker, WRITE),
)
