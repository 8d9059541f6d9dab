"""Our check run on a pull request's head commit: the status comment in a line, with buttons."""

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import github_steps
from workflows.model import Button, CheckRunReport, Ending, Item, Outcome, StatusReport

MAX_TITLE = 200
WORKING, PAUSED, SUPERSEDED = "Working", "Paused", "A newer commit took its place"
BEGINS, ITERATION = "It is getting ready.", "Iteration {number} of {most}{provider}."
CONCLUSIONS = {
    Ending.DONE: "success",
    Ending.NOTHING_TO_DO: "neutral",
    Ending.GAVE_UP: "action_required",
    Ending.FAILED: "failure",
    Ending.CANCELLED: "cancelled",
}
RETRIABLE = frozenset({Ending.GAVE_UP, Ending.FAILED, Ending.CANCELLED})


class CheckRun:
    """The check run of one processor; a new commit gets a new one, and the old one is closed."""

    def __init__(self, item: Item) -> None:
        self.id = 0
        """The newest one; 0 as long as there is none."""
        self._item = item
        self._sha = ""
        self._written: dict[str, CheckRunReport | None] = {}
        """What they say, commit by commit, with their ids; `None` where GitHub did not answer that it has one."""
        self._refused = False

    def follow(self, sha: str) -> None:
        """Show the work on this commit from now on."""
        self._sha = sha

    async def write(self, status: StatusReport) -> None:
        """Bring GitHub's check runs in line with the status, if that says something new.

        They only repeat what the comment says: where GitHub does not want them, the work goes on without, and only its
        ending is tried once more.
        """
        if self._refused and not status.outcome:
            return
        for sha in self._left():
            await self._put(replace(self._report(sha), title=SUPERSEDED, conclusion="neutral"))
        if self._sha and (current := self._current(status)) != self._written.get(self._sha):
            self.id = await self._put(current) or self.id

    def _left(self) -> list[str]:
        """List the commits that were followed before, and whose check run may not be over."""
        before = ((sha, report) for sha, report in self._written.items() if sha != self._sha)
        return [sha for sha, report in before if not report or not report.conclusion]

    async def _put(self, report: CheckRunReport) -> int:
        """Write one and return its id; 0 where GitHub will not have it."""
        self._written[report.sha] = None  # whatever becomes of this attempt, it may leave one
        try:
            written = await github_steps.write_check_run(report)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("check run not written: %s", error.cause)
            self._refused = True
            return 0
        self._written[report.sha] = replace(report, check_id=written)
        return written

    def _report(self, sha: str) -> CheckRunReport:
        before = self._written.get(sha)
        return CheckRunReport(self._item, sha, _identity(), title="", check_id=before.check_id if before else 0)

    def _current(self, status: StatusReport) -> CheckRunReport:
        report = replace(
            self._report(self._sha),
            comment_id=status.comment_id,
            checks=status.progress.checks if status.progress else (),
        )
        return _concluded(report, status.outcome) if status.outcome else _running(report, status)


def _concluded(report: CheckRunReport, outcome: Outcome) -> CheckRunReport:
    return replace(
        report,
        title=_title(outcome.reason),
        summary=f"{outcome.reason}\n\n{outcome.advice}".strip(),
        conclusion=CONCLUSIONS[outcome.ending],
        buttons=(Button.RETRY,) if outcome.ending in RETRIABLE else (),
    )


def _running(report: CheckRunReport, status: StatusReport) -> CheckRunReport:
    progress = status.progress
    paused = bool(progress and progress.paused)
    asked = (Button.APPROVE,) if progress and progress.awaiting else ()
    title = PAUSED if paused else status.waiting or f"{WORKING}: {status.work}"
    return replace(
        report,
        title=_title(title),
        summary=_summary(status),
        buttons=(*asked, Button.RESUME if paused else Button.PAUSE, Button.CANCEL),
    )


def _summary(status: StatusReport) -> str:
    """Say how far it is, but nothing that changes every moment: each change is a write."""
    progress = status.progress
    whom = f" with {progress.agent}" if progress and progress.agent else ""
    if progress and progress.iteration and not status.measure:
        return ITERATION.format(number=progress.iteration, most=progress.max_iterations, provider=whom)
    told = [part for part in (status.measure, f"at work{whom}" if whom else "") if part]
    return f"{_title('; '.join(told))}." if told else BEGINS


def _identity() -> str:
    """Name the processor, so that its check runs are found again."""
    return f"{workflow.info().workflow_id}/{workflow.info().first_execution_run_id}"


def _title(text: str) -> str:
    line = text[:1].upper() + text[1:]
    return line if len(line) <= MAX_TITLE else f"{line[: MAX_TITLE - 1]}…"
