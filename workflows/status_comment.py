"""The one status comment of an item, with a check run and a label beside it; not every piece of news is a write."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import steps
from workflows.check_run import CheckRun
from workflows.model import Item, Outcome, Progress, PullRequest, Spent, StatusReport, Step, Waiting, Work
from workflows.needs_input import NeedsInput

EDIT_GAP = timedelta(seconds=5)
"""Least time between two edits: an installation has 80 content writes a minute for all its items together."""

PATIENCE = timedelta(minutes=1)
"""An edit that GitHub's limits hold back for longer gives its turn to one that says more; to the ending, at once."""


class StatusComment:
    """What the comment should show; `narrate` brings it to GitHub until the end is told."""

    def __init__(self, item: Item, work: Work, needs_input: str) -> None:
        self._item = item
        self._work = work
        self._started = workflow.info().start_time.isoformat()
        self._spent: dict[str, Spent] = {}
        """By each loop, of which the work may be made of several."""
        self._comment_id = 0
        self._progress: Progress | None = None
        self._pull_request: PullRequest | None = None
        self._outcome: Outcome | None = None
        self._check = CheckRun(item)
        self._needs_input = NeedsInput(item, needs_input)
        self._measure: Callable[[], str] | None = None
        self._steps: dict[str, bool] = {}
        self._branch = ""
        self._waiting: Waiting | None = None
        self._held: dict[str, Waiting] = {}
        """What holds loops up, of which several may run side by side."""
        self._news = True

    @property
    def progress(self) -> Progress | None:
        """Where the running loop is, as it last said."""
        return self._progress

    @property
    def waiting(self) -> str:
        """What is waited for; empty while the work goes on."""
        waiting = self._called_for or self._waiting or (self._progress.waiting if self._progress else None)
        return waiting.reason if waiting else ""

    def show(self, progress: Progress) -> None:
        """Show where the loop is."""
        self._progress = progress
        self._spent[progress.loop] = progress.spent
        self._held.pop(progress.loop, None)
        if progress.waiting:
            self._held[progress.loop] = progress.waiting
        self._news = True

    def count(self, loop: str, spent: Spent) -> None:
        """Count what a loop has spent in the end, which it may not have told while it worked."""
        self._news = self._news or self._spent.get(loop, Spent()) != spent
        self._spent[loop] = spent

    def measure(self, told: Callable[[], str]) -> None:
        """Show how far it is by something else than the iterations of its loops."""
        self._measure = told

    def plan(self, *texts: str) -> None:
        """Show the steps that lead to the end."""
        self._steps = dict.fromkeys(texts, False)
        self._news = True

    def done(self, text: str) -> None:
        """Tick a step off; one that was not planned is added."""
        self._steps[text] = True
        self._news = True

    def wait(self, reason: str) -> None:
        """Show what is waited for, and comes by itself; empty when the work goes on."""
        self._wait(Waiting(reason, for_people=False) if reason else None)

    def ask(self, reason: str) -> None:
        """Call for people: show what is waited for and who can end that; empty when the work goes on."""
        self._wait(Waiting(reason, for_people=True) if reason else None)

    def publish(self, branch: str) -> None:
        """Show the branch, which people can look at now."""
        self._branch = branch
        self._news = True

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

    @property
    def _called_for(self) -> Waiting | None:
        """What only people can end."""
        return next((it for it in (self._waiting, *self._held.values()) if it and it.for_people), None)

    def _wait(self, waiting: Waiting | None) -> None:
        self._news = self._news or waiting != self._waiting
        self._waiting = waiting

    async def _write(self) -> bool:
        """Write the comment, and what repeats it; False when GitHub will not have the comment now."""
        calls = self._called_for is not None and self._outcome is None  # as the comment says, whatever comes meanwhile
        written, check = await self._write_comment(), self._check.id
        await self._check.write(self._report())
        if self._check.id != check:
            self._news = True  # the comment shows where it is
        if calls:
            await self._needs_input.call()
        else:
            await self._needs_input.end_call()
        return written

    async def _write_comment(self) -> bool:
        self._news = False
        began, writing = workflow.now(), asyncio.create_task(steps.write_status(self._report()))
        await workflow.wait_condition(lambda: writing.done() or self._is_outdated(began))
        outdated = not writing.done()
        writing.cancel()  # which does nothing to a write that is done, and waits for an attempt that is under way
        try:
            self._comment_id = await writing
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
            started=self._started,
            now=workflow.now().isoformat(),
            spent=sum(self._spent.values(), Spent()),
            progress=self._progress,
            outcome=self._outcome,
            pull_request=self._pull_request,
            work=self._work,
            measure=self._measure() if self._measure else "",
            steps=tuple(Step(text, done) for text, done in self._steps.items()),
            waiting=self.waiting,
            for_people=self._called_for is not None,
            check_id=self._check.id,
            branch=self._branch,
        )

    def _news_is_old_and_final(self) -> bool:
        return self._outcome is not None and not self._news
