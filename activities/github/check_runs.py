"""Our check run on a commit: one for each processor, with at most three buttons."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from githubkit.exception import RequestFailed

from activities.checks.plain import one_line
from activities.github.answers import CheckRunAnswer, CheckRuns
from activities.github.calls import Call
from activities.github.client import MISSING, RepositoryClient
from activities.github.comments import render
from activities.github.errors import status_of
from activities.github.markdown import harmless
from workflows.model import Abandonment, Button, CheckResult, CheckRunReport, Ending, Outcome

NAME = "aidp"
TAKEN_OVER = Outcome(Ending.CANCELLED, "It was ended from outside", "Other work has taken its place.")
MAX_TITLE = 200
MAX_SUMMARY_BYTES = 60_000  # GitHub takes 65,535
MAX_BUTTONS = 3
MAX_ANNOTATIONS = 50
MAX_ANNOTATION_TITLE = 255
PLACE = re.compile(r"(?P<path>(?![./])[^:\\]{1,500}):(?P<line>[1-9][0-9]{0,6})(?::[0-9]+)?: (?P<message>.+)", re.DOTALL)
"""A finding in a file of the repository."""


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
    known = await repository.find(f"check-runs/{report.check_id}", CheckRunAnswer) if report.check_id else None
    ours = [] if known and _can_say(known, report) else await _ours(repository, report.sha)
    its = [run for run in (known, *ours) if run and run.external_id == report.external_id]
    found = max(its, key=lambda run: run.id, default=None)  # of two reads of the same one, the first
    if found and _can_say(found, report):
        return found.id if _says(found, report) else await _edit(repository, found.id, report)
    if report.check_id and not found and await _is_there(repository, report):
        return report.check_id
    await _end(repository, ours, Abandonment(report.item, TAKEN_OVER))
    return await _create(repository, report)


async def end_check_runs(repository: RepositoryClient, sha: str, abandonment: Abandonment) -> None:
    """End what the work on an item has left in progress on a commit, whichever processor it was."""
    await _end(repository, await _ours(repository, sha), abandonment)


def content(report: CheckRunReport, home: str) -> Mapping[str, object]:
    """Write what a check run says, and its buttons; `home` is the repository's page."""
    state = {"status": "completed", "conclusion": report.conclusion} if report.conclusion else {"status": "in_progress"}
    comment = f"{home}/issues/{report.item.number}#issuecomment-{report.comment_id}"
    address = {"details_url": comment} if report.comment_id else {}
    actions = [_action(button) for button in report.buttons[:MAX_BUTTONS]]
    output = {**_output(report), "annotations": _annotations(report.checks)} if report.conclusion else _output(report)
    return {**state, **address, "output": output, "actions": actions}


async def _create(repository: RepositoryClient, report: CheckRunReport) -> int:
    said = content(report, await repository.home())
    body = {"name": NAME, "head_sha": report.sha, "external_id": report.external_id, **said}
    return (await repository.send(Call("POST", "check-runs", body), CheckRunAnswer)).id


async def _edit(repository: RepositoryClient, check_id: int, report: CheckRunReport) -> int:
    body = content(report, await repository.home())
    return (await repository.send(Call("PATCH", f"check-runs/{check_id}", body), CheckRunAnswer)).id


async def _is_there(repository: RepositoryClient, report: CheckRunReport) -> bool:
    """Edit the known one unseen: what we read may lag behind, so only a refused edit proves that it is gone."""
    try:
        await _edit(repository, report.check_id, report)
    except RequestFailed as error:
        if status_of(error) not in MISSING:
            raise
        return False
    return True


async def _end(repository: RepositoryClient, runs: Iterable[CheckRunAnswer], abandonment: Abandonment) -> None:
    """Cancel the item's; one processor has it at a time, so they are nobody's any more."""
    item, outcome = abandonment.item, abandonment.outcome
    processors = re.compile(rf"[a-z_-]+:{item.repository_id}#{item.number}/.+")
    text = f"{outcome.reason}. {outcome.advice}".strip()
    said = CheckRunReport(item, "", "", outcome.reason, text, "cancelled", (Button.RETRY,))
    for run in runs:
        if run.status != "completed" and processors.fullmatch(run.external_id or ""):
            await _edit(repository, run.id, said)


async def _ours(repository: RepositoryClient, sha: str) -> list[CheckRunAnswer]:
    us = repository.clients.app.id
    query = f"check_name={NAME}&filter=all&app_id={us}&per_page=100"
    answer = await repository.get(f"commits/{sha}/check-runs?{query}", CheckRuns)
    return [run for run in answer.check_runs if run.app and run.app.id == us]


def _can_say(found: CheckRunAnswer, report: CheckRunReport) -> bool:
    """Whether it can say this; one that is over can only be told another end."""
    return found.status != "completed" or bool(report.conclusion)


def _says(found: CheckRunAnswer, report: CheckRunReport) -> bool:
    """Whether a check run that is over says this already; one that goes on may need other buttons."""
    said = {"title": found.output.title, "summary": found.output.summary}
    return bool(report.conclusion) and (found.conclusion, said) == (report.conclusion, _output(report))


def _output(report: CheckRunReport) -> dict[str, str]:
    title = one_line(report.title, MAX_TITLE)
    table = render("checks", checks=report.checks) if report.checks else ""
    summary = "\n\n".join(filter(None, (harmless(report.summary or title), table)))
    return {"title": title, "summary": summary.encode()[:MAX_SUMMARY_BYTES].decode(errors="ignore")}


def _annotations(checks: Iterable[CheckResult]) -> list[Mapping[str, object]]:
    """Show what failed at its line, where that is known. GitHub adds them up, so they are written with the end only."""
    failed = (check for check in checks if not check.passed)
    found = ((check, PLACE.fullmatch(failure)) for check in failed for failure in check.failures)
    return [_annotation(check, place) for check, place in found if place][:MAX_ANNOTATIONS]


def _annotation(check: CheckResult, place: re.Match[str]) -> Mapping[str, object]:
    line = int(place["line"])
    return {
        "path": place["path"],
        "start_line": line,
        "end_line": line,
        "annotation_level": "failure" if check.required else "warning",
        "title": check.name[:MAX_ANNOTATION_TITLE],
        "message": place["message"],
    }


def _action(button: Button) -> dict[str, str]:
    words = WORDS[button]
    return {"label": words.label, "description": words.description, "identifier": button.value}
