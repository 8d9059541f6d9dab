"""GitHub's events, reduced to hints: one pure function per event, and the table that lists them.

A payload is somebody's word. What is read here says only which workflow may want to know and why; whoever acts on it
asks GitHub first. Nothing here raises, whatever the payload looks like: a shape we do not know is nobody's business.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from github_app.events import commits, items, repositories
from github_app.events.hints import Hint, Start
from github_app.events.notice import DoorPolicy, Notice, Payload

__all__ = ["ALWAYS_SENT", "EVENTS", "DoorPolicy", "Hint", "Start", "translate"]

EVENTS: Mapping[str, Callable[[Notice], tuple[Hint, ...]]] = MappingProxyType(
    {
        "issues": items.issues,
        "issue_comment": items.issue_comment,
        "pull_request": items.pull_request,
        "pull_request_review": items.pull_request_review,
        "pull_request_review_comment": items.pull_request_review_comment,
        "check_run": commits.check_run,
        "check_suite": commits.check_suite,
        "workflow_run": commits.workflow_run,
        "status": commits.status,
        "push": commits.push,
        "repository": repositories.repository,
        "installation": repositories.installation,
        "installation_repositories": repositories.installation_repositories,
    }
)
"""Every event the App hears; `ping`, which concerns the App alone, is answered at the door."""
ALWAYS_SENT = frozenset({"installation", "installation_repositories"})
"""Events that GitHub sends without a subscription."""


def translate(event: str, delivery_id: str, payload: Payload, policy: DoorPolicy) -> tuple[Hint, ...]:
    """Say what a webhook may mean to us; empty when it means nothing."""
    reader = EVENTS.get(event)
    return reader(Notice(delivery_id, payload, policy)) if reader else ()
