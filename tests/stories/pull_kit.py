"""What the stories of pull requests share: a person's pull request, and what can be read of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from story_kit import PERSON, Story, until

from github_app.demo.github import Issue
from github_app.demo.github.merging import PullDraft
from github_app.demo.github.model import CheckRun

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
    def head_sha(self) -> str:
        """Read its newest commit."""
        assert self.issue.pull
        return self.issue.pull.head_sha

    async def file(self, path: str) -> str:
        """Read a file of its branch."""
        assert self.issue.pull
        return await self.story.file(self.issue.pull.head, path)

    def check_run(self) -> CheckRun:
        """Read our check run on its newest commit."""
        runs = self.story.github.check_runs(self.story.repository, self.head_sha)
        [ours] = [run for run in runs if run.name == "aidp"]
        return ours

    async def ask(self, label: str) -> None:
        """Put a label on."""
        await self.story.label(self.number, label=label)

    async def say(self, text: str, by: str = PERSON) -> None:
        """Write a comment."""
        await self.story.github.comment(self.story.repository, self.number, by, text)

    async def ending(self, *words: str) -> str:
        """Wait for an ending; returns the status comment."""
        return await self.story.ending(self.number, *words)


async def open_pull(story: Story, files: Mapping[str, str | bytes | None], *, title: str = "A feature") -> Pull:
    """Push files as a person, and open a pull request for them."""
    await story.github.push(story.repository, BRANCH, files, PERSON)
    issue = await story.github.open_pull_request(story.repository, PullDraft(title, BRANCH, "main"), PERSON)
    return Pull(story, issue.number)


async def first_pull(story: Story) -> Pull:
    """Wait for the pull request that aidp opens."""
    [issue] = await until(story.pull_requests)
    return Pull(story, issue.number)
