"""An issue or pull request, watched until it is closed; its workflow id is the item's address for webhooks.

The door signals the watch of an item that was closed; where there is none, nobody cares. Waiting may take weeks.
"""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from workflows import github_steps, steps
from workflows.model import Failure, Item

PROBE_EVERY = timedelta(hours=6)
"""A look without an event, should one be lost for good; the sweep of GitHub's delivery log brings nearly all."""
CLOSED = "item_closed"
"""Name of the signal that followers get."""


def closing_watch_id(item: Item) -> str:
    """Name the watch of an item."""
    return f"closing:{item.repository_id}#{item.number}"


@dataclass(frozen=True, slots=True)
class Closing:
    """How an item was closed."""

    number: int
    merged: bool = False
    gone: bool = False
    """It was deleted, or moved elsewhere."""


@dataclass(frozen=True, slots=True)
class ClosingWatch:
    """An item to watch, and who wants to know."""

    item: Item
    followers: tuple[str, ...]
    """Workflow ids."""
    pull_request: bool = False


@workflow.defn
class ClosingWatchWorkflow:
    """One wait for the closing of one item."""

    @workflow.init
    def __init__(self, watch: ClosingWatch) -> None:
        self._watch = watch
        self._followers = list(watch.followers)
        self._news = False

    @workflow.run
    async def run(self, watch: ClosingWatch) -> Closing:
        """Wait until the item is closed, and tell it."""
        while not (closing := await self._look()):
            await self._wait()
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(ClosingWatch(watch.item, tuple(self._followers), watch.pull_request))
        for follower in self._followers:
            await self._tell(follower, closing)
        return closing

    @workflow.signal
    def news(self, _delivery: str = "") -> None:
        """Hear that the item may have been closed."""
        self._news = True

    @workflow.signal
    def follow(self, follower: str) -> None:
        """Tell this workflow too."""
        if follower not in self._followers:
            self._followers.append(follower)

    async def _look(self) -> Closing | None:
        self._news = False
        try:
            return await self._closing()
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.type == Failure.PERMANENT:
                return Closing(self._watch.item.number, gone=True)
            raise

    async def _closing(self) -> Closing | None:
        item = self._watch.item
        if self._watch.pull_request:
            pull_request = await github_steps.read_pull_request(item)
            return None if pull_request.open else Closing(item.number, pull_request.merged)
        return None if (await steps.read_issue(item)).open else Closing(item.number)

    async def _wait(self) -> None:
        try:
            await workflow.wait_condition(lambda: self._news, timeout=PROBE_EVERY)
        except TimeoutError:
            workflow.logger.debug("looking without an event")

    async def _tell(self, follower: str, closing: Closing) -> None:
        try:
            await workflow.get_external_workflow_handle(follower).signal(CLOSED, closing)
        except FailureError:
            workflow.logger.info("%s does not wait any more", follower)
