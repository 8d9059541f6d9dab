"""What became of our pull requests, and no webhook told: reviews that ask for changes, and bases that have moved."""

from collections.abc import Mapping
from typing import Any

import anyio
from reconcile_scene import Scene
from story_kit import CONFIG, PERSON, script
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from github_app.demo.github import ReviewDraft
from github_app.demo.github.model import Delivery as Sent
from github_app.demo.github.webhooks import redeliver
from workflows.model import Actor, Delivery, EventKind, Item
from workflows.work_item import MailboxState, WorkItemWorkflow

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"
WISH = script("echo right again > answer.txt; echo 'ITEM 1: DONE'; echo 'STATUS: COMPLETE'")
FOLLOWING = CONFIG.replace("verify_rounds: 0", "verify_rounds: 0, rebase_on_push: true")
ITEM = Item(1, 2, 3)
RESTING = (EventType.EVENT_TYPE_TIMER_STARTED, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
"""What a workflow has done last that waits: it set a timer, or heard what it knew."""
ELSEWHERE, CONFLICTING = {"elsewhere.txt": "new\n"}, {"answer.txt": "left\n"}


async def test_a_review_that_nobody_told_of_is_worked_off_once(scene: Scene) -> None:
    """Whoever asked for changes gets them; neither the next look nor the late webhook repeats it."""
    pull = await pulled(scene)
    scene.close_door()
    await ask_for_changes(scene, pull)
    await scene.github.settle()
    late = last_told(scene, "pull_request_review")
    assert scene.found(await scene.reconcile()) == [f"#{pull} {PERSON} asked for changes"]
    await scene.story.ending(pull, "Done")
    assert scene.found(await scene.reconcile()) == []
    async with scene.open_door():
        redeliver(scene.github.world, late)
        await scene.github.settle()
        assert await past(scene, pull, "fix") == 1
    assert await scene.story.file(branch_of(scene, pull), "answer.txt") == "right again\n"


async def test_a_review_that_a_webhook_told_of_is_not_found(scene: Scene) -> None:
    """What was heard is nothing that was lost."""
    pull = await pulled(scene)
    async with scene.open_door():
        await ask_for_changes(scene, pull)
        await scene.story.ending(pull, "Done")
        assert scene.found(await scene.reconcile()) == []
        assert await past(scene, pull, "fix") == 1


async def test_a_push_to_the_base_that_nobody_told_of_is_followed_once(scene: Scene) -> None:
    """The pull request is brought up to date; the next look and the late webhook find it so."""
    pull = await pulled(scene, FOLLOWING)
    late = await lost_push(scene, ELSEWHERE)
    assert scene.found(await scene.reconcile()) == [f"#{pull} the branch it aims at has moved"]
    assert "is now on top of `main`" in await scene.story.ending(pull, "Done")
    head = head_of(scene, pull)
    assert scene.found(await scene.reconcile()) == []
    async with scene.open_door():
        await tell_late(scene, late)
        assert await past(scene, pull, "rebase") == 1
    assert head_of(scene, pull) == head


async def test_a_base_that_could_not_be_followed_is_not_followed_again_by_a_late_webhook(scene: Scene) -> None:
    """The pull request still lacks what was pushed, but has been told of it, and of what came before."""
    pull = await pulled(scene, FOLLOWING)
    before = await lost_push(scene, ELSEWHERE)
    late = await lost_push(scene, CONFLICTING)
    assert scene.found(await scene.reconcile()) == [f"#{pull} the branch it aims at has moved"]
    await scene.story.ending(pull, "Failed")  # the agent has no script for conflicts
    async with scene.open_door():
        await tell_late(scene, before)
        await tell_late(scene, late)
        assert await past(scene, pull, "rebase") == 1
    assert scene.found(await scene.reconcile()) == []


async def test_a_push_is_followed_only_where_the_repository_wants_it(scene: Scene) -> None:
    """Elsewhere nobody asked for it."""
    pull = await pulled(scene)
    await lost_push(scene, ELSEWHERE)
    assert scene.found(await scene.reconcile()) == []
    async with scene.open_door():
        await scene.story.say(pull, "/aidp history")
        await scene.story.answered(pull, "Nothing has run here lately.")


def test_a_base_that_comes_back_is_news_again() -> None:
    """The last commit told of is known, by whatever delivery; an earlier one may have been restored."""
    desk = WorkItemWorkflow(MailboxState(ITEM))
    for name, sha in (("a", "1"), ("b", "2")):
        desk.deliver(moved_to(name, sha))
    assert desk.knows(moved_to("c", "2"))
    assert desk.knows(moved_to("a", "1"))
    assert not desk.knows(moved_to("c", "1"))


# --- what the stories do and read -------------------------------------------------------------------------------------


def moved_to(name: str, sha: str) -> Delivery:
    """Write a delivery that tells of a base."""
    return Delivery(name, EventKind.BASE_PUSHED, ITEM, Actor(1, PERSON), sha=sha)


async def pulled(scene: Scene, config: str = CONFIG) -> int:
    """Have an issue built of which no webhook tells; returns its pull request."""
    await scene.github.push(scene.story.repository, "main", {".aidp/aidp.yml": config, "README.md": "Read me.\n"})
    number = await scene.story.ask(script(RIGHT))
    await scene.reconcile()
    await scene.story.ending(number, "Done")
    [pull] = scene.story.pull_requests()
    assert scene.found(await scene.reconcile()) == []
    return pull.number


async def ask_for_changes(scene: Scene, pull: int) -> None:
    """Review it as a person."""
    await scene.github.review(scene.story.repository, pull, ReviewDraft("REQUEST_CHANGES", WISH), PERSON)


async def lost_push(scene: Scene, files: Mapping[str, str]) -> Sent:
    """Push to the base; returns the webhook that nobody took."""
    scene.close_door()
    await scene.github.push(scene.story.repository, "main", files)
    await scene.github.settle()
    return last_told(scene, "push")


def last_told(scene: Scene, event: str) -> Sent:
    """Find the last webhook of an event."""
    return [it for it in scene.github.deliveries if it.event == event][-1]


async def tell_late(scene: Scene, push: Sent) -> None:
    """Deliver a push once more, and wait until whoever looks after the repository has passed it on."""
    redeliver(scene.github.world, push)
    await scene.github.settle()
    await at_rest(scene, f"repo:{scene.story.repository.id}")


async def past(scene: Scene, pull: int, work: str) -> int:
    """Ask how often something was done on a pull request, once all is done that it was told to do."""
    await at_rest(scene, Item(0, scene.story.repository.id, pull).mailbox_id)
    await scene.story.until_free(pull)
    await scene.story.say(pull, "/aidp history")
    return (await scene.story.answered(pull, f"`{work}` ")).count(f"`{work}`")


async def at_rest(scene: Scene, workflow_id: str) -> None:
    """Wait until a workflow has nothing to do but to wait."""
    handle = scene.temporal.get_workflow_handle(workflow_id)
    while (await handle.fetch_history()).events[-1].event_type not in RESTING or await is_busy(handle):
        await anyio.sleep(0.05)


async def is_busy(handle: WorkflowHandle[Any, Any]) -> bool:
    """Tell whether a workflow has asked for something that is not answered yet."""
    return bool((await handle.describe()).raw_description.pending_activities)


def head_of(scene: Scene, number: int) -> str:
    """Read the newest commit of a pull request."""
    pull = scene.github.issue(scene.story.repository, number).pull
    assert pull
    return pull.head_sha


def branch_of(scene: Scene, number: int) -> str:
    """Read the branch of a pull request."""
    pull = scene.github.issue(scene.story.repository, number).pull
    assert pull
    return pull.head
