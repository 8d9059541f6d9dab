"""The one status comment of an item, kept up to date without a write for every piece of news."""

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import steps
from workflows.model import Item, Outcome, Progress, PullRequest, StatusReport

EDIT_GAP = timedelta(seconds=5)
"""Least time between two edits: an installation has 80 content writes a minute for all its items together."""


class StatusComment:
    """What the comment should show; `narrate` brings it to GitHub until the end is told."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._comment_id = 0
        self._progress: Progress | None = None
        self._pull_request: PullRequest | None = None
        self._outcome: Outcome | None = None
        self._news = True

    def show(self, progress: Progress) -> None:
        """Show where the loop is."""
        self._progress = progress
        self._news = True

    def link(self, pull_request: PullRequest) -> None:
        """Show the pull request."""
        self._pull_request = pull_request
        self._news = True

    def end(self, outcome: Outcome) -> None:
        """Show how it ended; nothing comes after that."""
        self._outcome = outcome
        self._news = True

    async def narrate(self) -> None:
        """Write whenever there is news, with a gap between edits, until the ending is written."""
        while await self._write() and not self._news_is_old_and_final():
            with contextlib.suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._outcome is not None, timeout=EDIT_GAP)
            await workflow.wait_condition(lambda: self._news)

    async def _write(self) -> bool:
        """Write the comment; False when GitHub will not have it any more, and nobody can be told."""
        self._news = False
        report = StatusReport(
            item=self._item,
            comment_id=self._comment_id,
            now=workflow.now().isoformat(),
            progress=self._progress,
            outcome=self._outcome,
            pull_request=self._pull_request,
        )
        try:
            self._comment_id = await steps.write_status(report)
        except FailureError as error:
            workflow.logger.warning("status comment not written: %s", error.cause)
            return False
        return True

    def _news_is_old_and_final(self) -> bool:
        return self._outcome is not None and not self._news
