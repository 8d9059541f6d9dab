"""Part `github`: every kind of trouble at every call of the story, each in a repository and an installation of its own.

The story is told once without trouble to learn its calls: method and path, with the numbers left open.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chaos_scene import Scene, Trial
from picture import Picture
from story_kit import Story
from table import Case
from whole_story import Making, ask, whole

from github_app.demo.github.faults import Fault, Kind, Where, violations
from github_app.demo.github.faults.plan import ANSWERS_LOST, DELIVERIES, LIMITS
from github_app.demo.github.model import Call

PART = "github"
AT_ONCE = 12
WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})
TOKEN = "/access_tokens"  # noqa: S105  # a path
GIT = ".git/"
OPEN = re.compile(r"(?<=/)(?:[0-9a-f]{40}|\d+)(?=/|$)")
PULLS = re.compile(r"(GET|POST) .*/pulls(/NUMBER)?")
UNDER_WAY = timedelta(seconds=3)
"""Calls that others had begun when GitHub refused one; a busy machine is slow to spread the news."""
SECONDS = {Kind.TIMEOUT: 25.0, Kind.UNAVAILABLE: 1.0, Kind.CLOCK_SKEW: None} | dict.fromkeys(LIMITS, 10.0)
GIT_KINDS = frozenset({Kind.BAD_GATEWAY, Kind.CONNECTION_RESET, Kind.TRUNCATED, Kind.TIMEOUT, Kind.TOKEN_EXPIRED})
"""Git knows no other trouble: a status is a status, and it has no limits."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A call, whatever its numbers: a method, and a path below the repository, git or the installation."""

    method: str
    path: str

    def where(self, story: Story, installation: int) -> Where:
        """Say it for one repository."""
        path = re.escape(self.path).replace("NUMBER", r"(?:[0-9a-f]{40}|\d+)")
        path = path.replace("OWNER", re.escape(story.repository.owner.login)).replace("INSTALLATION", str(installation))
        return Where(self.method, f"^{path}$")


def shapes(calls: Iterable[Call], story: Story, installation: int) -> list[Shape]:
    """Learn the calls of a story."""
    owner = f"/{story.repository.owner.login}/"
    found = dict[Shape, None]()
    for call in calls:
        if owner in call.path:
            found[Shape(call.method, OPEN.sub("NUMBER", call.path.replace(owner, "/OWNER/")))] = None
        elif call.path.endswith(f"/{installation}{TOKEN}"):
            found[Shape(call.method, call.path.replace(f"/{installation}/", "/INSTALLATION/"))] = None
    return list(found)


def faults(shape: Shape) -> Iterator[Fault]:
    """Imagine all that can go wrong with a call."""
    is_git, is_token = GIT in shape.path, shape.path.endswith(TOKEN)
    for kind in Kind:
        if kind in DELIVERIES or (is_git and kind not in GIT_KINDS) or (kind is Kind.CLOCK_SKEW and not is_token):
            continue
        if (kind is Kind.STALE_READ and shape.method != "GET") or (kind is Kind.NOT_FOUND_YET and not _creates(shape)):
            continue
        if kind is Kind.PUSH_UNSEEN and not PULLS.fullmatch(f"{shape.method} {shape.path}"):
            continue
        yield Fault(kind, seconds=SECONDS.get(kind))
        if kind in ANSWERS_LOST and shape.method in WRITES and not shape.path.endswith("git-upload-pack"):
            yield Fault(kind, after_commit=True, seconds=SECONDS.get(kind))


def _creates(shape: Shape) -> bool:
    return shape.method == "POST" and GIT not in shape.path and not shape.path.endswith(TOKEN)


def installation_of(story: Story) -> int:
    """Find the installation of a story's account."""
    return story.github.installing.find(story.repository.owner).id


def all_troubles(calls: Sequence[Call], story: Story) -> list[tuple[Shape, Fault]]:
    """Pair every call of a story with every trouble."""
    known = shapes(calls, story, installation_of(story))
    return [(shape, fault) for shape in known for fault in faults(shape)]


async def run(
    scene: Scene, wanted: Picture, troubles: Sequence[tuple[Shape, Fault]], make: Making = whole
) -> list[Case]:
    """Tell the story once for each trouble, in an account that begins with it."""
    turns = asyncio.Semaphore(AT_ONCE)
    trials = await asyncio.gather(*(_trouble(scene, Telling(make, wanted, *it), turns) for it in troubles))
    cases = await scene.judge_all(trials)
    for trial in trials:
        trial.case.doubled += _too_early(trial.story)
    return cases


def name_of(shape: Shape, fault: Fault) -> str:
    """Name a trouble."""
    late = " after it was carried out" if fault.after_commit else ""
    return f"{fault.kind}{late} at {shape.method} {shape.path}"


@dataclass(frozen=True, slots=True)
class Telling:
    """One telling of the story, and what goes wrong in it."""

    make: Making
    wanted: Picture
    shape: Shape
    fault: Fault


async def _trouble(scene: Scene, telling: Telling, turns: asyncio.Semaphore) -> Trial:
    async with turns:
        story, name = telling.make(scene), name_of(telling.shape, telling.fault)
        where = telling.shape.where(story, installation_of(story))
        fault = replace(telling.fault, where=where)
        scene.github.faults.add(fault)
        trial = Trial(Case(PART, name, 0, only=name), story, telling.wanted)
        await ask(story)
        await scene.judge(trial)
        if not scene.github.faults.withdraw(fault):
            trial.case.void = f"there was no {name}"
        return trial


def _too_early(story: Story) -> list[str]:
    """Name the calls that GitHub had forbidden."""
    mine = installation_of(story)
    calls = [call for call in story.github.calls if call.installation_id == mine]
    return [f"called although forbidden: {call.method} {call.path}" for call in violations(calls, UNDER_WAY)]
