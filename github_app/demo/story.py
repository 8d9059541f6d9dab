"""The story the demo tells: from an issue to a pull request that is ready, each step checked on the local GitHub."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio

from github_app.demo.following import GLANCE_SECONDS, Following, Show
from github_app.demo.github import Issue
from github_app.demo.github.reviewing import Remark, ReviewDraft
from github_app.demo.stage import Stage

TITLE = "Read durations, too"
BODY = """\
`format_duration` writes durations; please add its opposite: `parse_duration("1h 30m")` returns 5400.

Spaces between the parts are optional. Text that is no duration raises `ValueError`.
"""
LABEL, WORKING = "aidp-plan", "aidp-working"
PERSON, REVIEWER = "ada", "grace"
STEP_SECONDS = 60
WISH = "Please write `not a time span` instead of `not a duration`: that is what our users call it."

T = TypeVar("T")


class StepError(Exception):
    """A step of the story did not happen; the text says which."""


@dataclass(slots=True)
class Told:
    """The story as far as it has been told."""

    stage: Stage
    show: Show
    number: int = 0
    started: float = field(default_factory=time.monotonic)
    labelled: float = 0.0
    seconds_to_eyes: float = 0.0
    seconds_to_agent: float = 0.0

    @property
    def pull_request(self) -> Issue | None:
        """The pull request, once it is there."""
        return next(iter(self.stage.github.pull_requests(self.stage.repository)), None)

    @property
    def pull(self) -> Issue:
        """The pull request that is there."""
        if not (found := self.pull_request):
            raise StepError("there is no pull request")
        return found

    @property
    def head_sha(self) -> str:
        """Its newest commit."""
        return self.pull.pull.head_sha if self.pull.pull else ""

    @property
    def status(self) -> str:
        """The issue's status comment."""
        return self.comment(self.number, "aidp:status")

    def comment(self, number: int, words: str) -> str:
        """Read the comment that says this; empty while there is none."""
        comments = self.stage.github.comments(self.stage.repository, number)
        return next((comment.body for comment in comments if words in comment.body), "")

    async def say(self, number: int, text: str) -> None:
        """Write a comment."""
        self.show("@" + PERSON, text)
        await self.stage.github.comment(self.stage.repository, number, PERSON, text)

    async def until(self, what: str, look: Callable[[], T | None]) -> T:
        """Look until there is something to see, and return it."""
        with anyio.move_on_after(STEP_SECONDS):
            while True:
                if seen := look():
                    return seen
                await anyio.sleep(GLANCE_SECONDS)
        raise StepError(f"{what}: not seen within {STEP_SECONDS} s")


async def tell(told: Told) -> None:
    """Tell the story to its end; raises `StepError` at the first step that does not happen."""
    await _plan(told)
    await _build(told)
    await _find_the_pull_request(told)
    await _watch_the_ci(told)
    await _ask_for_a_change(told)
    await _hand_over(told)
    await _read_the_ending(told)


async def _plan(told: Told) -> None:
    """Have a plan made, answer its question, approve it."""
    github, repository, show = told.stage.github, told.stage.repository, told.show
    github.set_permission(repository, PERSON, "write")
    issue = await github.create_issue(repository, PERSON, TITLE, BODY)
    show("issue", f"#{issue.number} “{TITLE}” in {repository.full_name}")
    told.number, told.labelled = issue.number, time.monotonic()
    await github.label_issue(repository, issue.number, LABEL, by=PERSON)
    show("@" + PERSON, f"puts the label {LABEL} on it")
    await told.until("👀 on the issue", lambda: github.reactions(repository, told.number))
    told.seconds_to_eyes = time.monotonic() - told.labelled
    show("aidp", f"👀 after {told.seconds_to_eyes:.1f} s")
    await told.until("the plan's question", lambda: "answers to the plan's questions" in told.status)
    show("aidp", _line(told.comment(told.number, "aidp:plan"), "1. "))
    await told.say(told.number, "No, only spaces.")
    await told.until("the plan that waits", lambda: "/aidp approve" in told.status)
    show("aidp", "planned again with the answer; it waits for an approval")
    await told.say(told.number, "/aidp approve")
    await told.until("🚀 on the comment", lambda: "approved by" in told.comment(told.number, "aidp:plan"))


