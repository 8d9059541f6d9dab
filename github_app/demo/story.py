"""The story the demo tells: a label goes on an issue, and each step that follows is checked on the local GitHub."""

import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

import anyio

from github_app.demo.following import GLANCE_SECONDS, Show, Shown, find_loop, progress_of, steer
from github_app.demo.github import Issue
from github_app.demo.stage import Stage
from workflows.model import Ending, LoopResult

TITLE = "Read durations, too"
BODY = """\
`format_duration` writes durations; please add its opposite: `parse_duration("1h 30m")` returns 5400.

Spaces between the parts are optional. Text that is no duration raises `ValueError`.
"""
LABEL, WORKING = "aidp-build", "aidp-working"
PERSON = "ada"
STEP_SECONDS = 60

T = TypeVar("T")


class StepError(Exception):
    """A step of the story did not happen; the text says which."""


@dataclass(slots=True)
class Told:
    """The story as far as it has been told."""

    stage: Stage
    number: int = 0
    started: float = field(default_factory=time.monotonic)
    labelled: float = 0.0
    seconds_to_eyes: float = 0.0
    seconds_to_agent: float = 0.0
    result: LoopResult | None = None

    @property
    def pull_request(self) -> Issue | None:
        """The pull request, once it is there."""
        return next(iter(self.stage.github.pull_requests(self.stage.repository)), None)

    @property
    def status(self) -> str:
        """The status comment."""
        comments = self.stage.github.comments(self.stage.repository, self.number)
        return comments[0].body if len(comments) == 1 else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The issue's labels."""
        return self.stage.github.labels(self.stage.repository, self.number)


async def tell(told: Told, show: Show) -> None:
    """Tell the story to its end; raises `StepError` at the first step that does not happen."""
    await _label_an_issue(told, show)
    await _see_it_taken(told, show)
    await _follow_the_loop(told, show)
    await _find_the_pull_request(told, show)
    await _watch_ci(told, show)
    await _read_the_ending(told, show)


async def until(what: str, look: Callable[[], T | None]) -> T:
    """Look until there is something to see, and return it."""
    with anyio.move_on_after(STEP_SECONDS):
        while True:
            if seen := look():
                return seen
            await anyio.sleep(GLANCE_SECONDS)
    raise StepError(f"{what}: not seen within {STEP_SECONDS} s")


async def _label_an_issue(told: Told, show: Show) -> None:
    github, repository = told.stage.github, told.stage.repository
    github.set_permission(repository, PERSON, "write")
    issue = await github.create_issue(repository, PERSON, TITLE, BODY)
    show("issue", f"#{issue.number} “{TITLE}” in {repository.full_name}")
    told.number, told.labelled = issue.number, time.monotonic()
    await github.label_issue(repository, issue.number, LABEL, by=PERSON)
    show("label", f"@{PERSON} puts `{LABEL}` on it")


async def _see_it_taken(told: Told, show: Show) -> None:
    github, repository = told.stage.github, told.stage.repository
    taken = await until(
        "webhook taken",
        lambda: next(
            (it for it in github.deliveries if it.action == "labeled" and it.status_code == HTTPStatus.ACCEPTED), None
        ),
    )
    show("webhook", f"issues.labeled → 202, Temporal has it ({taken.duration * 1000:.0f} ms)")
    await until("👀 on the issue", lambda: github.reactions(repository, told.number))
    told.seconds_to_eyes = time.monotonic() - told.labelled
    show("seen", f"👀 after {told.seconds_to_eyes:.1f} s")
    await until("working label", lambda: WORKING in told.labels and LABEL not in told.labels)
    show("labels", f"`{LABEL}` → `{WORKING}`")
    await until("status comment", lambda: told.status)
    show("comment", _headline(told.status))


async def _follow_the_loop(told: Told, show: Show) -> None:
    """Show each step as the loop itself reports it, and steer it once an agent is at work."""
    loop = await find_loop(told.stage.temporal, told.stage.repository, told.number)
    shown = Shown(show)
    steered = False
    async with aclosing(progress_of(loop)) as reports:
        async for progress in reports:
            shown.report(progress)
            if progress.note == "command is working" and not steered:
                told.seconds_to_agent, steered = time.monotonic() - told.labelled, True
                await steer(told.stage.temporal, loop, show)
    told.result = await loop.result()
    if told.result.iterations < 2 or told.result.outcome.ending is not Ending.DONE:  # noqa: PLR2004  # red, then green
        raise StepError(f"the loop ended with {told.result.outcome} after {told.result.iterations} iterations")
    if "claude is working" not in shown.notes or told.result.provider != "command":
        raise StepError("no provider took over from the one that is limited")


async def _find_the_pull_request(told: Told, show: Show) -> None:
    pull_request = await until("pull request", lambda: told.pull_request)
    if not pull_request.pull or not pull_request.pull.draft or f"Fixes #{told.number}" not in pull_request.body:
        raise StepError("the pull request is no draft that fixes the issue")
    source = await told.stage.github.world.git(told.stage.repository).file(pull_request.pull.head, "durations.py")
    if not source or b'"d": 86400' not in source.content:
        raise StepError("the instruction that came in the middle changed nothing")
    show("pull", f"#{pull_request.number} “{pull_request.title}”, draft, from {pull_request.pull.head}")


async def _watch_ci(told: Told, show: Show) -> None:
    github, repository, pull_request = told.stage.github, told.stage.repository, told.pull_request
    if not pull_request or not pull_request.pull:
        raise StepError("the pull request is gone")
    sha = pull_request.pull.head_sha
    runs = await until("CI", lambda: [run for run in github.check_runs(repository, sha) if run.status == "completed"])
    if any(run.conclusion != "success" for run in runs):
        raise StepError(f"CI is not green: {[run.conclusion for run in runs]}")
    show("CI", f"{', '.join(run.name for run in runs)}: green on {sha[:7]}")


async def _read_the_ending(told: Told, show: Show) -> None:
    github = told.stage.github
    await until("the ending", lambda: "Done" in told.status and WORKING not in told.labels)
    await github.settle()
    if github.unknown_routes:
        raise StepError(f"the local GitHub was asked what it does not know: {github.unknown_routes}")
    show("comment", _headline(told.status))


def _headline(comment: str) -> str:
    return next((line for line in comment.splitlines() if line and not line.startswith("<!--")), "")
