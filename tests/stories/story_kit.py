"""What the stories share: a GitHub, aidp beside it, and a person who labels issues and reads what comes back."""

import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import anyio
from temporalio.client import Client

from github_app.demo.github import Issue, LocalGitHub, Repository
from github_app.demo.github.tracker import Tracker
from workflows.model import Item
from workflows.model.configuration import Labels

AGENT = Path(__file__).with_name("obedient_agent.py")
AGENT_COMMAND = (sys.executable, "-I", str(AGENT))
PERSON = "ada"
STRANGER = "mallory"
LABEL = "aidp-build"
PATIENCE_SECONDS = 120
NOWHERE = "http://127.0.0.1:9/webhook"
"""Where nobody listens: GitHub logs that what it sent there was not taken."""
NOTHING_RUNS = "Nothing is running here."

T = TypeVar("T")

CONFIG = """\
commands:
  - name: tests
    command: sh check.sh
    category: test
  - name: lint
    command: '! grep -n TODO *.txt'
    category: lint
providers: [command]
max_iterations: 4
plan: {first: false}
pull_request: {verify_rounds: 0}
"""
FILES = {".aidp/aidp.yml": CONFIG, "check.sh": "grep -q right answer.txt\n", "answer.txt": "empty\n"}


def know_labels(github: LocalGitHub, repository: Repository) -> Repository:
    """Let a repository know our labels, as it does after its first piece of work."""
    owner = Tracker(github.world, repository, repository.owner)
    for name in asdict(Labels()).values():
        owner.create_label(name)
    return repository


def script(*runs: str) -> str:
    """Write an issue whose agent does this, run by run."""
    blocks = "".join(f"@run {number}\n{text}\n" for number, text in enumerate(runs, 1))
    return f"Please do this.\n\n{blocks}@end\n"


def agent_command() -> str:
    """Write the obedient agent's command line as an operator would."""
    return shlex.join(AGENT_COMMAND)


@dataclass(frozen=True, slots=True)
class Story:
    """One repository, with aidp installed on it."""

    github: LocalGitHub
    temporal: Client
    repository: Repository

    async def ask(self, body: str, *, by: str = PERSON, title: str = "Make it right") -> int:
        """Open an issue and label it; returns its number."""
        number = await self.open(body, title)
        await self.label(number, by)
        return number

    async def open(self, body: str, title: str = "Make it right") -> int:
        """Open an issue."""
        return (await self.github.create_issue(self.repository, PERSON, title, body)).number

    async def label(self, number: int, by: str = PERSON, label: str = LABEL) -> None:
        """Put a label on."""
        await self.github.label_issue(self.repository, number, label, by=by)

    def item(self, number: int) -> Item:
        """Name an issue or pull request as aidp does."""
        return Item(self.github.installing.find(self.repository.owner).id, self.repository.id, number)

    def status(self, number: int) -> str:
        """Read the status comment; there is never more than one."""
        found = [text for text in self.comments(number) if "<!-- aidp:status" in text]
        assert len(found) <= 1, found
        return found[0] if found else ""

    def comments(self, number: int) -> list[str]:
        """Read what was written on the issue."""
        return [comment.body for comment in self.github.comments(self.repository, number)]

    def labels(self, number: int) -> tuple[str, ...]:
        """Read the issue's labels."""
        return self.github.labels(self.repository, number)

    def pull_requests(self) -> list[Issue]:
        """Read the pull requests."""
        return self.github.pull_requests(self.repository)

    async def file(self, ref: str, path: str) -> str:
        """Read a file of a branch."""
        found = await self.github.world.git(self.repository).file(ref, path)
        assert found
        return found.content.decode()

    async def ending(self, number: int, *words: str) -> str:
        """Wait until the status comment tells an ending and the state label is gone; returns the comment."""
        try:
            return await until(lambda: self.status(number) if self._has_ended(number, words) else None)
        except TimeoutError:
            raise AssertionError(f"{self.labels(number)}: {self.comments(number)}") from None

    async def say(self, number: int, text: str, by: str = PERSON) -> None:
        """Write a comment."""
        await self.github.comment(self.repository, number, by, text)

    async def answered(self, number: int, words: str) -> str:
        """Wait for a comment that says this."""
        return await until(lambda: next((text for text in self.comments(number) if words in text), None))

    async def until_free(self, number: int) -> None:
        """Ask until nothing runs there any more: the last breath comes after the last word."""
        said = self._notes(number)
        while not (said and NOTHING_RUNS in said[-1]):
            known = len(said)
            await self.say(number, "/aidp status")
            said = await until(lambda known=known: found if len(found := self._notes(number)) > known else None)

    def _notes(self, number: int) -> list[str]:
        return [text for text in self.comments(number) if "<!-- aidp:note" in text]

    def _has_ended(self, number: int, words: tuple[str, ...]) -> bool:
        status = self.status(number)
        return any(word in status for word in words) and "aidp-working" not in self.labels(number)


DIFFERENT = (
    (r"http://127\.0\.0\.1:\d+/acme/[\w-]+", "HOME"),
    (r"`[0-9a-f]{8}`", "`SHA`"),
    (r"\d{4}-\d\d-\d\d", "DATE"),
    (r"\b\d\d:\d\d\b", "CLOCK"),
    (r"\b(?:\d+m )?\d+s\b", "TIME"),
    (r"#issuecomment-\d+|/runs/\d+", "#ID"),
)
"""What is not the same in each run of a story."""


def shown(comment: str) -> str:
    """Write a comment as people see it, and as it is in each run."""
    text = re.sub(r"\s*<!--.*?-->", "", comment, flags=re.DOTALL)
    for pattern, word in DIFFERENT:
        text = re.sub(pattern, word, text)
    return text.strip()


async def until(look: Callable[[], T | None]) -> T:
    """Look until there is something to see."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while not (seen := look()):
            await anyio.sleep(0.05)
    return seen
