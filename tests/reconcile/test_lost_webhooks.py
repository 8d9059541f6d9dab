"""What no webhook told is found, once."""

from pathlib import Path

from reconcile_scene import OTHER_BOT, TRUSTED_BOT, Scene
from story_kit import LABEL, PERSON, STRANGER, script, until

from github_app.demo.github.webhooks import redeliver
from workflows.item_mailbox import MailboxState
from workflows.model import Actor, Delivery, EventKind, Item
from workflows.ports import MAIN_QUEUE
from workflows.work_item import LINGER, WorkItemWorkflow

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"
SLOW = "while test ! -e {gate}; do sleep 0.1; done; " + RIGHT


async def test_a_label_that_nobody_told_of_starts_work_once(scene: Scene) -> None:
    """Who put it on is asked of GitHub; looking again starts nothing more."""
    number = await scene.story.ask(script(RIGHT))
    first = await scene.reconcile()
    await scene.story.ending(number, "Done")
    second = await scene.reconcile()
    assert scene.found(first) == [f"#{number} `aidp-build` was put on by {PERSON}"]
    assert scene.found(second) == []
    assert len(scene.story.pull_requests()) == 1


async def test_a_webhook_that_comes_later_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    """What was found by looking and is then delivered is one piece of work."""
    number = await scene.story.open(script(SLOW.format(gate=tmp_path / "gate")))
    async with scene.open_door():
        await scene.story.label(number)
        await scene.reconcile()
        await scene.reconcile()
        await scene.github.settle()
        (tmp_path / "gate").touch()
        await scene.story.ending(number, "Done")
    assert len(scene.story.pull_requests()) == 1
    assert len([text for text in scene.story.comments(number) if "aidp:status" in text]) == 1


async def test_a_webhook_and_a_look_that_tell_of_the_same_at_once_hold_nothing_up(scene: Scene) -> None:
    """Who put the label on is read at once, and again only where GitHub may not show it yet: no timer but the last."""
    number = await scene.story.ask(script(RIGHT))
    item, person = scene.story.item(number), Actor(scene.github.add_user(PERSON).id, PERSON)
    event = scene.github.issue(scene.story.repository, number).events[-1]
    told = (Delivery(name, EventKind.LABELED, item, person, label=LABEL) for name in ("hook", f"label:{event.id}"))
    begun = MailboxState(item, inbox=tuple(told), seen=("hook", f"label:{event.id}"))
    mailbox = await scene.temporal.start_workflow(
        WorkItemWorkflow.run, begun, id=item.mailbox_id, task_queue=MAIN_QUEUE
    )
    await scene.story.ending(number, "Done")
    timers = [it async for it in mailbox.fetch_history_events() if it.HasField("timer_started_event_attributes")]
    pauses = {it.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta() for it in timers}
    assert pauses <= {LINGER}
    assert len(scene.story.pull_requests()) == 1


async def test_a_label_put_on_by_a_stranger_starts_nothing(scene: Scene) -> None:
    """Permission is asked about whoever put it on."""
    number = await scene.story.ask(script(RIGHT), by=STRANGER)
    await scene.reconcile()
    await until(lambda: any("write" in text for text in scene.story.comments(number)))
    assert scene.story.pull_requests() == []


async def test_a_trusted_bot_is_heard_also_where_nobody_told(scene: Scene) -> None:
    """Its label starts work and its command is answered; a bot that the operator does not trust is not heard."""
    repository, number = scene.story.repository, await scene.story.open(script(RIGHT))
    for bot, label in ((OTHER_BOT, "aidp-plan"), (TRUSTED_BOT, LABEL)):
        scene.github.set_permission(repository, bot, "write")
        await scene.github.label_issue(repository, number, label, by=bot)
        await scene.github.comment(repository, number, bot, "/aidp status")
    found = scene.found(await scene.reconcile())
    await scene.story.ending(number, "Done")
    assert found == [f"#{number} {TRUSTED_BOT} wrote a command", f"#{number} `{LABEL}` was put on by {TRUSTED_BOT}"]
    assert len(scene.story.pull_requests()) == 1


