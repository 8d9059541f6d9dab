"""The one status comment of an item, kept up to date without a write for every piece of news."""

import asyncio
import contextlib
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import steps
from workflows.check_run import CheckRun
from workflows.model import Item, Outcome, Progress, PullRequest, StatusReport, Step, Work

EDIT_GAP = timedelta(seconds=5)
"""Least time between two edits: an installation has 80 content writes a minute for all its items together."""

PATIENCE = timedelta(minutes=1)
"""An edit that GitHub's limits hold back for longer gives its turn to one that says more; to the ending, at once."""


class StatusComment:
    """What the comment should show; `narrate` brings it to GitHub until the end is told."""

    def __init__(self, item: Item, work: Work) -> None:
        self._item = item
        self._work = work
        self._comment_id = 0
        self._progress: Progress | None = None
        self._pull_request: PullRequest | None = None
        self._outcome: Outcome | None = None
        self._check = CheckRun(item)
        self._steps: dict[str, bool] = {}
        self._waiting = ""
        self._news = True

    @property
    def progress(self) -> Progress | None:
        """Where the running loop is, as it last said."""
        return self._progress

    @property
    def waiting(self) -> str:
        """What is waited for; empty while the work goes on."""
        return self._waiting

    def show(self, progress: Progress) -> None:
        """Show where the loop is."""
        self._progress = progress
        self._news = True

    def plan(self, *texts: str) -> None:
        """Show the steps that lead to the end."""
        self._steps = dict.fromkeys(texts, False)
        self._news = True

    def done(self, text: str) -> None:
        """Tick a step off; one that was not planned is added."""
        self._steps[text] = True
        self._news = True

    def wait(self, reason: str) -> None:
        """Show what is waited for and who can end that; empty when the work goes on."""
        self._news = self._news or reason != self._waiting
        self._waiting = reason

    def link(self, pull_request: PullRequest) -> None:
        """Show the pull request."""
        self._pull_request = pull_request
        self._news = True

    def follow(self, sha: str) -> None:
        """Show the work as a check run on this commit from now on."""
        self._check.follow(sha)
        self._news = True

    def end(self, outcome: Outcome) -> None:
        """Show how it ended; nothing comes after that."""
        self._outcome = outcome
        self._news = True

    async def narrate(self) -> None:
        """Write whenever there is news, with a gap between edits; after one that was refused, only the ending."""
        while True:
            gap = EDIT_GAP if await self._write() else None
            if self._news_is_old_and_final():
                return
            with contextlib.suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._outcome is not None, timeout=gap)
            await workflow.wait_condition(lambda: self._news)

    async def _write(self) -> bool:
        """Write the comment; False when GitHub will not have it now."""
        self._news = False
        began, writing = workflow.now(), asyncio.create_task(steps.write_status(self._report()))
        await workflow.wait_condition(lambda: writing.done() or self._is_outdated(began))
        outdated = not writing.done()
        writing.cancel()  # which does nothing to a write that is done, and waits for an attempt that is under way
        try:
            self._comment_id = await writing
            await self._check.write(self._report())
        except FailureError as error:
            if self._news and (outdated or is_cancelled_exception(error)):  # its worker may have died with it
                return True
            workflow.logger.warning("status comment not written: %s", error.cause)
            return False
        return True

    def _is_outdated(self, began: datetime) -> bool:
        """Whether an edit is held back that need not be made any more; only a creation may have left something."""
        waited = workflow.now() - began > PATIENCE
        return self._comment_id != 0 and self._news and (waited or self._outcome is not None)

    def _report(self) -> StatusReport:
        return StatusReport(
            item=self._item,
            comment_id=self._comment_id,
            now=workflow.now().isoformat(),
            progress=self._progress,
            outcome=self._outcome,
            pull_request=self._pull_request,
            work=self._work,
            steps=tuple(Step(text, done) for text, done in self._steps.items()),
            waiting=self._waiting,
        )

    def _news_is_old_and_final(self) -> bool:
        return self._outcome is not None and not self._news
