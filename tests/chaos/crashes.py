"""Part `crash`: whatever is killed, wherever it is, the story ends as it would have, and nothing is there twice."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

from chaos_scene import Scene, Trial
from deaths import COUNTED, DOOR, MOMENTS, claimed, orders
from picture import Picture
from story_kit import LABEL, PERSON, Story, until
from table import Case
from temporalio.api.enums.v1 import EventType
from whole_story import RIGHT, Making, ask, whole

PART = "crash"
ANY = range(100)
AT_ONCE = 24
"""Stories whose deaths are ordered at once: each death also hits what the others have under way."""
LOAD = 12
PAUSES = (0.3, 3.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The clean run, and the activities that were part of it."""

    picture: Picture
    activities: tuple[str, ...]


async def activities_of(scene: Scene, story: Story) -> tuple[str, ...]:
    """List the activities of a story's workflows."""
    found: dict[str, None] = {}
    async for execution in scene.temporal.list_workflows():
        if f":{story.repository.id}#" in execution.id:
            handle = scene.temporal.get_workflow_handle(execution.id, run_id=execution.run_id)
            async for event in handle.fetch_history_events():
                if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                    found[event.activity_task_scheduled_event_attributes.activity_type.name] = None
    return tuple(found)


# --- the door ---------------------------------------------------------------------------------------------------------


async def doors(scene: Scene, wanted: Picture, make: Making, steps: range = ANY) -> list[Trial]:
    """Kill the door at the first step of a webhook, at the second, and so on until it comes through alive."""
    trials: list[Trial] = []
    for point in steps:
        trial = Trial(Case(PART, f"door killed at step {point}", 0, only="door"), make(scene), wanted)
        died = await _killed_at(scene, trial.story, point)
        await scene.sweep()
        await scene.judge(trial)
        await scene.idle()  # so that the next order is for the next label, and not for what this story still does
        trials.append(trial)
        if not died:
            break
    return trials


async def _killed_at(scene: Scene, story: Story, point: int) -> bool:
    """Label an issue, and kill the door at this step of the webhook; false when it takes fewer."""
    lives, counted = scene.door.lives, scene.orders / COUNTED
    await _deliver_with(scene, story, point)
    await until(lambda: scene.door.lives > lives or counted.exists())
    return not claimed(counted)


async def _deliver_with(scene: Scene, story: Story, point: int) -> None:
    number = await story.open(RIGHT)
    await scene.settle()
    orders(scene.orders, [f"{DOOR}{point}"])
    await story.github.label_issue(story.repository, number, LABEL, by=PERSON)
    await _delivered(story)


async def _delivered(story: Story) -> None:
    """Wait until the label's webhook has been tried."""
    await until(
        lambda: any(
            it.action == "labeled" and it.repository_id == story.repository.id for it in story.github.deliveries
        )
    )


# --- workers ----------------------------------------------------------------------------------------------------------


def points(activities: Sequence[str]) -> list[str]:
    """Name every place where a worker can die."""
    return [f"{activity}-{moment}" for activity in activities for moment in MOMENTS]


async def workers(scene: Scene, wanted: Picture, places: Sequence[str]) -> list[Trial]:
    """Kill a worker at each of these places, each in a story of its own, some side by side."""
    turns = asyncio.Semaphore(AT_ONCE)
    return list(await asyncio.gather(*(_worker(scene, wanted, place, turns) for place in places)))


async def _worker(scene: Scene, wanted: Picture, place: str, turns: asyncio.Semaphore) -> Trial:
    async with turns:
        story = whole(scene)
        order = f"{story.repository.id}-{place}"
        orders(scene.orders, [order])
        trial = Trial(Case(PART, f"worker killed at {place}", 0, only=place), story, wanted)
        await ask(story)
        await scene.judge(trial)
        if (scene.orders / order).exists():
            trial.case.lost += f"\nnobody died at {place}"
        return trial


# --- anything, at random ----------------------------------------------------------------------------------------------


async def under_load(scene: Scene, wanted: Picture, seed: int, load: int = LOAD) -> list[Trial]:
    """Kill doors, workers and Temporal at random while many stories run."""
    dice = random.Random(seed)  # noqa: S311  # no secret
    trials = [Trial(Case(PART, "random kills", seed, only="random"), whole(scene), wanted) for _ in range(load)]
    killing = asyncio.create_task(_kill(scene, dice, load))
    for trial in trials:
        await ask(trial.story)
        await asyncio.sleep(dice.uniform(*PAUSES) / 3)
    await killing
    await scene.sweep()
    return trials


async def _kill(scene: Scene, dice: random.Random, times: int) -> None:
    victims = [scene.door.kill, scene.kill_temporal, *(worker.kill for worker in scene.workers)]
    for _ in range(times):
        await asyncio.sleep(dice.uniform(*PAUSES))
        dice.choice(victims)()


async def run(scene: Scene, wanted: Wanted, seeds: Sequence[int], only: str = "") -> list[Case]:
    """Kill everything everywhere; `only` chooses places and moments."""
    trials = list[Trial]()
    if only in "door":
        trials += await doors(scene, wanted.picture, whole)
    trials += await workers(scene, wanted.picture, [place for place in points(wanted.activities) if only in place])
    for seed in seeds if only in "random" else ():
        trials += await under_load(scene, wanted.picture, seed)
    return await scene.judge_all(trials)
