"""The second story that trouble is made for: a person's pull requests are changed, reviewed and brought up to date."""

from collections.abc import Mapping

from chaos_scene import Scene
from pull_kit import CONFIG
from story_kit import PERSON, Story, script, until
from whole_story import Tale

from github_app.demo.github.merging import PullDraft
from github_app.demo.github.reviewing import Remark, ReviewDraft

REVIEWER = "grace"
FILES = {".aidp/aidp.yml": CONFIG, "answer.txt": "empty\n", "README.md": "Read me.\n"}
WISH = script("echo right > answer.txt; echo 'ITEM 1: DONE right'; echo 'ITEM 2: DONE right'; echo 'STATUS: COMPLETE'")
HELD = 'while ! test -e "$0/../go"; do sleep 0.1; done; '
"""At the start of a CI: it waits for somebody to let it go on."""


async def open_pull(story: Story, branch: str, files: Mapping[str, str | bytes | None]) -> int:
    """Open a pull request of a person; returns its number."""
    await story.github.push(story.repository, branch, files, PERSON)
    draft = PullDraft(f"A {branch}", branch, "main")
    return (await story.github.open_pull_request(story.repository, draft, PERSON)).number


async def review(story: Story, number: int, wish: str = WISH) -> None:
    """Ask for a change on a line, as a colleague."""
    story.github.set_permission(story.repository, REVIEWER, "write")
    draft = ReviewDraft("REQUEST_CHANGES", "Please see below.", (Remark("answer.txt", 1, wish),))
    await story.github.review(story.repository, number, draft, REVIEWER)


def let_ci_go_on(story: Story) -> None:
    """Let a held CI go on."""
    (story.repository.path.parent / "go").touch()


def reviewed(scene: Scene) -> Story:
    """Make the repository of the story."""
    return scene.begin(FILES)


def watched(scene: Scene) -> Story:
    """Make one whose CI is held."""
    return scene.begin(FILES, ci=f"{HELD}true")


async def ask_for_all(story: Story) -> None:
    """Have one pull request changed, one reviewed and one brought up to date."""
    changed = await open_pull(story, "change", {"answer.txt": "wrong\n"})
    looked_at = await open_pull(story, "look", {"look.txt": "Look at me.\n"})
    old = await open_pull(story, "old", {"old.txt": "Old.\n"})
    await review(story, changed)
    await story.github.push(story.repository, "main", {"README.md": "Read me twice.\n"}, PERSON)
    await story.github.comment(story.repository, changed, PERSON, "/aidp fix")
    await story.label(looked_at, label="aidp-review")
    await story.github.comment(story.repository, old, PERSON, "/aidp rebase")


async def ask_for_green_ci(story: Story) -> None:
    """Have the CI of a pull request looked after, and let it go on when somebody waits for it."""
    await wait_for_ci(story)
    let_ci_go_on(story)


async def wait_for_ci(story: Story) -> None:
    """Have the CI of a pull request waited for."""
    number = await open_pull(story, "feature", {"answer.txt": "right\n"})
    await story.label(number, label="aidp-fix-ci")
    await until(lambda: "waits for the CI" in story.status(number))


PULLS = Tale(reviewed, ask_for_all, (1, 2, 3))
