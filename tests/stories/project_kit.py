"""What the stories of projects share: an issue that is cut into parts, and a person who looks what becomes of them."""

import json
from dataclasses import dataclass, replace

from story_kit import PERSON, Story, until

from github_app.demo.github import Issue
from github_app.demo.github.model import Pull

CONFIG = """\
commands: []
providers: [command]
max_iterations: 2
plan: {first: false}
pull_request: {verify_rounds: 0, draft: false}
"""
FILES = {".aidp/aidp.yml": CONFIG, "README.md": "hello\n"}


def write(slug: str) -> str:
    """Write the script of a part whose agent leaves a file."""
    return f"ls > {slug}.txt; echo 'STATUS: COMPLETE'"


def part(slug: str, *depends_on: str, run: str = "") -> dict[str, object]:
    """Write a part as the agent that cuts the issue does."""
    text = f"Write it.\n\n@run 1\n{run or write(slug)}\n@end\n"
    return {"slug": slug, "title": f"Add the {slug}", "text": text, "depends_on": depends_on}


def cut(*parts: dict[str, object]) -> str:
    """Write an issue that is cut into these parts."""
    return f"Do a lot.\n\n@breakdown\ncat <<'EOT'\n{json.dumps({'summary': 'Cut.', 'parts': parts})}\nEOT\n@end\n"


@dataclass(frozen=True, slots=True)
class Project:
    """An issue with the label, and what becomes of it."""

    story: Story
    number: int

    def issue(self, slug: str) -> Issue | None:
        """Find the issue of a part; there is never more than one."""
        issues = self.story.repository.issues.values()
        found = [it for it in issues if not it.pull and it.title == f"Add the {slug}"]
        assert len(found) <= 1, found
        return found[0] if found else None

    def proposed(self, slug: str) -> tuple[Issue, Pull] | None:
        """Find the pull request of a part; there is never more than one."""
        found = [(it, it.pull) for it in self.story.pull_requests() if it.pull and it.title == f"Add the {slug}"]
        assert len(found) <= 1, found
        return found[0] if found else None

    async def proposal(self, slug: str) -> tuple[Issue, Pull]:
        """Wait for the pull request of a part."""
        return await until(lambda: self.proposed(slug))

    async def merge(self, slug: str) -> None:
        """Merge the pull request of a part, as a person would once its base is the default branch."""
        pull_request, _ = await self.proposal(slug)
        await self.story.github.merge(self.story.repository, pull_request.number, PERSON)

    async def command(self, text: str) -> None:
        """Write a command on the project."""
        await self.story.github.comment(self.story.repository, self.number, PERSON, text)

    async def says(self, words: str) -> str:
        """Wait until one of the comments says something."""
        try:
            return await until(lambda: next((it for it in self.story.comments(self.number) if words in it), None))
        except TimeoutError:
            raise AssertionError(self.story.comments(self.number)) from None

    @property
    def board(self) -> str:
        """Read the comment that shows how it goes; there is never more than one."""
        found = [it for it in self.story.comments(self.number) if "<!-- aidp:project" in it]
        assert len(found) <= 1, found
        return found[0] if found else ""


async def begun(story: Story, *parts: dict[str, object]) -> Project:
    """Put the label on an issue that is cut into these parts."""
    number = await story.open(cut(*parts), "Do a lot")
    await story.label(number, label="aidp-project")
    return Project(story, number)


def without_relations(story: Story) -> Story:
    """Make it a repository of a GitHub that is older than sub-issues."""
    older = replace(story.repository, native_sub_issues=False)
    story.github.world.repositories[older.id] = older
    return replace(story, repository=older)
