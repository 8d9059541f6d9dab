"""The story that trouble is made for: a label, a plan, a pull request, a red CI, its repair, and a green one."""

from collections.abc import Callable

from chaos_scene import Scene
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


def whole(scene: Scene) -> Story:
    """Make the repository of the whole story."""
    return scene.begin(FILES, ci=CI)


def short(scene: Scene) -> Story:
    """Make one that ends with the pull request."""
    return scene.begin(SHORT_FILES)


async def ask(story: Story) -> None:
    """Begin the story."""
    await story.label(await story.open(RIGHT), label=LABEL)


async def clean(scene: Scene, story: Story) -> Picture:
    """Tell the story without any trouble, to its end."""
    await ask(story)
    await ended(scene, story)
    return await picture(story)


async def ended(scene: Scene, story: Story) -> None:
    """Wait until everything has ended: the last to do so tells it on the pull request, if its CI is looked after."""
    last = 2 if story.repository.ci else 1
    await until(lambda: last in story.repository.issues and "Done" in story.status(last) and is_over(story))
    await scene.idle()
