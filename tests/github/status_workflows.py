"""A workflow that has nothing to do but to tell its status."""

from temporalio import workflow

from workflows.model import Item, Outcome, Progress, Work
from workflows.status_comment import StatusComment

LABEL = "aidp-needs-input"


@workflow.defn
class FollowedWorkflow:
    """Keeps a status, and hears what to show."""

    @workflow.init
    def __init__(self, item: Item) -> None:
        self._status = StatusComment(item, Work.FIX_CI, LABEL)

    @workflow.run
    async def run(self, item: Item) -> None:
        """Tell it until the end is told."""
        del item
        await self._status.narrate()

    @workflow.signal
    def progress(self, progress: Progress) -> None:
        """Show where a loop is."""
        self._status.show(progress)

    @workflow.signal
    def follow(self, shas: list[str]) -> None:
        """Go from commit to commit before anything can be written."""
        for sha in shas:
            self._status.follow(sha)

    @workflow.signal
    def end(self, outcome: Outcome) -> None:
        """Show how it ended."""
        self._status.end(outcome)
