"""Kills of Temporal, for sure: at the moment of the label, while an agent works, while a CI is waited for."""

from collections.abc import Awaitable, Callable

from chaos_scene import Scene, Trial
from doors import PART
from picture import Picture
from pulls_story import HELD, let_ci_go_on
from story_kit import Story, script, until
from table import Case
from whole_story import CI, FILES, RIGHT, Making, ask, short, whole

Moment = Callable[[Scene, Story], Awaitable[object]]
NAME = "temporal killed"
WORK = "echo right > answer.txt; echo 'Wrote the answer.'; echo 'STATUS: COMPLETE'"


def with_held_ci(scene: Scene) -> Story:
    """Make the repository of the whole story, with a CI that is held."""
    return scene.begin(FILES, ci=HELD + CI)


async def at_the_label(scene: Scene, story: Story) -> None:
    """Kill it when the label's webhook is on its way."""
    number = await story.open(RIGHT)
    await scene.settle()
    await story.label(number)
    scene.kill_temporal()


async def while_an_agent_works(scene: Scene, story: Story) -> None:
    """Kill it, and let an agent end before anybody can hear of it."""
    begun, go = (story.repository.path.parent / name for name in ("begun", "go"))
    body = script(f"touch {begun}; while ! test -e {go}; do sleep 0.1; done; {WORK}")
    await story.label(await story.open(body))
    await until(begun.exists)
    scene.kill_temporal()
    go.touch()


async def while_ci_is_awaited(scene: Scene, story: Story) -> None:
    """Kill it, and let a CI end before anybody can hear of it."""
    await ask(story)
    await until(lambda: 2 in story.repository.issues and "waits for the CI" in story.status(2))
    scene.kill_temporal()
    let_ci_go_on(story)


MOMENTS: tuple[tuple[str, Making, Moment], ...] = (
    ("at the label", whole, at_the_label),
    ("while an agent works", whole, while_an_agent_works),
    ("while a CI is awaited", with_held_ci, while_ci_is_awaited),
)
QUICK: tuple[tuple[str, Making, Moment], ...] = (("while an agent works", short, while_an_agent_works),)


async def killed(
    scene: Scene, wanted: Picture, moments: tuple[tuple[str, Making, Moment], ...] = MOMENTS
) -> list[Trial]:
    """Kill the server at one moment after the other; each time it comes back on the same database."""
    trials: list[Trial] = []
    for when, make, moment in moments:
        trial = Trial(Case(PART, f"{NAME} {when}", 0, only=NAME), make(scene), wanted)
        await moment(scene, trial.story)
        await scene.sweep()
        await scene.judge(trial)
        trials.append(trial)
    return trials
