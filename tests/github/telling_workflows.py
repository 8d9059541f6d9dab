"""Workflows that write something and soon after that write it anew."""

from temporalio import workflow

from workflows.check_run import CheckRun
from workflows.model import Ending, Item, Outcome, ProjectPost, StatusReport
from workflows.project_board import ProjectBoard


@workflow.defn
class CheckedWorkflow:
    """Has a check run."""

    @workflow.run
    async def run(self, item: Item, sha: str) -> None:
        """Begin, and end at once."""
        check, status = CheckRun(item), StatusReport(item, work="review")
        check.follow(sha)
        await check.write(status)
        await check.write(StatusReport(item, outcome=Outcome(Ending.DONE, "no findings")))


@workflow.defn
class BoardWorkflow:
    """Keeps the comment of a project."""

    @workflow.init
    def __init__(self, post: ProjectPost) -> None:
        self._board = ProjectBoard()
        self._board.show(post)

    @workflow.run
    async def run(self, post: ProjectPost) -> None:
        """Show it until the last word is written."""
        del post
        await self._board.narrate()

    @workflow.signal
    def end(self, post: ProjectPost) -> None:
        """Show the last word."""
        self._board.show(post)
        self._board.close()
