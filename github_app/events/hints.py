"""What a webhook may mean to us: a signal to one of our workflows, which asks GitHub before it does anything."""

from dataclasses import dataclass

from workflows.closing_watch import closing_watch_id
from workflows.commit_watch import watch_id
from workflows.model import Delivery, Item
from workflows.model.repositories import BasePush, RedCheck, RepositoryAddress, RepositoryChange
from workflows.work_item import MailboxState

MAILBOX = "WorkItemWorkflow"
REPOSITORY = "RepositoryWorkflow"


@dataclass(frozen=True, slots=True)
class Start:
    """How a workflow begins that is not there yet."""

    workflow: str
    argument: object
    summary: str = ""
    """Whom it is about in one line of Markdown, for people who look at Temporal."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A signal to one workflow of ours."""

    workflow_id: str
    signal: str
    argument: Delivery | RepositoryChange | BasePush | RedCheck | str
    start: Start | None = None
    """Without it the signal is for running work only; where there is none, nobody has to know."""
    item: Item | None = None
    """The issue or pull request it is about, if it is about one."""


def to_mailbox(delivery: Delivery, summary: str = "", *, opens: bool = False) -> Hint:
    """Hint at what happened to an item; `opens` says whether work may begin with it."""
    item = delivery.item
    start = Start(MAILBOX, MailboxState(item), summary) if opens else None
    return Hint(item.mailbox_id, "deliver", delivery, start, item)


def to_watch(repository_id: int, sha: str, delivery_id: str) -> Hint:
    """Hint at what happened to a check of a commit, for whoever waits for its CI."""
    return Hint(watch_id(repository_id, sha), "news", delivery_id)


def to_closing_watch(delivery: Delivery) -> Hint:
    """Hint at the closing of an item, for a project that waits for it."""
    return Hint(closing_watch_id(delivery.item), "news", delivery.id)


def to_repository(change: RepositoryChange) -> Hint:
    """Hint at what happened to a repository as a whole."""
    address: RepositoryAddress = change.address
    return Hint(address.workflow_id, "changed", change, Start(REPOSITORY, address))


def to_base(push: BasePush) -> Hint:
    """Hint at a branch that has moved, for pull requests that aim at it."""
    address = push.address
    return Hint(address.workflow_id, "base_pushed", push, Start(REPOSITORY, address))


def to_pulls(red: RedCheck) -> Hint:
    """Hint at a check that ended badly, for pull requests that have its commit as their head."""
    return Hint(red.address.workflow_id, "check_failed", red, Start(REPOSITORY, red.address))
