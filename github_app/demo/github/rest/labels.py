"""REST: the labels of a repository, and those on an issue."""

from typing import Any

from github_app.demo.github.model import Issue, Label
from github_app.demo.github.rest.gate import BARE, Answer, Ask, Endpoint
from github_app.demo.github.rest.issues import ISSUES, READ, WRITE, tracker
from github_app.demo.github.shapes import issues as shapes
from github_app.demo.github.world import not_found


async def list_labels(ask: Ask) -> Answer:
    """List the labels that the repository knows."""
    page = ask.page(sorted(ask.repository.labels.values(), key=lambda label: label.name.lower()))
    return Answer(200, [shapes.label(ask.world, ask.repository, it) for it in page.items], page.headers)


async def get_label(ask: Ask) -> Answer:
    """Show one label."""
    return Answer(200, shapes.label(ask.world, ask.repository, _label(ask)))


def _label(ask: Ask) -> Label:
    if found := ask.repository.labels.get(ask.params["name"].lower()):
        return found
    raise not_found()


async def create_label(ask: Ask) -> Answer:
    """Make a label known."""
    name, color = ask.text("name", "Label"), ask.body.get("color") or "ededed"
    label = tracker(ask).create_label(name, color, ask.body.get("description"))
    return Answer(201, shapes.label(ask.world, ask.repository, label))


async def list_issue_labels(ask: Ask) -> Answer:
    """List the labels on an issue."""
    page = ask.page(shapes.labels(ask.world, ask.repository, tracker(ask).find(ask.params["number"])))
    return Answer(200, page.items, page.headers)


async def add_issue_labels(ask: Ask) -> Answer:
    """Put labels on an issue."""
    return _labels_of(ask, tracker(ask).add_labels(ask.params["number"], _names(ask)))


async def set_issue_labels(ask: Ask) -> Answer:
    """Leave exactly these labels on an issue."""
    return _labels_of(ask, tracker(ask).set_labels(ask.params["number"], _names(ask)))


async def remove_issue_label(ask: Ask) -> Answer:
    """Take a label off an issue."""
    return _labels_of(ask, tracker(ask).remove_label(ask.params["number"], ask.params["name"]))


def _labels_of(ask: Ask, issue: Issue) -> Answer:
    return Answer(200, shapes.labels(ask.world, ask.repository, issue))


def _names(ask: Ask) -> list[str]:
    """Read the names; GitHub takes a bare list too, and objects in place of names."""
    given: list[Any] = ask.body.get("labels") or ask.body.get(BARE) or []
    return [it["name"] if isinstance(it, dict) else it for it in given]


LABELS = "/repos/{owner}/{repo}/labels"
ON_ISSUE = ISSUES + "/{number:int}/labels"
ENDPOINTS = (
    Endpoint("GET", LABELS, list_labels, ("issues:read", "pull_requests:read")),
    Endpoint("POST", LABELS, create_label, ("issues:write", "pull_requests:write")),
    Endpoint("GET", LABELS + "/{name:path}", get_label, ("issues:read", "pull_requests:read")),
    Endpoint("GET", ON_ISSUE, list_issue_labels, READ),
    Endpoint("POST", ON_ISSUE, add_issue_labels, WRITE),
    Endpoint("PUT", ON_ISSUE, set_issue_labels, WRITE),
    Endpoint("DELETE", ON_ISSUE + "/{name:path}", remove_issue_label, WRITE),
)
