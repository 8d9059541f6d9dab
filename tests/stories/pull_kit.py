"""What the stories of pull requests share: a person's pull request, and what can be read of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from story_kit import PERSON, Story, until

from github_app.demo.github import AppRegistration, Issue
from github_app.demo.github.checks import Checks, Push
from github_app.demo.github.git import ZERO
from github_app.demo.github.merging import PullDraft
from github_app.demo.github.model import CheckRun
from github_app.demo.github.world import LOCAL_CI
from workflows.model import Item

BRANCH = "feature"
CONFIG = """\
commands: []
providers: [command]
max_iterations: 4
plan: {first: false}
pull_request: {verify_rounds: 0}
ci: {settle_seconds: 0.3}
review: {perspectives: [senior]}
"""


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull request of a story."""

    story: Story
    number: int

    @property
    def issue(self) -> Issue:
        """Read it."""
        return self.story.github.issue(self.story.repository, self.number)

    @property
    def item(self) -> Item:
        """Name it as aidp does."""
        return self.story.item(self.number)

    @property
    def head_sha(self) -> str:
        """Read its newest commit."""
        assert self.issue.pull
        return self.issue.pull.head_sha

    def reviews(self) -> list[str]:
        """Read the reviews that aidp wrote."""
        written = self.story.repository.reviews.values()
        return [it.body for it in written if it.number == self.number and it.user.login == "aidp[bot]"]

    async def file(self, path: str) -> str:
        """Read a file of its branch."""
        assert self.issue.pull
        return await self.story.file(self.issue.pull.head, path)

    def check_run(self) -> CheckRun:
        """Read our check run on its newest commit."""
        [ours] = self.check_runs()
        return ours

    def check_runs(self) -> list[CheckRun]:
        """Read our check runs on its newest commit, of which it may have had several."""
        runs = self.story.github.check_runs(self.story.repository, self.head_sha)
        return [run for run in runs if run.name == "aidp"]

    async def press(self, button: str) -> None:
        """Press a button of our check run, once it is there."""
        run = await self.until_offered(button)
        self.story.github.buttons(self.story.repository, PERSON).press(run, button)

    async def until_offered(self, button: str) -> int:
        """Wait for a check run of ours that has a button; returns its id."""
        return await until(lambda: next((it.id for it in self.check_runs() if button in _buttons(it)), None))

    async def ask(self, label: str) -> None:
        """Put a label on."""
        await self.story.label(self.number, label=label)

    async def say(self, text: str, by: str = PERSON) -> None:
        """Write a comment."""
        await self.story.say(self.number, text, by)

    async def ending(self, *words: str) -> str:
        """Wait for an ending; returns the status comment."""
        return await self.story.ending(self.number, *words)

    async def end_of(self, work: str, *words: str) -> str:
        """Wait for an ending, and until the pull request is free for other work; returns the status comment."""
        status = await self.ending(*words)
        await self.story.temporal.get_workflow_handle(f"{work}:{self.story.repository.id}#{self.number}").result()
        return status


def _buttons(run: CheckRun) -> list[str]:
    return [action["identifier"] for action in run.actions]


def look(answer: str) -> str:
    """Write a pull request whose reviewers run this to answer."""
    return f"A change.\n\n@review\n{answer}\n@end\n"


def found(severity: str, title: str, path: str = "answer.txt") -> str:
    """Write the command that prints a review with one finding on the first line of a file."""
    finding = {"path": path, "line": 1, "severity": severity, "title": title, "detail": "See there."}
    return f"echo '{json.dumps({'summary': 'Looked.', 'findings': [finding]})}'"


NOTHING = """echo '{"summary": "Fine.", "findings": []}'"""
"""The command that prints a review without a finding."""


async def open_pull(
    story: Story, files: Mapping[str, str | bytes | None], *, title: str = "A feature", body: str = ""
) -> Pull:
    """Push files as a person, and open a pull request for them."""
    await story.github.push(story.repository, BRANCH, files, PERSON)
    issue = await story.github.open_pull_request(story.repository, PullDraft(title, BRANCH, "main", body), PERSON)
    return Pull(story, issue.number)


async def first_pull(story: Story) -> Pull:
    """Wait for the pull request that aidp opens."""
    [issue] = await until(story.pull_requests)
    return Pull(story, issue.number)


async def check(pull: Pull, conclusion: str, name: str = "late", app: AppRegistration = LOCAL_CI) -> None:
    """Have an App check the head; the end of its check and of its suite are told."""
    assert pull.issue.pull
    checks = Checks(pull.story.github.world, pull.story.repository, app)
    suite = await checks.open_suite(Push(f"refs/heads/{pull.issue.pull.head}", ZERO, pull.head_sha))
    checks.create(name, suite, {"conclusion": conclusion, "output": {"title": f"{name} is {conclusion}"}})
