"""A loop that finishes a merge: conflicts stay in the files until the agent has resolved them all."""

import uuid

from loop_scene import Loop, Scene, part

from workflows.loop_memory import LoopInput
from workflows.model import Basis, Ending, LoopSpec, Source, Task
from workflows.ports import MAIN_QUEUE
from workflows.work_loop import WorkLoopWorkflow

CLAIM = "echo 'STATUS: COMPLETE'"


def diverge(scene: Scene) -> None:
    """Let two branches change the same lines of two files."""
    scene.git("branch", "topic")
    scene.commit({"a.txt": "main\n", "b.txt": "main\n"})
    scene.git("switch", "--quiet", "topic")
    scene.commit({"a.txt": "topic\n", "b.txt": "topic\n"})
    scene.git("switch", "--quiet", "main")


async def merge(scene: Scene, *parts: str) -> Loop:
    """Start a loop that brings `main` into `topic`."""
    spec = LoopSpec(
        id=f"loop:{uuid.uuid4()}",
        source=Source(project_dir=str(scene.project)),
        task=Task("Merge main", f"stage: {scene.directory}\n{''.join(parts)}@end\n"),
        branch="topic",
        commit_message="Merge main into topic",
        read_config=True,
        start_branch="main",
        basis=Basis.MERGE,
    )
    await scene.temporal.start_workflow(WorkLoopWorkflow.run, LoopInput(spec), id=spec.id, task_queue=MAIN_QUEUE)
    return Loop(scene, spec.id)


async def test_a_merge_is_done_when_no_conflict_is_left(scene: Scene) -> None:
    """Half a resolution is kept but not accepted: the agent is told what is left, and the rest is pushed as a merge."""
    diverge(scene)
    main, topic = scene.git("rev-parse", "main", "topic").split()
    loop = await merge(scene, part("command", f"echo both > a.txt; {CLAIM}", f"echo both > b.txt; {CLAIM}"))
    result = await loop.result()
    assert result.outcome.ending is Ending.DONE
    assert "The merge is not finished:\n- `b.txt`: conflict markers are left; resolve them" in scene.prompt(2)
    assert scene.git("rev-parse", "topic^1", "topic^2").split() == [topic, main]
    assert (scene.file("topic", "a.txt"), scene.file("topic", "b.txt")) == ("both", "both")


async def test_a_merge_nobody_finishes_is_not_pushed(scene: Scene) -> None:
    """A loop that gives up leaves the branch as it was, markers and all stay out of it."""
    diverge(scene)
    before = scene.git("rev-parse", "topic")
    loop = await merge(
        scene, part("command", "echo both > a.txt; echo 'I can not decide on b.'; echo 'STATUS: BLOCKED'")
    )
    result = await loop.result()
    assert (result.outcome.ending, result.published) == (Ending.GAVE_UP, None)
    assert "I can not decide on b." in result.outcome.reason
    assert scene.git("rev-parse", "topic") == before
