"""Jobs as tables and texts for a terminal."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from github_app.jobs.model import Job, JobState, JobStatus
from github_app.jobs.words import ago, lasted, plain
from workflows.model import CheckResult, Ending, LoopResult, Priority, Progress, Spent
from workflows.model.workstreams import UnitReport, WorkstreamSummary
from workflows.workstream_unit import loop_id

STYLES: Mapping[str, str] = {
    JobState.RUNNING: "cyan",
    JobState.PAUSED: "yellow",
    JobState.WAITING: "yellow",
    JobState.CANCELLING: "yellow",
    JobState.NO_ANSWER: "red",
    Ending.DONE: "green",
    Ending.NOTHING_TO_DO: "green",
    Ending.GAVE_UP: "red",
    Ending.FAILED: "red",
}
NO_ANSWER = "No worker answers for some jobs. Start `aidp up` (or `aidp work`) to let them go on."
NONE = "No jobs. Start one with: aidp jobs start work --project-dir DIR --step NAME --prompt FILE"
SHOWN_LOG_LINES = 10
Rows = Iterator[tuple[str, str]]


def job_table(jobs: Sequence[Job]) -> RenderableType:
    """Show jobs, one a line."""
    if not jobs:
        return NONE
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("ID", no_wrap=True)
    waits = any(job.state is JobState.WAITING for job in jobs)
    for heading in ("KIND", "STATE", "STEP", "PROJECT", "STARTED", "TOOK", *("WAITS FOR",) * waits):
        table.add_column(heading, overflow="fold")
    for job in jobs:
        started = ago(datetime.fromisoformat(job.started))
        texts = (job.id, job.kind, plain(job.title), plain(job.project), started, lasted(job.seconds), _waits_for(job))
        row = [Text(text) for text in texts]
        table.add_row(*row[:2], _state(job), *row[2 : None if waits else -1])
    return Group(table, Text(NO_ANSWER)) if any(job.state is JobState.NO_ANSWER for job in jobs) else table


def status_view(status: JobStatus) -> RenderableType:
    """Show one job."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _rows(status):
        table.add_row(name, Text(plain(value)))
    return Group(table, unit_table(status.workstreams, status.job.id)) if status.workstreams else table


def unit_table(summary: WorkstreamSummary, job_id: str) -> RenderableType:
    """Show the units of workstreams."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("UNIT", "STATUS", "TOOK", "BRANCH", "WHY"):
        table.add_column(heading, overflow="fold")
    for unit in summary.units:
        table.add_row(*map(Text, _unit_cells(unit, job_id)))
    return table


def look_command(job: Job, result: LoopResult) -> str:
    """Write the command that shows what a job has done; empty when nothing was pushed."""
    if not result.published or not job.project:
        return ""
    return shlex.join(("git", "-C", job.project, "diff", f"{result.base_branch}...{result.branch}"))


def ending_line(status: JobStatus) -> str:
    """Say in one line how a job ended, and in a second how to see what it did."""
    job = status.job
    line = f"{_word(job.ending)} after {lasted(job.seconds)}" + (f": {plain(job.reason)}" if job.reason else "")
    look = look_command(job, status.result) if status.result else ""
    return f"{line}\nBranch {job.branch}. Look at it with: {look}" if look else line


def _state(job: Job) -> Text:
    word = job.ending or job.state.value
    return Text(_word(word), style=STYLES.get(word, ""))


def _waits_for(job: Job) -> str:
    return plain(job.reason) if job.state is JobState.WAITING else ""


def _rows(status: JobStatus) -> Rows:
    job = status.job
    yield "job", f"{job.id} ({job.kind})"
    yield "step", job.title
    yield "project", job.project
    yield "state", _word(job.ending or job.state) + (f": {job.reason}" if job.reason else "")
    yield "time", f"started {ago(datetime.fromisoformat(job.started))}, took {lasted(job.seconds)}"
    if status.progress:
        yield from _progress_rows(status.progress)
    if status.checkpoint and status.checkpoint.sha:
        trend = f", {status.checkpoint.trend}" if status.checkpoint.trend else ""
        yield "checkpoint", f"{status.checkpoint.sha[:12]} after iteration {status.checkpoint.iteration}{trend}"
    if status.result:
        yield from _result_rows(job, status.result)


def _progress_rows(progress: Progress) -> Rows:
    yield "branch", progress.branch
    yield "iteration", f"{progress.iteration} of at most {progress.max_iterations}"
    if progress.note:
        yield "now", progress.note
    yield from _agent_rows(progress.agent, progress.spent)
    if progress.budget:
        yield "budget", progress.budget
    yield from _check_rows(progress.checks)
    if progress.change.files:
        change = progress.change
        yield "change", f"{change.files} files, +{change.additions} -{change.deletions}"
    for instruction in progress.instructions:
        yield "instruction", f"({Priority(instruction.priority).name.lower()}) {instruction.text}"
    for path in progress.awaiting:
        yield "to approve", path
    for line in progress.log[-SHOWN_LOG_LINES:]:
        yield "log", f"{datetime.fromisoformat(line.time):%H:%M:%S} {line.text}"


def _result_rows(job: Job, result: LoopResult) -> Rows:
    yield "iterations", str(result.iterations)
    yield from _agent_rows(result.agent, result.spent)
    yield from _check_rows(result.checks)
    if result.published:
        yield "branch", result.branch
    if look := look_command(job, result):
        yield "look", look
    if result.message:
        yield "agent", result.message


def _agent_rows(agent: str, spent: Spent) -> Rows:
    provider, _, model = agent.partition("/")
    if provider:
        yield "agent", f"{provider}, model {model}" if model else f"{provider}, its own choice of model"
    if spent != Spent():
        yield "spent", spent_text(spent)


def spent_text(spent: Spent) -> str:
    """Tell what was spent: what nobody told is no zero."""
    guessed = spent.unpriced_runs or spent.assumed_runs
    parts = [f"{lasted(spent.seconds)} of agents' work"]
    if spent.tokens:
        parts.append(f"{spent.tokens:,} tokens")
    if spent.usd:
        parts.append(f"${spent.usd:,.2f}{', partly estimated' * bool(guessed)}")
    if spent.uncounted_runs:
        parts.append(f"{spent.uncounted_runs} runs that did not tell all their tokens")
    return ", ".join(parts)


def _check_rows(checks: Sequence[CheckResult]) -> Rows:
    for check in checks:
        yield "check", f"{'✓' if check.passed else '✗'} {check.name}: {check.summary}"


def _unit_cells(unit: UnitReport, job_id: str) -> tuple[str, ...]:
    return unit.slug, unit.status, lasted(unit.seconds) if unit.seconds else "", unit.branch, plain(_why(unit, job_id))


def _why(unit: UnitReport, job_id: str) -> str:
    """Say why a unit is as it is; of one that waits, also by which id it is steered."""
    if unit.outcome:
        return unit.outcome.reason
    return f"{unit.waiting} ({loop_id(job_id, unit.slug, unit.attempt)})" if unit.waiting else ""


def _word(word: str) -> str:
    return word.replace("_", " ")
