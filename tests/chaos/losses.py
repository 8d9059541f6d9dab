"""What can get lost, as tales: the push to a base, a red check, a repository that is taken from us, a stale label."""

import anyio
from chaos_scene import LOOK_SECONDS, Scene
from pull_kit import Pull, check
from story_kit import PERSON, Story, script, until
from whole_story import SHORT_CONFIG, SHORT_FILES, Tale, ask, short

FOLLOWING = SHORT_CONFIG.replace("verify_rounds: 0", "verify_rounds: 0, rebase_on_push: true")
FIXING = SHORT_CONFIG.replace("ci: {", "ci: {fix: true, ")
REPAIR = script("echo right >> answer.txt; echo 'Repaired it.'; echo 'STATUS: COMPLETE'")
HELD_WORK = "touch {begun}; while ! test -e {go}; do sleep 0.1; done; echo right > answer.txt; echo 'STATUS: COMPLETE'"


def following(scene: Scene) -> Story:
    """Make the repository of a story whose pull requests follow their base."""
    return scene.begin({**SHORT_FILES, ".aidp/aidp.yml": FOLLOWING, "README.md": "Read me.\n"})


def fixing(scene: Scene) -> Story:
    """Make one whose red checks are repaired, and that has no CI of its own."""
    return scene.begin({**SHORT_FILES, ".aidp/aidp.yml": FIXING, "obey.txt": REPAIR})


async def have_it_built(story: Story) -> None:
    """Have a pull request of ours that nobody works on any more."""
    await ask(story)
    await story.ending(1, "Done")
    await _end_of(story, "build", 1)


async def have_its_ci_looked_at(story: Story) -> None:
    """Have one of ours whose CI was waited for: there was none."""
    await have_it_built(story)
    await Pull(story, 2).end_of("fix-ci", "no CI ran")


async def push_to_its_base(story: Story) -> None:
    """Change something else on the default branch."""
    await story.github.push(story.repository, "main", {"README.md": "Read me twice.\n"}, PERSON)


async def turn_red(story: Story) -> None:
    """Let somebody's check of it fail, late."""
    await check(Pull(story, 2), "failure")


async def see_it_repaired(story: Story) -> None:
    """Wait for the commit that repairs it."""
    while await Pull(story, 2).file("answer.txt") != "right\nright\n":
        await anyio.sleep(LOOK_SECONDS)


async def have_it_worked_on(story: Story) -> None:
    """Have an agent at work that waits."""
    begun, go = (story.repository.path.parent / name for name in ("begun", "go"))
    await story.ask(script(HELD_WORK.format(begun=begun, go=go)))
    await until(lambda: begun.exists() and story.labels(1) == ("aidp-working",))


async def take_away(story: Story) -> None:
    """Take the App off the repository."""
    story.github.installing.remove(story.repository)


async def give_back(story: Story) -> None:
    """Install it again once nothing works there any more."""
    await _end_of(story, "build", 1)
    (story.repository.path.parent / "go").touch()
    story.github.installing.add(story.repository)


async def open_issue(story: Story) -> None:
    """Open an issue that nobody asked us for."""
    await story.open("Nothing to do.")


async def put_on_our_label(story: Story) -> None:
    """Say of an issue that we work on it."""
    await story.label(1, label="aidp-working")


async def _end_of(story: Story, work: str, number: int) -> None:
    await story.temporal.get_workflow_handle(f"{work}:{story.repository.id}#{number}").result()


PUSHED = Tale(following, push_to_its_base, (2,), before=have_it_built)
REDDENED = Tale(fixing, turn_red, (1,), before=have_its_ci_looked_at, after=see_it_repaired)
TAKEN_AWAY = Tale(short, take_away, before=have_it_worked_on, after=give_back)
STALE = Tale(short, put_on_our_label, (), before=open_issue)
