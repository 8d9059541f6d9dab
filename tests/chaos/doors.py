"""Kills of the door, step by step on a webhook's way: of one that begins work, or that running work waits for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from chaos_scene import Scene, Trial
from deaths import COUNTED, at_door, claimed, orders
from picture import Picture, picture
from pulls_story import let_ci_go_on, open_pull, wait_for_ci, watched
from story_kit import LABEL, PERSON, Story, until
from table import Case
from whole_story import RIGHT, Making, ended, short, whole

PART = "crash"
ANY = range(100)
STILL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Knock:
    """A webhook at which the door dies, and the story around it."""

    event: str
    make: Making
    before: Callable[[Story], Awaitable[object]]
    """What comes before it."""
    act: Callable[[Story], Awaitable[object]]
    """What it tells of."""
    after: Callable[[Story], Awaitable[object]]
    ends: tuple[int, ...] = (1,)
    steps: range = ANY

    @property
    def name(self) -> str:
        """Say what is killed."""
        return f"door killed at {self.event}"


async def _open(story: Story) -> None:
    await story.open(RIGHT)


async def _label(story: Story) -> None:
    await story.label(1, label=LABEL)


async def _command(story: Story) -> None:
    await story.github.comment(story.repository, 1, PERSON, "/aidp build")


async def _open_pull(story: Story) -> None:
    await open_pull(story, "feature", {"answer.txt": "right\n"})


async def _label_pull(story: Story) -> None:
    await story.label(1, label="aidp-fix-ci")


async def _let_ci_go_on(story: Story) -> None:
    let_ci_go_on(story)


async def _nothing(story: Story) -> None:
    del story


KNOCKS = (
    Knock("issues", whole, _open, _label, _nothing, (2,)),
    Knock("issue_comment", short, _open, _command, _nothing),
    Knock("pull_request", watched, _open_pull, _label_pull, _let_ci_go_on),
    Knock("check_run", watched, wait_for_ci, _let_ci_go_on, _nothing),
    Knock("check_suite", watched, wait_for_ci, _let_ci_go_on, _nothing),
)
"""The last two signal a watch that runs already, and start nothing."""
LABELLED = Knock("issues", short, _open, _label, _nothing)
"""The shortest of them."""


async def calm(scene: Scene, knock: Knock) -> Picture:
    """Tell the story of a knock with a door that lives."""
    story = knock.make(scene)
    for step in (knock.before, knock.act, knock.after):
        await step(story)
    await ended(scene, story, knock.ends)
    return await picture(story)


async def walk(scene: Scene, knock: Knock, wanted: Picture) -> list[Trial]:
    """Kill the door at the first step of the webhook, at a later one, and so on until it comes through alive."""
    trials: list[Trial] = []
    for point in knock.steps:
        story = knock.make(scene)
        trial = Trial(Case(PART, f"{knock.name}, step {point}", 0, only=knock.name), story, wanted)
        died = await _killed_at(scene, knock, story, point)
        await knock.after(story)
        await scene.sweep()
        await scene.judge(trial)
        await scene.idle()  # so that the next order is for the next knock, and not for what this story still does
        trials.append(trial)
        if not died:
            break
    return trials


async def _killed_at(scene: Scene, knock: Knock, story: Story, point: int) -> bool:
    """Kill the door at this step of the webhook; false when it takes fewer."""
    lives, counted = scene.door.lives, scene.orders / COUNTED
    await knock.before(story)
    await _still(scene)
    orders(scene.orders, [at_door(knock.event, point)])
    await knock.act(story)
    await until(lambda: scene.door.lives > lives or counted.exists())
    return not claimed(counted)


async def _still(scene: Scene) -> None:
    """Wait until no webhook comes any more; a CI that is held goes on meanwhile."""
    seen = -1
    while seen != (seen := len(scene.github.deliveries)):
        await anyio.sleep(STILL_SECONDS)
