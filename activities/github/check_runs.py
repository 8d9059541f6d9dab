"""Our check run on a commit: one for each processor, with at most three buttons."""

from collections.abc import Mapping
from dataclasses import dataclass

from activities.checks.plain import one_line
from activities.github.answers import CheckRunAnswer, CheckRuns
from activities.github.calls import Call
from activities.github.client import RepositoryClient
from activities.github.markdown import harmless
from workflows.model import Button, CheckRunReport

NAME = "aidp"
MAX_TITLE = 200
MAX_SUMMARY_BYTES = 60_000  # GitHub takes 65,535
MAX_BUTTONS = 3


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on a button, and what it does."""

    label: str
    """At most 20 characters."""
    description: str
    """At most 40."""


WORDS = {
    Button.APPROVE: Words("Approve", "Let what waits for approval pass"),
    Button.PAUSE: Words("Pause", "Hold the work after the current step"),
    Button.RESUME: Words("Resume", "Go on where the work was held"),
    Button.CANCEL: Words("Cancel", "End the work; its branch stays"),
    Button.RETRY: Words("Try again", "Start the same work once more"),
}


async def write_check_run(repository: RepositoryClient, report: CheckRunReport) -> int:
    """Bring the processor's check run up to date; one that is over stays, and work that goes on gets a new one."""
    found = await _find(repository, report)
    if not found or (found.status == "completed" and not report.conclusion):
        body = {"name": NAME, "head_sha": report.sha, "external_id": report.external_id, **content(report)}
        return (await repository.send(Call("POST", "check-runs", body), CheckRunAnswer)).id
    if not _says(found, report):
        await repository.send(Call("PATCH", f"check-runs/{found.id}", content(report)), CheckRunAnswer)
    return found.id


def content(report: CheckRunReport) -> Mapping[str, object]:
    """Write what a check run says, and its buttons."""
    state = {"status": "completed", "conclusion": report.conclusion} if report.conclusion else {"status": "in_progress"}
    address = {"details_url": report.details_url} if report.details_url else {}
    actions = [_action(button) for button in report.buttons[:MAX_BUTTONS]]
    return {**state, **address, "output": _output(report), "actions": actions}


async def _find(repository: RepositoryClient, report: CheckRunReport) -> CheckRunAnswer | None:
    """Find the processor's newest check run on the commit."""
    us = repository.clients.app.id
    query = f"check_name={NAME}&filter=all&app_id={us}&per_page=100"
    answer = await repository.get(f"commits/{report.sha}/check-runs?{query}", CheckRuns)
    ours = [run for run in answer.check_runs if run.external_id == report.external_id and run.app and run.app.id == us]
    return max(ours, key=lambda run: run.id, default=None)


def _says(found: CheckRunAnswer, report: CheckRunReport) -> bool:
    """Whether a check run that is over says this already; one that goes on may need other buttons."""
    said = {"title": found.output.title, "summary": found.output.summary}
    return bool(report.conclusion) and (found.conclusion, said) == (report.conclusion, _output(report))


def _output(report: CheckRunReport) -> dict[str, str]:
    title = one_line(report.title, MAX_TITLE)
    summary = harmless(report.summary or title).encode()[:MAX_SUMMARY_BYTES].decode(errors="ignore")
    return {"title": title, "summary": summary}


def _action(button: Button) -> dict[str, str]:
    words = WORDS[button]
    return {"label": words.label, "description": words.description, "identifier": button.value}
