"""Our check run on a pull request's head commit: the status comment in a line, with buttons."""

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import github_steps
from workflows.model import Button, CheckRunReport, Ending, Item, StatusReport

MAX_TITLE = 200
WORKING, PAUSED, SUPERSEDED = "Working", "Paused", "A newer commit took its place"
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
        self._item = item
        self._sha = ""
        self._left = ""
        """The commit that was followed before; its check run is still open."""
        self._written: CheckRunReport | None = None

    def follow(self, sha: str) -> None:
        """Show the work on this commit from now on."""
        if self._sha and self._sha != sha:
            self._left = self._sha
        self._sha = sha

    async def write(self, report: StatusReport) -> None:
        """Bring GitHub's check run in line with the status, if that says something new.

        It only repeats what the comment says: where GitHub does not want it, the work goes on without.
        """
        try:
            await self._write(report)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("check run not written: %s", error.cause)
            self._sha = self._left = ""

    async def _write(self, report: StatusReport) -> None:
        if self._left:
            await github_steps.write_check_run(self._report(self._left, SUPERSEDED, "neutral"))
            self._left = ""
        if not self._sha:
            return
        current = self._current(report)
        if current != self._written:
            await github_steps.write_check_run(current)
            self._written = current

    def _current(self, report: StatusReport) -> CheckRunReport:
        outcome = report.outcome
        if outcome:
            buttons = (Button.RETRY,) if outcome.ending in RETRIABLE else ()
            text = f"{outcome.reason}\n\n{outcome.advice}".strip()
            return self._report(self._sha, _title(outcome.reason), CONCLUSIONS[outcome.ending], text, buttons)
        paused = bool(report.progress and report.progress.paused)
        asked = bool(report.progress and report.progress.awaiting)
        buttons = (Button.RESUME if paused else Button.PAUSE, Button.CANCEL)
        if asked:
            buttons = (Button.APPROVE, *buttons)
        title = PAUSED if paused else report.waiting or f"{WORKING}: {report.work}"
        return self._report(self._sha, _title(title), "", "", buttons)

    def _report(
        self, sha: str, title: str, conclusion: str, summary: str = "", buttons: tuple[Button, ...] = ()
    ) -> CheckRunReport:
        identity = f"{workflow.info().workflow_id}/{workflow.info().first_execution_run_id}"
        return CheckRunReport(self._item, sha, identity, title, summary, conclusion, buttons)


def _title(text: str) -> str:
    line = text[:1].upper() + text[1:]
    return line if len(line) <= MAX_TITLE else f"{line[: MAX_TITLE - 1]}…"
