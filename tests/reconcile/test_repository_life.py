"""What becomes of running work when its repository moves, is put away, or is taken from us."""

from collections.abc import Callable
from pathlib import Path

import pytest
from access_kit import (
    RIGHT,
    archive,
    delete,
    ended,
    remove,
    running,
    suspend,
    transfer,
    uninstall,
    works,
)
from reconcile_scene import Scene
from story_kit import CONFIG, LABEL, PERSON, script, until

from github_app.demo.github.model import Call
from github_app.demo.github.webhooks import redeliver

ENDED = 60
"""More calls than this, from losing access to the end of the work, would be a storm."""


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (suspend, "suspended"),
        (uninstall, "no access"),
        (remove, "no access"),
        (archive, "archived"),
        (transfer, "no access"),
        (delete, "no access"),
    ],
)
async def test_work_ends_when_it_can_do_nothing_any_more(
    scene: Scene, tmp_path: Path, loss: Callable[[Scene], None], reason: str
) -> None:
    """It ends with its reason, and without a storm of calls that are refused."""
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        before = len(scene.github.calls)
        loss(scene)
        assert reason in await ended(scene, number)
    (tmp_path / "gate").touch()
    assert len(scene.github.calls) - before < ENDED


async def test_work_that_nobody_told_of_a_loss_ends_too(scene: Scene, tmp_path: Path) -> None:
    """A webhook names only so many repositories, and may be lost: reconciliation sees that nothing is shown."""
    begun, gate = tmp_path / "begun", tmp_path / "gate"
    number = await scene.story.ask(script(f"touch {begun}; while test ! -e {gate}; do sleep 0.1; done; {RIGHT}"))
    await scene.reconcile()
    await until(lambda: begun.exists() and scene.story.labels(number) == ("aidp-working",))
    before = len(scene.github.calls)
    suspend(scene)
    await scene.reconcile()
    assert "suspended" in await ended(scene, number)
    gate.touch()
    assert len(scene.github.calls) - before < ENDED


async def test_a_new_name_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    """Work goes on where the repository is called otherwise."""
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        scene.github.owning(scene.story.repository).rename("calculator")
        await scene.github.settle()
        (tmp_path / "gate").touch()
        await scene.story.ending(number, "Done")


async def test_where_everybody_can_read_a_note_says_so_once(scene: Scene, tmp_path: Path) -> None:
    """Work goes on, and its issue says who may have aidp do something."""
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        scene.github.owning(scene.story.repository).publicize()
        await until(lambda: [text for text in scene.story.comments(number) if "public now" in text])
        assert await works(scene, number)
        (tmp_path / "gate").touch()
        await scene.story.ending(number, "Done")
    assert len([text for text in scene.story.comments(number) if "public now" in text]) == 1


async def test_a_late_webhook_of_what_is_over_ends_nothing(scene: Scene, tmp_path: Path) -> None:
    """A suspension that is told of when it has been lifted is looked up, and nothing happens."""
    scene.close_door()
    suspend(scene)
    await scene.github.settle()
    late = scene.github.deliveries[-1]
    async with scene.open_door():
        scene.github.installing.unsuspend(scene.owner)
        number = await running(scene, tmp_path / "gate")
        redeliver(scene.github.world, late)
        await scene.github.settle()
        scene.github.owning(scene.story.repository).publicize()
        await until(lambda: [text for text in scene.story.comments(number) if "public now" in text])
        assert await works(scene, number)
        (tmp_path / "gate").touch()
        await scene.story.ending(number, "Done")


async def test_what_an_owner_permits_later_is_done_then(scene: Scene) -> None:
    """A label that came while the App was not permitted to do anything starts its work once it is."""
    installing = scene.github.installing
    permitted = installing.find(scene.owner).permissions
    installing.accept(scene.owner, {"metadata": "read"})
    async with scene.open_door():
        number = await scene.story.ask(script(RIGHT))
        await scene.github.settle()
        assert scene.story.labels(number) == ("aidp-build",)
        installing.accept(scene.owner, permitted)
        await scene.story.ending(number, "Done")
    assert len(scene.story.pull_requests()) == 1


NO_WRITING = {"metadata": "read", "contents": "read", "issues": "read", "pull_requests": "read", "checks": "read"}


async def test_what_could_neither_be_done_nor_said_is_done_later(scene: Scene) -> None:
    """A label and a command that the App could read, but not answer: both are done once it may, unasked."""
    installing = scene.github.installing
    permitted = installing.find(scene.owner).permissions
    installing.accept(scene.owner, NO_WRITING)
    async with scene.open_door():
        number = await scene.story.ask(script(RIGHT))
        other = await scene.story.open("A question")
        await scene.github.comment(scene.story.repository, other, PERSON, "/aidp help")
        await until(lambda: len(refused_tokens(scene)) >= 4)  # of each: to show that it was seen, and to say why not
        installing.accept(scene.owner, permitted)
        await scene.story.ending(number, "Done")
        await until(lambda: [text for text in scene.story.comments(other) if "/aidp retry" in text])
    assert len(scene.story.pull_requests()) == 1


def refused_tokens(scene: Scene) -> list[Call]:
    """List how often the App was refused a token that may do more than is granted."""
    return [it for it in scene.github.calls if it.status == 422 and it.path.endswith("/access_tokens")]


async def test_work_that_is_not_permitted_any_more_ends(scene: Scene, tmp_path: Path) -> None:
    """It ends without a storm, says which permission it lacks, and is done once it is wanted again."""
    installing = scene.github.installing
    permitted = installing.find(scene.owner).permissions
    async with scene.open_door():
        number = await running(scene, tmp_path / "gate")
        before = len(scene.github.calls)
        installing.accept(scene.owner, {"metadata": "read"})
        (tmp_path / "gate").touch()
        status = await scene.story.ending(number, "The App lacks the permission `contents=write`")
        assert "an owner then accepts it" in status
        assert len(scene.github.calls) - before < ENDED
        installing.accept(scene.owner, permitted)
        await scene.story.label(number, label=LABEL)
        await scene.story.ending(number, "Done")


async def test_a_new_repository_knows_our_labels(scene: Scene) -> None:
    """They are offered in its list of labels as soon as the App is there."""
    async with scene.open_door():
        added = scene.github.add_repository(scene.owner, "another", files={"README.md": "Hello\n"})
        await until(lambda: "aidp-build" in added.labels and "aidp-working" in added.labels)


async def test_our_pull_requests_hear_that_their_base_has_moved(scene: Scene) -> None:
    """Where the repository wants it, a push to the base has them brought up to date; nobody has to ask."""
    await scene.github.push(
        scene.story.repository,
        "main",
        {".aidp/aidp.yml": CONFIG.replace("rounds: 0", "rounds: 0, rebase_on_push: true")},
    )
    async with scene.open_door():
        number = await scene.story.ask(script(RIGHT))
        await scene.story.ending(number, "Done")
        [pull] = scene.story.pull_requests()
        before = pull.pull and pull.pull.head_sha
        await scene.github.push(scene.story.repository, "main", {"elsewhere.txt": "new\n"})
        await until(lambda: head_of(scene, pull.number) != before)
        await scene.story.ending(pull.number, "Done")


def head_of(scene: Scene, number: int) -> str:
    """Read the newest commit of a pull request."""
    pull = scene.github.issue(scene.story.repository, number).pull
    assert pull
    return pull.head_sha
