"""What workflows may ask of the world, and how long they wait for it; what needs a host's disk is in `host_ports`.

Each port is a `Protocol` of activities; the hands implement them under the same names. The options beside a port are
the only place for its task queue, time-outs and retries.
"""

from typing import Protocol

from temporalio import activity
from temporalio.workflow import ActivityCancellationType, ActivityConfig

from workflows import patience
from workflows.model import (
    Authority,
    Failure,
    Issue,
    Item,
    LabelChange,
    Note,
    Permission,
    PullRequest,
    PullRequestDraft,
    RepoConfig,
    Source,
    Spending,
    StatusReport,
    Totals,
)

MAIN_QUEUE = "aidp"
"""Workflows and GitHub calls: any worker."""
WORKSPACES_QUEUE = "aidp-workspaces"
"""Opening a workspace: any host that runs agents."""


def host_queue(host: str) -> str:
    """Task queue of everything that needs this host's disk."""
    return f"aidp-host-{host}"


NEVER_RETRIED = [
    Failure.AUTH_EXPIRED,
    Failure.CONFIGURATION,
    Failure.CONFLICT,
    Failure.PERMANENT,
    Failure.QUOTA_EXHAUSTED,
    Failure.SECURITY_VIOLATION,
]
"""Trying these again changes nothing until somebody acts."""


class GitHub(Protocol):
    """The GitHub API. Every write finds what an earlier attempt left before it creates anything."""

    @activity.defn
    async def read_issue(self, item: Item, /) -> Issue:
        """Read the issue or pull request as it is now."""
        ...

    @activity.defn
    async def read_permission(self, authority: Authority, /) -> Permission:
        """Ask what an actor may do in the repository, now, by numeric id."""
        ...

    @activity.defn
    async def read_repo_config(self, source: Source, /) -> RepoConfig:
        """Read `.aidp/aidp.yml` of the default branch; raises `Failure.CONFIGURATION` with what is wrong where."""
        ...

    @activity.defn
    async def add_eyes(self, item: Item, /) -> None:
        """React with 👀 to say that the item was seen."""
        ...

    @activity.defn
    async def change_labels(self, change: LabelChange, /) -> None:
        """Add and remove labels; what is already so stays so."""
        ...

    @activity.defn
    async def define_labels(self, source: Source, /) -> None:
        """Make all our labels known to a repository; those it knows keep their look."""
        ...

    @activity.defn
    async def write_status(self, report: StatusReport, /) -> int:
        """Write the item's one status comment and return its id."""
        ...

    @activity.defn
    async def write_note(self, note: Note, /) -> None:
        """Write a comment, unless one with the same key is there."""
        ...

    @activity.defn
    async def open_pull_request(self, draft: PullRequestDraft, /) -> PullRequest:
        """Open a draft pull request, or bring the open one of the same branch up to date."""
        ...


API = ActivityConfig(
    task_queue=MAIN_QUEUE,
    start_to_close_timeout=patience.API_CALL.time,
    retry_policy=patience.API_RETRY.policy(NEVER_RETRIED),
)
IN_ORDER = API | ActivityConfig(cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
"""A write that must not come after the one that takes its place."""


class Ledger(Protocol):
    """What all runs of a repository have spent together."""

    @activity.defn
    async def record_spending(self, spending: Spending, /) -> Totals:
        """Count what was spent, once however often it is recorded, and return the totals of its issue and day."""
        ...


LEDGER = ActivityConfig(
    task_queue=MAIN_QUEUE,
    start_to_close_timeout=patience.LEDGER_CALL.time,
    retry_policy=patience.LEDGER_RETRY.policy(),
)
