"""Part `recovery`: workers die while they look for what was lost; it is found nevertheless, and begun once."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import anyio
from chaos_scene import ATTEMPTS_APART, PATIENCE, Scene, Trial
from deaths import MOMENTS, claimed, orders
from losses import PUSHED, REDDENED, STALE, TAKEN_AWAY
from picture import Picture
from story_kit import NOWHERE, Story
from table import Case
from troubles import installation_of
from whole_story import SHORT, Tale, told

from github_app.demo.github.shapes.values import node_id
from workflows.delivery_sweep import DeliverySweepWorkflow
from workflows.model.reconciling import Busy, Covered, Known, Reachable, Round
from workflows.model.repositories import RepositoryAddress
from workflows.ports import MAIN_QUEUE
from workflows.reconcile import ReconcileInstallationWorkflow, ReconcileWorkflow

PART = "recovery"
ROUNDS = 3
"""A worker that dies takes down what others have under way, so not each comes to its place at the first go."""

Look = Callable[[Scene, Story], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Search:
    """A way to find what was lost, and the activities it is made of."""

    tale: Tale
    look: Look
    activities: tuple[str, ...]
    in_log: bool = False
    """Whether the log of deliveries still knows."""


async def sweep(scene: Scene, story: Story) -> None:
    """Look into the log, in the name of one story."""
    await scene.temporal.execute_workflow(DeliverySweepWorkflow.run, id=_named("sweep", story), task_queue=MAIN_QUEUE)


async def reconcile(scene: Scene, story: Story) -> None:
    """Look at how things are, in the name of one story."""
    await scene.temporal.execute_workflow(ReconcileWorkflow.run, id=_named("reconcile", story), task_queue=MAIN_QUEUE)


def look_again(*busy: int) -> Look:
    """Look at the one repository of a story, which was looked at before; on these items something works."""

    async def look(scene: Scene, story: Story) -> None:
        repository, installation = story.repository, installation_of(story)
        address = RepositoryAddress(installation, repository.id)
        known = Known(Reachable(address, node_id("R", repository.id), repository.full_name), reds=())
        now = scene.github.world.now().isoformat()
        begun = Round(Covered(installation, (known,), busy=tuple(Busy(repository.id, it, now) for it in busy)))
        name, run = _named("reconcile", story), ReconcileInstallationWorkflow.run
        await scene.temporal.execute_workflow(run, begun, id=name, task_queue=MAIN_QUEUE)

    return look


def _named(kind: str, story: Story) -> str:
    return f"{kind}:{story.repository.id}:{uuid.uuid4()}"


SEARCHES = (
    Search(SHORT, sweep, ("redeliver",), in_log=True),
    Search(SHORT, sweep, ("read_delivery_log",), in_log=True),
    Search(SHORT, reconcile, ("list_installations", "adopt_orphans", "wake_watches", "list_busy")),
    Search(SHORT, reconcile, ("look", "read_repo_config", "read_label_event", "deliver")),
    Search(STALE, reconcile, ("find_idle",)),
    Search(PUSHED, reconcile, ("read_heads", "list_our_pulls", "is_told")),
    Search(REDDENED, look_again(), ("read_ci",)),
    Search(TAKEN_AWAY, look_again(1), ("tell_repository", "read_standing", "find_working")),
)


async def run(scene: Scene, only: str = "") -> list[Case]:
    """Kill at every activity of every search."""
    trials: list[Trial] = []
    for search in SEARCHES:
        places = [f"{activity}-{moment}" for activity in search.activities for moment in MOMENTS]
        if chosen := [place for place in places if only in place]:
            trials += await _everywhere(scene, search, chosen)
    return await scene.judge_all(trials)


async def _everywhere(scene: Scene, search: Search, places: Sequence[str]) -> list[Trial]:
    wanted, trials = await _calm(scene, search), list[Trial]()
    for _ in range(ROUNDS):
        trials += (tried := await _round(scene, wanted, search, places))
        places = [trial.case.only for trial in tried if _spared(scene, trial)]
    for trial in trials:
        trial.case.void = f"nobody died at {trial.case.only}" if trial.case.only in places else ""
    return trials


async def _calm(scene: Scene, search: Search) -> Picture:
    """Tell the tale without trouble, and look once more than is needed: what is found was known."""
    tale = search.tale

    async def looked(story: Story) -> None:
        await scene.settle()
        await search.look(scene, story)
        await tale.after(story)

    _, seen = await told(scene, replace(tale, after=looked))
    return seen


async def _round(scene: Scene, wanted: Picture, search: Search, places: Iterable[str]) -> list[Trial]:
    """Lose something for each place, search for all of it side by side, and die at each."""
    stories = {place: search.tale.make(scene) for place in places}
    await _lose(scene, list(stories.values()), search)
    trials = [Trial(Case(PART, f"worker killed at {it}", 0, only=it), story, wanted) for it, story in stories.items()]
    for trial in trials:
        orders(scene.orders, _names(trial))
    searching = (_searched(scene, search, trial.story) for trial in trials)
    await asyncio.gather(*searching, *map(scene.judge, trials))
    return trials


async def _searched(scene: Scene, search: Search, story: Story) -> None:
    """Search to the end, also when what was lost has been found before: somebody may die on the way there."""
    with anyio.move_on_after(PATIENCE):
        await search.look(scene, story)
        await search.tale.after(story)


async def _lose(scene: Scene, stories: Sequence[Story], search: Search) -> None:
    """Let things happen while nobody listens."""
    await asyncio.gather(*map(search.tale.before, stories))
    await scene.settle()
    address, before = scene.github.world.hook_url, len(scene.github.deliveries)
    scene.github.send_webhooks_to(NOWHERE)
    for story in stories:
        await search.tale.act(story)
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
