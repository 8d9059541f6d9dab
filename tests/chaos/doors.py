"""Kills of the door, step by step on a webhook's way: of one that begins work, or that running work waits for."""

from dataclasses import dataclass

import anyio
from chaos_scene import Scene, Trial
from deaths import COUNTED, at_door, claimed, orders
from picture import Picture
from pulls_story import let_ci_go_on, open_pull, wait_for_ci, watched
from story_kit import LABEL, PERSON, Story, until
from table import Case
from whole_story import RIGHT, Tale, short, whole

PART = "crash"
ANY = range(100)
STILL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Knock:
    """A webhook at which the door dies, and the tale of what it tells of."""

    event: str
    tale: Tale
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


KNOCKS = (
    Knock("issues", Tale(whole, _label, (2,), before=_open)),
    Knock("issue_comment", Tale(short, _command, before=_open)),
    Knock("pull_request", Tale(watched, _label_pull, before=_open_pull, after=_let_ci_go_on)),
    Knock("check_run", Tale(watched, _let_ci_go_on, before=wait_for_ci)),
    Knock("check_suite", Tale(watched, _let_ci_go_on, before=wait_for_ci)),
)
"""The last two signal a watch that runs already, and start nothing."""
LABELLED = Knock("issues", Tale(short, _label, before=_open))
"""The shortest of them."""


async def walk(scene: Scene, knock: Knock, wanted: Picture) -> list[Trial]:
    """Kill the door at the first step of the webhook, at a later one, and so on until it comes through alive."""
    trials: list[Trial] = []
    for point in knock.steps:
        story = knock.tale.make(scene)
        trial = Trial(Case(PART, f"{knock.name}, step {point}", 0, only=knock.name), story, wanted)
        died = await _killed_at(scene, knock, story, point)
        await knock.tale.after(story)
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
    await knock.tale.before(story)
    await _still(scene)
    orders(scene.orders, [at_door(knock.event, point)])
    await knock.tale.act(story)
    await until(lambda: scene.door.lives > lives or counted.exists())
    return not claimed(counted)


async def _still(scene: Scene) -> None:
    """Wait until no webhook comes any more; a CI that is held goes on meanwhile."""
    seen = -1
    while seen != (seen := len(scene.github.deliveries)):
        await anyio.sleep(STILL_SECONDS)
