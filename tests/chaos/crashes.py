"""Part `crash`: whatever is killed, wherever it is, the story ends as it would have, and nothing is there twice."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

import doors
import servers
from chaos_scene import Scene, Trial
from deaths import MOMENTS, orders
from doors import PART
from picture import Picture
from pulls_story import PULLS
from story_kit import Story
from table import Case
from temporalio.api.enums.v1 import EventType
from whole_story import WHOLE, Tale, ask, told, whole

AT_ONCE = 24
"""Stories whose deaths are ordered at once: each death also hits what the others have under way."""
LOAD = 12
PAUSES = (0.3, 3.0)
AGAIN = ("open_workspace", "publish_branch")
"""Activities of the first story that do something else in the second: they go on from a person's branch."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clean run of a tale, and the activities that were part of it."""

    tale: Tale
    picture: Picture
    activities: tuple[str, ...]


async def learnt(scene: Scene, tale: Tale) -> Wanted:
    """Tell a tale without trouble."""
    story, seen = await told(scene, tale)
    return Wanted(tale, seen, await activities_of(scene, story))


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


# --- workers ----------------------------------------------------------------------------------------------------------


def points(activities: Sequence[str]) -> list[str]:
    """Name every place where a worker can die."""
    return [f"{activity}-{moment}" for activity in activities for moment in MOMENTS]


async def workers(scene: Scene, wanted: Wanted, places: Sequence[str]) -> list[Trial]:
    """Kill a worker at each of these places, each in a story of its own, some side by side."""
    turns = asyncio.Semaphore(AT_ONCE)
    return list(await asyncio.gather(*(_worker(scene, wanted, place, turns) for place in places)))


async def _worker(scene: Scene, wanted: Wanted, place: str, turns: asyncio.Semaphore) -> Trial:
    async with turns:
        story = wanted.tale.make(scene)
        order = f"{story.repository.id}-{place}"
        orders(scene.orders, [order])
        trial = Trial(Case(PART, f"worker killed at {place}", 0, only=place), story, wanted.picture)
        await wanted.tale.act(story)
        await scene.judge(trial)
        if (scene.orders / order).exists():
            trial.case.void = f"nobody died at {place}"
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


async def run(scene: Scene, seeds: Sequence[int], only: str = "") -> list[Case]:
    """Kill everything everywhere; `only` chooses places and moments."""
    first = await learnt(scene, WHOLE)
    trials = list[Trial]()
    for knock in doors.KNOCKS:
        if only in knock.name:
            _, seen = await told(scene, knock.tale)
            trials += await doors.walk(scene, knock, seen)
    trials += await workers(scene, first, [place for place in points(first.activities) if only in place])
    second = await learnt(scene, PULLS)
    new = [it for it in second.activities if it not in first.activities or it in AGAIN]
    trials += await workers(scene, second, [place for place in points(new) if only in place])
    if only in servers.NAME:
        trials += await servers.killed(scene, first.picture)
    for seed in seeds if only in "random" else ():
        trials += await under_load(scene, first.picture, seed)
    return await scene.judge_all(trials)
