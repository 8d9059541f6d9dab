"""The story that trouble is made for: a label, a plan, a pull request, a red CI, its repair, and a green one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from chaos_scene import PATIENCE, Scene
from picture import Picture, is_over, picture
from story_kit import LABEL, Story, script, until

CONFIG = """\
commands: [{name: tests, command: sh check.sh, category: test}]
providers: [command]
max_iterations: 4
ci: {fix: true, settle_seconds: 0.3}
"""
SHORT_CONFIG = """\
commands: [{name: tests, command: sh check.sh, category: test}]
providers: [command]
max_iterations: 4
plan: {first: false}
pull_request: {verify_rounds: 0}
ci: {settle_seconds: 0.3}
"""
RIGHT = script("echo right > answer.txt; echo 'Wrote the answer.'; echo 'STATUS: COMPLETE'")
REPAIR = script("echo green > ci.txt; echo 'Repaired the CI.'; echo 'STATUS: COMPLETE'")
FILES = {
    ".aidp/aidp.yml": CONFIG,
    "check.sh": "grep -q right answer.txt\n",
    "answer.txt": "empty\n",
    "ci.txt": "red\n",
    "obey.txt": REPAIR,
}
SHORT_FILES = {**FILES, ".aidp/aidp.yml": SHORT_CONFIG}
CI = "cat obey.txt; grep -q green ci.txt"
"""The CI prints what the agent is then to do."""

Making = Callable[[Scene], Story]
Telling = Callable[[Story], Awaitable[object]]


async def nothing(story: Story) -> None:
    """Do nothing."""
    del story


@dataclass(frozen=True, slots=True)
class Tale:
    """A story that can be told again and again."""

    make: Making
    act: Telling
    """What people do, or what happens."""
    ends: tuple[int, ...] = (1,)
    """The issues and pull requests on which its end is told."""
    before: Telling = nothing
    after: Telling = nothing
    """What they do once they see what came of it."""


def whole(scene: Scene) -> Story:
    """Make the repository of the whole story."""
    return scene.begin(FILES, ci=CI)


def short(scene: Scene) -> Story:
    """Make one that ends with the pull request."""
    return scene.begin(SHORT_FILES)


async def ask(story: Story) -> None:
    """Begin the story."""
    await story.label(await story.open(RIGHT), label=LABEL)


WHOLE = Tale(whole, ask, (2,))
SHORT = Tale(short, ask)


async def told(scene: Scene, tale: Tale) -> tuple[Story, Picture]:
    """Tell any story without trouble."""
    story = tale.make(scene)
    with anyio.fail_after(PATIENCE):
        for step in (tale.before, tale.act, tale.after):
            await step(story)
    await ended(scene, story, tale.ends)
    return story, await picture(story)


async def ended(scene: Scene, story: Story, ends: tuple[int, ...]) -> None:
    """Wait until everything has ended."""
    items = story.repository.issues
    await until(lambda: all(it in items and "Done" in story.status(it) for it in ends) and is_over(story))
    await scene.idle()
