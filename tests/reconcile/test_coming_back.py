"""What goes on, and what does not, when a repository that was lost comes back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from access_kit import (
    RIGHT,
    archive,
    ended,
    install,
    lost_unheard,
    remove_unheard,
    running,
    suspend,
    unarchive,
    uninstall,
    unsuspend,
)
from reconcile_scene import Scene
from story_kit import PERSON, script

from github_app.demo.github.webhooks import redeliver


async def test_after_a_suspension_everything_goes_on(scene: Scene, tmp_path: Path) -> None:
    """What ended begins again by itself, and a label that was put on meanwhile starts its work."""
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        suspend(scene)
        await ended(scene, number)
        later = await scene.story.ask(script(RIGHT), title="Another one")
        await scene.github.settle()
        (tmp_path / "gate").touch()
        unsuspend(scene)
        await scene.story.ending(number, "Done")
        await scene.story.ending(later, "Done")
    assert len(scene.story.pull_requests()) == 2


@pytest.mark.parametrize(("loss", "back"), [(uninstall, install), (archive, unarchive)])
async def test_work_goes_on_where_we_are_back(
    scene: Scene, tmp_path: Path, loss: Callable[[Scene], None], back: Callable[[Scene], None]
) -> None:
    """Also under a new installation, which has another number."""
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        loss(scene)
        await ended(scene, number)
        (tmp_path / "gate").touch()
        back(scene)
        await scene.story.ending(number, "Done")
    assert len(scene.story.pull_requests()) == 1


async def test_work_that_fails_before_it_hears_of_a_loss_goes_on_too(scene: Scene, tmp_path: Path) -> None:
    """It runs into the shut door by itself, and could not say so: it begins again when we are back, once."""
    async with scene.open_door():
        number = await lost_unheard(scene, tmp_path / "gate")
        (tmp_path / "gate").touch()
        assert "no access" in await ended(scene, number)
    async with scene.open_door():
        install(scene)
        await scene.story.ending(number, "Done")
    assert len(scene.story.pull_requests()) == 1
    assert scene.found(await scene.reconcile()) == []


@pytest.mark.parametrize(("loss", "back"), [(suspend, unsuspend), (remove_unheard, install)])
async def test_what_waits_behind_lost_work_comes_after_it(
    scene: Scene, tmp_path: Path, loss: Callable[[Scene], None], back: Callable[[Scene], None]
) -> None:
    """It is not tried while the door is shut, and its label needs not be put on again."""
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        await queue_plan(scene, number)
        loss(scene)
        await scene.github.settle()
        (tmp_path / "gate").touch()
        await ended(scene, number)
    async with scene.open_door():
        back(scene)
        await scene.story.answered(number, "waits for approval")
    assert len(scene.story.pull_requests()) == 1


async def test_what_nobody_wants_any_more_when_we_are_back_is_not_done(scene: Scene, tmp_path: Path) -> None:
    """The label of what waited was taken off while we could not hear of it."""
    async with scene.open_door():
        number = await plan_withdrawn_unheard(scene, tmp_path / "gate")
        unsuspend(scene)
        await scene.story.ending(number, "Done")
        await scene.story.until_free(number)
    assert not [text for text in scene.story.comments(number) if "<!-- aidp:plan" in text]


async def test_what_another_person_wants_when_we_are_back_is_done(scene: Scene, tmp_path: Path) -> None:
    """The label of what waited was taken off, and put on again by somebody else, while we could not hear of it."""
    scene.github.set_permission(scene.story.repository, "grace", "write")
    async with scene.open_door():
        number = await plan_withdrawn_unheard(scene, tmp_path / "gate")
        await scene.story.label(number, by="grace", label="aidp-plan")
        unsuspend(scene)
        await scene.story.answered(number, "waits for approval")
    assert "aidp-plan" not in scene.story.labels(number)


async def plan_withdrawn_unheard(scene: Scene, gate: Path) -> int:
    """Have a plan wait behind work that a suspension ends, and take its label off then; returns the issue."""
    number = await running(scene, gate)
    await queue_plan(scene, number)
    suspend(scene)
    await ended(scene, number)
    gate.touch()
    await scene.github.unlabel_issue(scene.story.repository, number, "aidp-plan", by=PERSON)
    return number


async def queue_plan(scene: Scene, number: int) -> None:
    """Ask for a plan, which comes after the running work."""
    await scene.story.label(number, label="aidp-plan")
    await scene.story.say(number, "/aidp status")
    await scene.story.answered(number, "then `plan`")


async def test_an_end_that_could_not_be_told_is_told_later(scene: Scene, tmp_path: Path) -> None:
    """Work that somebody ended while GitHub would not hear of it does not begin again, and its end is the true one."""
    async with scene.open_door():
        number = await lost_unheard(scene, tmp_path / "gate")
        work = scene.temporal.get_workflow_handle(f"build:{scene.story.repository.id}#{number}")
        await work.signal("cancel", "enough of it")
        await ended(scene, number)
    async with scene.open_door():
        install(scene)
        assert "enough of it" in await scene.story.ending(number, "ancelled")
        assert scene.story.labels(number) == ()
    (tmp_path / "gate").touch()
    assert scene.found(await scene.reconcile()) == []


async def test_what_a_person_lost_the_right_to_does_not_go_on(scene: Scene, tmp_path: Path) -> None:
    """Who asked for it may not ask for it any more: it is closed, and says how it starts again."""
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        suspend(scene)
        await ended(scene, number)
        scene.github.set_permission(scene.story.repository, PERSON, "read")
        unsuspend(scene)
        status = await scene.story.ending(number, "installation was suspended")
    (tmp_path / "gate").touch()
    assert "/aidp retry" in status


async def test_a_look_that_comes_before_the_webhook_begins_it_again_too(scene: Scene, tmp_path: Path) -> None:
    """The news that a suspension was lifted may be late or lost; what was interrupted goes on all the same, once."""
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        suspend(scene)
        await ended(scene, number)
        (tmp_path / "gate").touch()
        scene.close_door()
        unsuspend(scene)
        await scene.github.settle()
        late = scene.github.deliveries[-1]
        await scene.reconcile()
        await scene.story.ending(number, "Done")
    async with scene.open_door():
        redeliver(scene.github.world, late)
        await scene.github.settle()
    assert len(scene.story.pull_requests()) == 1


async def test_an_archive_that_is_opened_again_is_looked_at(scene: Scene) -> None:
    """A label that was there before the archive starts its work."""
    number = await scene.story.ask(script(RIGHT))
    archive(scene)
    async with scene.open_door():
        unarchive(scene)
        await scene.story.ending(number, "Done")