async def test_a_lost_command_is_obeyed_once(scene: Scene) -> None:
    """A comment with a command is found; neither the next look nor the late webhook repeats it."""
    number = await scene.story.open("")
    scene.close_door()
    await scene.github.comment(scene.story.repository, number, PERSON, "Nice.")
    await scene.github.comment(scene.story.repository, number, PERSON, "/aidp status")
    await scene.github.settle()
    late = scene.github.deliveries[-1]
    assert scene.found(await scene.reconcile()) == [f"#{number} {PERSON} wrote a command"]
    await until(lambda: len(scene.story.comments(number)) == 3)
    assert scene.found(await scene.reconcile()) == []
    async with scene.open_door():
        redeliver(scene.github.world, late)
        await scene.github.settle()
        await scene.github.comment(scene.story.repository, number, PERSON, "/aidp history")
        await until(lambda: len(scene.story.comments(number)) == 5)
    assert late.event == "issue_comment"


async def test_terminated_work_is_closed_honestly(scene: Scene, tmp_path: Path) -> None:
    """The comment says that it was ended from outside, and the label is gone."""
    number = await scene.story.ask(script(SLOW.format(gate=tmp_path / "gate")))
    await scene.reconcile()
    await until(lambda: scene.story.labels(number) == ("aidp-working",) and scene.story.status(number))
    await scene.temporal.get_workflow_handle(f"build:{scene.story.repository.id}#{number}").terminate()
    found = scene.found(await scene.reconcile())
    status = await scene.story.ending(number, "ended from outside")
    (tmp_path / "gate").touch()
    assert found == [f"#{number} `aidp-working` is on, and nothing works there"]
    assert "/aidp retry" in status


async def test_a_stale_label_is_taken_off(scene: Scene) -> None:
    """Also where no mailbox of ours ever was."""
    number = await scene.story.open("")
    await scene.story.label(number, label="aidp-working")
    await scene.reconcile()
    await scene.story.ending(number, "ended from outside")
    assert scene.story.labels(number) == ()


async def test_work_without_its_mailbox_gets_one(scene: Scene, tmp_path: Path) -> None:
    """Work goes on when its mailbox was ended from outside, and can be spoken to again."""
    number = await scene.story.ask(script(SLOW.format(gate=tmp_path / "gate")))
    await scene.reconcile()
    await until(lambda: scene.story.labels(number) == ("aidp-working",))
    mailbox = scene.temporal.get_workflow_handle(Item(0, scene.story.repository.id, number).mailbox_id)
    await mailbox.terminate()
    found = (await scene.reconcile()).findings
    await scene.github.comment(scene.story.repository, number, PERSON, "/aidp cancel enough of it")
    await scene.reconcile()
    await scene.story.ending(number, "enough of it", "ancelled")
    (tmp_path / "gate").touch()
    assert mailbox.id in [finding.where for finding in found]


async def test_work_stops_on_what_was_closed_without_a_word(scene: Scene, tmp_path: Path) -> None:
    """Its item was closed and the webhook got lost: the next look ends it, and says who closed it."""
    number = await scene.story.ask(script(SLOW.format(gate=tmp_path / "gate")))
    await scene.reconcile()
    await until(lambda: scene.story.labels(number) == ("aidp-working",))
    await scene.github.close_issue(scene.story.repository, number, by=PERSON)
    found = scene.found(await scene.reconcile())
    await scene.story.ending(number, f"{PERSON} closed the issue")
    (tmp_path / "gate").touch()
    assert found == [f"#{number} {PERSON} closed it, and work went on"]


async def test_work_stops_where_its_label_was_taken_off_without_a_word(scene: Scene, tmp_path: Path) -> None:
    """A person took `aidp-working` off and the webhook got lost: the next look ends the work."""
    number = await scene.story.ask(script(SLOW.format(gate=tmp_path / "gate")))
    await scene.reconcile()
    await until(lambda: scene.story.labels(number) == ("aidp-working",))
    await scene.github.unlabel_issue(scene.story.repository, number, "aidp-working", by=PERSON)
    found = scene.found(await scene.reconcile())
    await scene.story.ending(number, f"{PERSON} took `aidp-working` off")
    (tmp_path / "gate").touch()
    assert found == [f"#{number} {PERSON} took `aidp-working` off, and work went on"]
