"""Repositories that vanish while nobody tells of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from access_kit import RIGHT, delete, remove, transfer
from reconcile_scene import Scene
from story_kit import script, until

NOT_SHOWN = " it is not shown to the App any more"


@pytest.mark.parametrize("loss", [remove, delete, transfer])
async def test_work_in_a_repository_that_is_not_shown_any_more_ends(
    scene: Scene, tmp_path: Path, loss: Callable[[Scene], None]
) -> None:
    """GitHub is asked how it stands; the work ends with its reason, and the other repositories are looked at."""
    scene.github.add_repository(scene.owner, "other", files={"a": "a"})
    name, begun, gate = scene.story.repository.full_name, tmp_path / "begun", tmp_path / "gate"
    number = await scene.story.ask(script(f"touch {begun}; while test ! -e {gate}; do sleep 0.1; done; {RIGHT}"))
    await scene.reconcile()
    await until(lambda: begun.exists() and scene.story.labels(number) == ("aidp-working",))
    loss(scene)
    found = await scene.reconcile()
    work = scene.temporal.get_workflow_handle(f"build:{scene.story.repository.id}#{number}")
    assert "no access" in (await work.result())["reason"]
    gate.touch()
    assert [it.what for it in found.findings if it.where == name] == [NOT_SHOWN.strip()]
    again = await scene.reconcile()
    names = [it.repository.name for each in again.installations for it in each.repositories]
    assert f"{name.partition('/')[0]}/other" in names


async def test_a_repository_that_vanishes_without_work_is_told_of_once(scene: Scene) -> None:
    """It is forgotten until it is listed again."""
    scene.github.add_repository(scene.owner, "other", files={"a": "a"})
    await scene.reconcile()
    remove(scene)
    assert scene.found(await scene.reconcile()) == [NOT_SHOWN]
    assert scene.found(await scene.reconcile()) == []
