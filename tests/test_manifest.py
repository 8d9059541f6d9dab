"""The manifest asks GitHub for exactly what the code handles and uses."""

import ast
import gc
from pathlib import Path

import activities.github
from activities.github.client import Grant
from github_app.events import ALWAYS_SENT, EVENTS
from github_app.manifest import manifest

LONGEST_NAME = 34
KEYS = {
    "callback_urls", "default_events", "default_permissions", "description", "hook_attributes", "name", "public",
    "redirect_url", "request_oauth_on_install", "setup_on_update", "setup_url", "url",
}  # fmt: skip
NEEDED = {"hook_attributes", "name", "url"}
LEVELS = ("read", "write")
OPENED_BY = {
    "check_run": "checks",
    "check_suite": "checks",
    "issue_comment": "issues",
    "issues": "issues",
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "pull_request_review_comment": "pull_requests",
    "push": "contents",
    "repository": "metadata",
    "status": "statuses",
    "workflow_run": "actions",
}
"""The permission without which GitHub does not let an App subscribe to an event."""


def test_github_knows_every_key() -> None:
    """What GitHub does not know it ignores or refuses, and nothing it needs is missing."""
    fields = manifest().fields
    assert NEEDED <= fields.keys() <= KEYS
    assert fields["hook_attributes"].keys() == {"url", "active"}
    assert 0 < len(manifest().name) <= LONGEST_NAME


def test_every_event_is_handled_and_no_handled_one_is_missing() -> None:
    """An event that nobody reads is noise; one that is not subscribed never comes."""
    assert sorted(manifest().events) == sorted(EVENTS.keys() - ALWAYS_SENT)


def test_every_event_has_its_permission() -> None:
    """GitHub refuses a manifest that subscribes to what the App may not see."""
    assert {OPENED_BY[event] for event in manifest().events} <= manifest().permissions.keys()


def test_permissions_are_what_the_code_uses() -> None:
    """The union of what single steps ask for: none is missing, none is too many, none is higher than needed."""
    needed: dict[str, str] = {}
    for grant in used_grants():
        for name, level in grant.permissions.items():
            needed[name] = max(level, needed.get(name, level), key=LEVELS.index)
    assert manifest().permissions == needed


def test_every_grant_is_used() -> None:
    """A grant that no step asks for would keep a permission alive that nobody needs."""
    assert used_grants() == set(Grant)


def used_grants() -> set[Grant]:
    """Find the grants that the GitHub activities name."""
    sources = Path(activities.github.__file__).parent.rglob("*.py")
    gc.collect()  # what earlier tests left might tell its end in a traceback meanwhile, and 3.11 parses one at a time
    return {grant for source in sources for node in ast.walk(ast.parse(source.read_text())) for grant in named_by(node)}


def named_by(node: ast.AST) -> list[Grant]:
    """Read `Grant.SOMETHING`."""
    match node:
        case ast.Attribute(value=ast.Name(id="Grant"), attr=name):
            return [Grant[name]]
        case _:
            return []
