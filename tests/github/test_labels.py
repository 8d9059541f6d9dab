"""Labels that a repository can offer before anybody has used one."""

from dataclasses import asdict

from github_scene import REPO, Scene

from github_app.demo.github.tracker import Tracker
from workflows.model import Labels

USUAL = set(asdict(Labels()).values())


def known(scene: Scene) -> dict[str, str]:
    """List the repository's labels with their colours."""
    return {label.name: label.color for label in scene.repository.labels.values()}


async def test_all_labels_are_there_to_choose(scene: Scene) -> None:
    """Whoever looks for a label finds all of ours, each told apart by what it says and its colour."""
    await scene.activities.define_labels(scene.source)
    assert known(scene).keys() >= USUAL
    labels = [scene.repository.labels[name] for name in USUAL]
    assert len({label.description for label in labels}) == len(USUAL)
    assert all(0 < len(label.description or "") <= 100 for label in labels)


async def test_labels_that_are_there_stay_as_they_are(scene: Scene) -> None:
    """Somebody's own colour is kept, and a second time writes nothing."""
    Tracker(scene.github.world, scene.repository, scene.github.add_user("ada")).create_label("AIDP-Build", "ff00ff")
    await scene.activities.define_labels(scene.source)
    written = len(scene.writes)
    assert written == len(USUAL) - 1
    await scene.activities.define_labels(scene.source)
    assert len(scene.writes) == written
    assert known(scene)["AIDP-Build"] == "ff00ff"


async def test_labels_have_the_repositorys_own_names(scene: Scene) -> None:
    """A repository that renamed a label gets the name it chose."""
    await scene.github.push(REPO, "main", {".aidp/aidp.yml": "labels: {build: aidp-implement}\n"})
    await scene.activities.define_labels(scene.source)
    assert "aidp-implement" in known(scene)
    assert "aidp-build" not in known(scene)


async def test_a_wrong_configuration_does_not_keep_labels_away(scene: Scene) -> None:
    """What is wrong is told to whoever uses a label; until then there must be one to use."""
    await scene.github.push(REPO, "main", {".aidp/aidp.yml": "labels: {biuld: aidp-implement}\n"})
    await scene.activities.define_labels(scene.source)
    assert known(scene).keys() >= USUAL
