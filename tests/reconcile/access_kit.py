"""How a repository is lost and comes back, and work that is under way meanwhile."""

from pathlib import Path

from reconcile_scene import Scene
from story_kit import script, until

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"


async def running(scene: Scene, gate: Path) -> int:
    """Start work that goes on until the gate is opened; returns its issue."""
    begun = gate.with_name("begun")
    number = await scene.story.ask(script(f"touch {begun}; while test ! -e {gate}; do sleep 0.1; done; {RIGHT}"))
    await until(lambda: begun.exists() and scene.story.labels(number) == ("aidp-working",))
    return number


async def lost_unheard(scene: Scene, gate: Path) -> int:
    """Start such work, and take its repository from us without telling; returns its issue."""
    number = await running(scene, gate)
    remove_unheard(scene)
    await scene.github.settle()
    return number


async def works(scene: Scene, number: int) -> bool:
    """Whether the work is still going on."""
    description = await scene.temporal.get_workflow_handle(f"build:{scene.story.repository.id}#{number}").describe()
    return description.close_time is None


async def ended(scene: Scene, number: int) -> str:
    """Wait for the end of the work; returns why it ended."""
    handle = scene.temporal.get_workflow_handle(f"build:{scene.story.repository.id}#{number}")
    return str((await handle.result())["reason"])


def suspend(scene: Scene) -> None:
    """Suspend the App."""
    scene.github.installing.suspend(scene.owner)


def unsuspend(scene: Scene) -> None:
    """Lift the suspension."""
    scene.github.installing.unsuspend(scene.owner)


def uninstall(scene: Scene) -> None:
    """Take the App off."""
    scene.github.installing.uninstall(scene.owner)


def install(scene: Scene) -> None:
    """Install it again."""
    scene.github.installing.add(scene.story.repository)


def remove(scene: Scene) -> None:
    """Take the repository out of the installation."""
    scene.github.installing.remove(scene.story.repository)


def remove_unheard(scene: Scene) -> None:
    """Take it out while the App can not be told."""
    scene.close_door()
    remove(scene)


def archive(scene: Scene) -> None:
    """Archive the repository."""
    scene.github.owning(scene.story.repository).archive()


def unarchive(scene: Scene) -> None:
    """Open the archive again."""
    scene.github.owning(scene.story.repository).unarchive()


def transfer(scene: Scene) -> None:
    """Give the repository to somebody who has not installed the App."""
    scene.github.owning(scene.story.repository).transfer(scene.github.add_user("somebody-else"))


def delete(scene: Scene) -> None:
    """Delete the repository."""
    scene.github.owning(scene.story.repository).delete()