async def _build(told: Told) -> None:
    """Follow the loop; pause it, tell the agent something, and let it go on."""
    following = await Following.begin(told.stage.temporal, f"loop:{told.stage.repository.id}#{told.number}:")
    progress = await following.until(told.show, lambda progress: progress.note == "command is working")
    told.seconds_to_agent = time.monotonic() - told.labelled
    if "claude is working" not in following.notes:
        raise StepError("no provider took over from the one that is limited")
    await told.say(told.number, "/aidp pause")
    await following.until(told.show, lambda progress: progress.note == "Paused")
    told.show("loop", "waiting writes no history and may take a month")
    await told.say(told.number, '/aidp tell Also read days: "1d" is 86400 seconds.')
    await following.until(told.show, lambda progress: bool(progress.instructions))
    await told.say(told.number, "/aidp resume")
    progress = await following.to_the_end(told.show)
    if progress.iteration < 2:  # noqa: PLR2004  # red, then green
        raise StepError("the first attempt was not corrected")


async def _find_the_pull_request(told: Told) -> None:
    pull_request = await told.until("pull request", lambda: told.pull_request)
    if not pull_request.pull or not pull_request.pull.draft or f"Fixes #{told.number}" not in pull_request.body:
        raise StepError("the pull request is no draft that fixes the issue")
    source = await told.stage.github.world.git(told.stage.repository).file(pull_request.pull.head, "durations.py")
    if not source or b'"d": 86400' not in source.content:
        raise StepError("the instruction that came in the middle changed nothing")
    told.show("aidp", f"opens #{pull_request.number} “{pull_request.title}”, a draft, from {pull_request.pull.head}")
    await told.until("the end of the build", lambda: "Done" in told.status)


async def _watch_the_ci(told: Told) -> None:
    """See red CI be repaired without anybody asking."""
    await told.until("red CI", lambda: _concluded(told, "failure"))
    told.show("CI", f"red on {told.head_sha[:7]}: it wants more than the tests")
    red = told.head_sha
    await told.until("the fix", lambda: told.head_sha != red)
    told.show("aidp", f"pushes a fix, {told.head_sha[:7]}")
    await told.until("green CI", lambda: _concluded(told, "success"))
    told.show("CI", f"green on {told.head_sha[:7]}")
    await _ended(told)


async def _ask_for_a_change(told: Told) -> None:
    """Review it as a colleague would, and see that done."""
    github, repository = told.stage.github, told.stage.repository
    github.set_permission(repository, REVIEWER, "write")
    source = await github.world.git(repository).file(told.head_sha, "durations.py")
    lines = source.content.decode().splitlines() if source else []
    line = next(number for number, text in enumerate(lines, 1) if "not a duration" in text)
    draft = ReviewDraft("REQUEST_CHANGES", "", (Remark("durations.py", line, WISH),))
    await github.review(repository, told.pull.number, draft, REVIEWER)
    told.show("@" + REVIEWER, f"asks for a change on durations.py:{line}: {WISH}")
    reply = await told.until("the reply in the thread", lambda: _reply(told))
    told.show("aidp", f"replies in the thread and resolves it: {reply.splitlines()[0]}")
    await _ended(told)


async def _hand_over(told: Told) -> None:
    """Have it reviewed, and made ready once CI is green."""
    await told.say(told.pull.number, "/aidp auto")
    finding = await told.until("the review", lambda: _finding(told))
    told.show("aidp", f"reviews it, with a comment on a line: {finding}")
    await told.until("ready for review", lambda: bool(told.pull.pull and not told.pull.pull.draft) or None)
    told.show("aidp", "CI is green and nothing grave is open: ready for review")
    await _ended(told)


async def _read_the_ending(told: Told) -> None:
    github = told.stage.github
    await github.settle()
    if github.unknown_routes:
        raise StepError(f"the local GitHub was asked what it does not know: {github.unknown_routes}")
    told.show("comment", f"on #{told.pull.number}, in the end:\n\n{told.comment(told.pull.number, 'aidp:status')}\n")


async def _ended(told: Told) -> None:
    """Wait until the pull request is free again."""
    github, repository = told.stage.github, told.stage.repository
    await told.until(
        "the end of the work", lambda: WORKING not in github.labels(repository, told.pull.number) and _is_over(told)
    )


def _is_over(told: Told) -> bool:
    status = told.comment(told.pull.number, "aidp:status")
    if "Gave up" in status or "Failed" in status:
        raise StepError(status)
    return "Done" in status


def _concluded(told: Told, conclusion: str) -> bool:
    runs = told.stage.github.check_runs(told.stage.repository, told.head_sha)
    return any(run.conclusion == conclusion and run.name != "aidp" for run in runs)


def _reply(told: Told) -> str:
    remarks = told.stage.repository.review_comments.values()
    return next((remark.body for remark in remarks if remark.body.startswith("Done in")), "")


def _finding(told: Told) -> str:
    remarks = told.stage.repository.review_comments.values()
    return next((_line(remark.body, "") for remark in remarks if "at any length" in remark.body), "")


def _line(text: str, start: str) -> str:
    return next((line for line in text.splitlines() if line.startswith(start) and not line.startswith("<!--")), "")
