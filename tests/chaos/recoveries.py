"""Part `recovery`: workers die while they look for what was lost; it is found nevertheless, and begun once."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from chaos_scene import ATTEMPTS_APART, Scene, Trial
from deaths import MOMENTS, claimed, orders
from picture import Picture
from story_kit import Story
from table import Case
from troubles import installation_of
from whole_story import ask, short

from workflows.delivery_sweep import DeliverySweepWorkflow
from workflows.ports import MAIN_QUEUE
from workflows.reconcile import ReconcileWorkflow

PART = "recovery"
NOWHERE = "http://127.0.0.1:9/webhook"
ROUNDS = 3
"""A worker that dies takes down what others have under way, so not each comes to its place at the first go."""

Look = Callable[[Scene, Story], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Search:
    """A way to find what was lost, and the activities it is made of."""

    look: Look
    activities: tuple[str, ...]
    in_log: bool
    """Whether the log of deliveries still knows."""


async def sweep(scene: Scene, story: Story) -> None:
    """Look into the log, in the name of one story."""
    name = f"sweep:{story.repository.id}:{uuid.uuid4()}"
    await scene.temporal.execute_workflow(DeliverySweepWorkflow.run, id=name, task_queue=MAIN_QUEUE)


async def reconcile(scene: Scene, story: Story) -> None:
    """Look at how things are, in the name of one story."""
    name = f"reconcile:{story.repository.id}:{uuid.uuid4()}"
    await scene.temporal.execute_workflow(ReconcileWorkflow.run, id=name, task_queue=MAIN_QUEUE)


OURS = ("list_installations", "adopt_orphans", "wake_watches", "list_busy")
RECONCILING = (*OURS, "look", "read_label_event", "deliver")
SEARCHES = (
    Search(sweep, ("redeliver",), in_log=True),
    Search(sweep, ("read_delivery_log",), in_log=True),
    Search(reconcile, RECONCILING, in_log=False),
)


async def run(scene: Scene, wanted: Picture, only: str = "") -> list[Case]:
    """Kill at every activity of every search."""
    trials: list[Trial] = []
    for search in SEARCHES:
        places = [f"{activity}-{moment}" for activity in search.activities for moment in MOMENTS]
        trials += await _everywhere(scene, wanted, search, [place for place in places if only in place])
    return await scene.judge_all(trials)


async def _everywhere(scene: Scene, wanted: Picture, search: Search, places: Sequence[str]) -> list[Trial]:
    trials: list[Trial] = []
    for _ in range(ROUNDS):
        trials += (tried := await _round(scene, wanted, search, places))
        places = [trial.case.only for trial in tried if _spared(scene, trial)]
    for trial in trials:
        trial.case.void = f"nobody died at {trial.case.only}" if trial.case.only in places else ""
    return trials


async def _round(scene: Scene, wanted: Picture, search: Search, places: Iterable[str]) -> list[Trial]:
    """Lose a label for each place, search for all of them side by side, and die at each."""
    trials = [Trial(Case(PART, f"worker killed at {it}", 0, only=it), short(scene), wanted) for it in places]
    await _lose(scene, trials, search)
    for trial in trials:
        orders(scene.orders, _names(trial))
    await asyncio.gather(*(search.look(scene, trial.story) for trial in trials))
    await asyncio.gather(*map(scene.judge, trials))
    return trials


async def _lose(scene: Scene, trials: Sequence[Trial], search: Search) -> None:
    """Let people label issues while nobody listens."""
    await scene.settle()
    address, before = scene.github.world.hook_url, len(scene.github.deliveries)
    scene.github.send_webhooks_to(NOWHERE)
    for trial in trials:
        await ask(trial.story)
    await scene.settle()
    scene.github.send_webhooks_to(address)
    if not search.in_log:
        del scene.github.deliveries[before:]
    scene.let_pass(ATTEMPTS_APART)


def _names(trial: Trial) -> list[str]:
    """Name a death by the repository of a search, and by the installation that a part of it looks at."""
    story = trial.story
    return [f"{identity}-{trial.case.only}" for identity in (story.repository.id, installation_of(story))]


def _spared(scene: Scene, trial: Trial) -> bool:
    """Whether nobody came to the place; what was ordered there is taken back."""
    untouched = [claimed(scene.orders / name) for name in _names(trial)]
    return all(untouched)
