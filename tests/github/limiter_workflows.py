"""Workflows that write a lot, for the stories of the limiter."""

import asyncio

from temporalio import workflow

from workflows import steps
from workflows.model import (
    Ending,
    Issue,
    Item,
    LabelChange,
    Note,
    Outcome,
    Progress,
    PullRequestDraft,
    StatusReport,
    Work,
)
from workflows.status_comment import StatusComment


@workflow.defn
class WriteNotesWorkflow:
    """Writes notes, all at once."""

    @workflow.run
    async def run(self, item: Item, keys: list[str]) -> None:
        """Write one for each key."""
        await asyncio.gather(*(steps.write_note(Note(item, key, "Hello")) for key in keys))


@workflow.defn
class ReadIssueWorkflow:
    """Reads an issue."""

    @workflow.run
    async def run(self, item: Item) -> Issue:
        """Read it."""
        return await steps.read_issue(item)


@workflow.defn
class WriteEverythingWorkflow:
    """Leaves everything on an issue that we ever leave there."""

    @workflow.run
    async def run(self, draft: PullRequestDraft) -> None:
        """Write all of it, side by side."""
        item = draft.item
        await asyncio.gather(
            steps.add_eyes(item),
            steps.change_labels(LabelChange(item, add=("aidp-working",))),
            steps.write_status(StatusReport(item)),
            steps.write_note(Note(item, "hello", "Hello")),
            steps.open_pull_request(draft),
        )


@workflow.defn
class TellStatusWorkflow:
    """Keeps a status comment, and hears what to show."""

    @workflow.init
    def __init__(self, item: Item) -> None:
        self._status = StatusComment(item, Work.BUILD, "aidp-needs-input")

    @workflow.run
    async def run(self, item: Item) -> None:
        """Tell it until the end is told."""
        del item
        await self._status.narrate()

    @workflow.signal
    def progress(self, progress: Progress) -> None:
        """Show where the loop is."""
        self._status.show(progress)

    @workflow.signal
    def end(self, reason: str) -> None:
        """Show how it ended."""
        self._status.end(Outcome(Ending.CANCELLED, reason))
