"""The story the demo tells: what people do on the local GitHub, and what must be seen there after each of it."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import anyio

from github_app.demo.following import Follower
from github_app.demo.github import Issue
from github_app.demo.github.model import CheckRun
from github_app.demo.github.reviewing import Remark, ReviewDraft
from github_app.demo.page import CHAPTER, Show
from github_app.demo.stage import Stage
from github_app.demo.trouble import BadDay
from github_app.demo.watching import BOT, GLANCE_SECONDS, Watcher
from workflows.model import LoopState, Progress

TITLE = "Read durations, too"
BODY = """\
`format_duration` writes durations; please add its opposite, `parse_duration`.

- `parse_duration("1h 30m")` returns 5400; spaces between the parts are optional
- Text that is no duration raises `ValueError`
- The README shows an example
"""
ANSWER = "Yes, people write `1H 30M` as well."
INSTRUCTION = '/aidp tell Also read days: "1d" is 86400 seconds.'
UNITS, EXAMPLE = "Agreed: take the letters from `UNITS`.", "Say what one looks like, for example `1h 30m`."
PERSON = "ada"
NEEDS_INPUT, WORKING, READY = "aidp-needs-input", "aidp-working", "aidp-ready"
PLAN, STATUS = "<!-- aidp:plan ", "<!-- aidp:status "
BAD_ENDS = ("❌", "🛑", "⏹️")
CI = "test"
STEP_SECONDS = 120

T = TypeVar("T")


class StepError(Exception):
    """A step of the story did not happen; the text says which."""


@dataclass(slots=True)
class Told:
    """The story as far as it has been told."""

    stage: Stage
    show: Show
    number: int = 0
    """Of the issue."""
    pull: int = 0
    """Of its pull request."""
    started: float = field(default_factory=time.monotonic)
    labelled: float = 0.0
    seconds_to_eyes: float = 0.0
    seconds_to_agent: float = 0.0
    seconds: float = 0.0
    follower: Follower = field(init=False)
    bad_day: BadDay | None = None
    """Who tells of the faults, if there are any."""

    def __post_init__(self) -> None:
        """Be ready to follow the loops."""
        self.follower = Follower(self.stage.temporal, self.show)

    @property
    def pull_request(self) -> Issue | None:
        """The pull request, once it is there."""
        return next(iter(self.stage.github.pull_requests(self.stage.repository)), None)

    @property
    def head_sha(self) -> str:
        """Its newest commit."""
        found = self.pull_request
        return found.pull.head_sha if found and found.pull else ""

    def comment(self, marker: str, number: int) -> str:
        """Read the comment of aidp that carries a marker."""
        comments = self.stage.github.comments(self.stage.repository, number)
        return next((it.body for it in comments if it.user.login == BOT and marker in it.body), "")

    def labels(self, number: int) -> tuple[str, ...]:
        """Read the labels of the issue or the pull request."""
        return self.stage.github.labels(self.stage.repository, number)

    def ci(self) -> str:
        """Read what the CI says of the newest commit."""
        runs = self.stage.github.check_runs(self.stage.repository, self.head_sha)
        return next((run.conclusion or "" for run in reversed(runs) if run.name == CI), "")

    def first_ci(self) -> CheckRun | None:
        """Find the first run of the CI that is over; what follows from it may be over as well."""
        runs = self.stage.repository.check_runs.values()
        return next((run for run in runs if run.name == CI and run.conclusion), None)

    def open_threads(self) -> list[int]:
        """List the conversations of people that nobody has settled."""
        remarks = self.stage.repository.review_comments.values()
        asked = {it.thread_id for it in remarks if it.user.login == PERSON}
        return [it for it in asked if not self.stage.repository.threads[it].resolved_by]

    async def say(self, number: int, text: str) -> None:
        """Write a comment as the person of this story."""
        self.show(f"@{PERSON}", f"comments on #{number}: {text}")
        await self.stage.github.comment(self.stage.repository, number, PERSON, text)

    async def until(self, what: str, look: Callable[[], T | None]) -> T:
        """Look until there is something to see, and return it; work that ends badly ends the story."""
        with anyio.move_on_after(STEP_SECONDS):
            while True:
                if seen := look():
                    return seen
                self._refuse_bad_ends(what)
                await anyio.sleep(GLANCE_SECONDS)
        raise StepError(f"{what}: not seen within {STEP_SECONDS} s")

    def _refuse_bad_ends(self, what: str) -> None:
        for number in (self.number, self.pull):
            status = self.comment(STATUS, number)
            if status.startswith(BAD_ENDS):
                raise StepError(f"{what}: not seen, because the work on #{number} ended with\n{status}")

    async def file(self, path: str) -> str:
        """Read a file of the pull request."""
        found = await self.stage.github.world.git(self.stage.repository).file(self.head_sha, path)
        return found.content.decode() if found else ""


async def tell(told: Told) -> None:
    """Tell the story to its end; raises `StepError` at the first step that does not happen."""
    told.started = time.monotonic()
    async with _watched(told):
        for number, (title, chapter) in enumerate(CHAPTERS, 1):
            told.show(CHAPTER, f"{number}. {title}")
            await chapter(told)
        told.seconds = time.monotonic() - told.started
        await told.stage.github.settle()
    if told.stage.github.unknown_routes:
        raise StepError(f"the local GitHub was asked what it does not know: {told.stage.github.unknown_routes}")


@asynccontextmanager
async def _watched(told: Told) -> AsyncGenerator[None]:
    """Tell, beside the story, what is seen on GitHub and what the loops report."""
    stage = told.stage
    watcher = Watcher(stage.repository, told.show)
    failed: StepError | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(watcher.watch)
        group.start_soon(told.follower.follow)
        if told.bad_day:
            group.start_soon(told.bad_day.watch)
        try:
            yield
        except StepError as error:
            failed = error  # not to be put into a group of exceptions
        group.cancel_scope.cancel()
    if failed:
        raise failed


# --- the chapters -----------------------------------------------------------------------------------------------------


async def _plan(told: Told) -> None:
    github, repository = told.stage.github, told.stage.repository
    github.set_permission(repository, PERSON, "write")
    issue = await github.create_issue(repository, PERSON, TITLE, BODY)
    told.number = issue.number
    told.show(f"@{PERSON}", f"opens #{issue.number} “{TITLE}” in {repository.full_name}, and labels it `aidp-plan`")
    told.labelled = time.monotonic()
    await github.label_issue(repository, issue.number, "aidp-plan", by=PERSON)
    await told.until("👀 on the issue", lambda: github.reactions(repository, told.number))
    told.seconds_to_eyes = time.monotonic() - told.labelled
    await told.until("an agent at work", lambda: told.follower.running("ask"))
    told.seconds_to_agent = time.monotonic() - told.labelled
    await told.until("a plan with a question", lambda: "upper case" in told.comment(PLAN, told.number))
    await told.until("the wait for an answer", lambda: NEEDS_INPUT in told.labels(told.number))


async def _approve(told: Told) -> None:
    await told.say(told.number, ANSWER)
    await told.until("the next plan", lambda: "/aidp approve" in told.comment(PLAN, told.number))
    await told.until("the wait for an approval", lambda: NEEDS_INPUT in told.labels(told.number))
    await told.say(told.number, "/aidp approve")
    await told.until("the build", lambda: told.follower.running("loop"))


async def _build(told: Told) -> None:
    """Pause it as soon as an agent works, tell that agent something, and let it go on."""
    await told.until("the second agent at work", lambda: _loop(told).note == "command is working")
    await told.say(told.number, "/aidp pause")
    await told.until("the pause asked for", lambda: [it for it in _loop(told).log if it.text.startswith("Paused by")])
    told.stage.heard.touch()
    await told.until("the pause", lambda: _loop(told).note == "Paused")
    await told.say(told.number, INSTRUCTION)
    await told.until("the instruction in the agent's queue", lambda: _loop(told).instructions)
    await told.say(told.number, "/aidp resume")
    pull_request = await told.until("the pull request", lambda: told.pull_request)
    told.pull = pull_request.number
    if not pull_request.pull or not pull_request.pull.draft or f"Fixes #{told.number}" not in pull_request.body:
        raise StepError("the pull request is no draft that fixes the issue")
    source = await told.file("durations.py")
    if '"d": 86400' not in source or "text.lower()" not in source:
        raise StepError("what people said in the middle changed nothing")
    await told.until("the end of the build", lambda: "Done" in told.comment(STATUS, told.number))


async def _repair(told: Told) -> None:
    first = await told.until("the CI", told.first_ci)
    if first.conclusion != "failure":
        raise StepError("the CI found nothing that the checks had not found")
    await told.until("a commit that repairs it", lambda: told.head_sha != first.head_sha and told.ci() == "success")
    await told.until("the end of the repair", lambda: "Done" in told.comment(STATUS, told.pull))
    await told.follower.until_idle()


async def _review(told: Told) -> None:
    reviews = told.stage.repository.review_comments
    await told.say(told.pull, "/aidp review")
    await told.until(
        "a review with a comment on a line", lambda: [it for it in reviews.values() if it.user.login == BOT]
    )
    await told.until("the end of the review", lambda: WORKING not in told.labels(told.pull))
    await told.follower.until_idle()


async def _change(told: Told) -> None:
    lines = (await told.file("durations.py")).splitlines()
    wanted = {"[dhms]": UNITS, "not a duration:": EXAMPLE}
    places = {text: _line(lines, words) for words, text in wanted.items()}
    for text, line in places.items():
        told.show(f"@{PERSON}", f"reviews #{told.pull}, durations.py, line {line}: {text}")
    told.show(f"@{PERSON}", f"requests changes on #{told.pull}")
    remarks = tuple(Remark("durations.py", line, text) for text, line in places.items())
    draft = ReviewDraft("REQUEST_CHANGES", comments=remarks)
    await told.stage.github.review(told.stage.repository, told.pull, draft, PERSON)
    await told.until("a reply in each thread, and its end", lambda: not told.open_threads())
    source = await told.file("durations.py")
    if "[dhms]" in source or "not a duration such as 1h 30m" not in source:
        raise StepError("the branch is not as the review wanted it")
    for thread in [it.id for it in told.stage.repository.threads.values() if not it.resolved_by]:  # aidp's own
        told.stage.github.reviewing(told.stage.repository, PERSON).resolve(thread)
    await told.until("the end of the changes", lambda: WORKING not in told.labels(told.pull) and told.ci())
    await told.follower.until_idle()


async def _hand_over(told: Told) -> None:
    await told.say(told.pull, "/aidp auto")
    await told.until("a pull request that is ready", lambda: _is_ready(told))
    await told.until("the label for people", lambda: told.labels(told.pull) == (READY,))


CHAPTERS = (
    ("A label asks for a plan, and the plan has a question", _plan),
    ("A person answers, and approves the next plan", _approve),
    ("It is built: one agent is limited, the other one makes mistakes, and a person steers", _build),
    ("The CI finds what no check found, and aidp repairs it", _repair),
    ("aidp reviews the pull request", _review),
    ("A person wants changes on two lines", _change),
    ("aidp brings it to where people take over", _hand_over),
)


def _loop(told: Told) -> Progress:
    return told.follower.running("loop") or Progress(LoopState.READY, 0, 0, "")


def _is_ready(told: Told) -> bool:
    pull_request = told.pull_request
    return bool(pull_request and pull_request.pull and not pull_request.pull.draft)


def _line(lines: list[str], words: str) -> int:
    found = next((number for number, line in enumerate(lines, 1) if words in line), 0)
    if not found:
        raise StepError(f"no line has `{words}`")
    return found
