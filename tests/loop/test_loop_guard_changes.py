"""Guards that change on the way: what people tighten holds, whatever the configuration says and when."""

from loop_scene import DONE, MORE, Scene, part

from workflows.loop_controls import GuardUpdate
from workflows.model import Guards
from workflows.work_loop import WorkLoopWorkflow


async def test_what_is_tightened_while_it_prepares_holds(scene: Scene) -> None:
    """A guard that comes with the start outlasts the configuration, which is read only then."""
    parts = part("command", f"echo no > no.txt; {DONE}", DONE)
    result = await scene.start_with("update_guard", GuardUpdate(Guards(exclude=("no.txt",))), parts)
    assert result.published
    assert result.published.files == ("done.txt",)
    assert "`no.txt`: `no.txt` is excluded" in scene.prompt(2)


async def test_a_new_configuration_may_loosen_what_the_old_one_had_tightened(scene: Scene) -> None:
    """And nothing else: what a person has tightened meanwhile holds."""
    scene.configure("commands: []\nproviders: [command]\nguards: {exclude: [yes.txt]}\n")
    both = f"echo yes > yes.txt; echo no > no.txt; {DONE}"
    loop = await scene.start(part("command", scene.waiting(MORE), both, DONE))
    await scene.run_number(1)
    await loop.handle.signal(WorkLoopWorkflow.update_guard, GuardUpdate(Guards(exclude=("yes.txt", "no.txt"))))
    scene.configure("commands: []\nproviders: [command]\n")
    await scene.client.reload(loop.id)
    scene.cue()
    result = await loop.result()
    assert result.published
    assert result.published.files == ("done.txt", "more.txt", "yes.txt")
