"""The last steps: what people want is heeded until the ending is settled, and refused in words from then on."""

import pytest
from loop_scene import DONE, Scene, alive, part, pushing
from story_kit import until

from github_app.jobs.errors import RefusedError
from workflows.loop_controls import GuardUpdate, Pause
from workflows.loop_memory import LoopInput, LoopMemory
from workflows.model import Ending, Guards, Instruction, LoopSpec, Source, Task
from workflows.ports import MAIN_QUEUE
from workflows.work_loop import WorkLoopWorkflow

SLOW = "commands: [{{name: slow, command: sh slow.sh, category: test, phase: {phase}}}]\nproviders: [command]\n{more}"


def slow_check(scene: Scene, phase: str, more: str = "") -> None:
    """Have one check that says when it runs, and waits for its cue."""
    scene.configure(SLOW.format(phase=phase, more=more))
    wait = f"while ! test -e {scene.directory}/checked; do sleep 0.05; done"
    scene.commit({"slow.sh": f"echo $$ > {scene.directory}/check; {wait}\n"})


async def test_an_instruction_during_the_final_checks_is_heard(scene: Scene) -> None:
    """Whoever adds something while the work is looked at for the last time gets one more iteration."""
    slow_check(scene, "full_loop")
    loop = await scene.start(part("command", DONE))
    await until(lambda: scene.read("check"))
    await scene.client.instruct(loop.id, Instruction("remember this"))
    scene.cue("checked")
    result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 2)
    assert "remember this" in scene.prompt(2)
    assert "new instructions" in scene.prompt(2)


async def test_a_guard_tightened_during_the_final_checks_holds(scene: Scene) -> None:
    """Nothing is pushed that it does not allow: the work goes on without it."""
    slow_check(scene, "full_loop")
    loop = await scene.start(part("command", f"echo no > no.txt; {DONE}", DONE, DONE))
    await until(lambda: scene.read("check"))
    await scene.client.guard(loop.id, GuardUpdate(Guards(exclude=("no.txt",))))
    scene.cue("checked")
    result = await loop.result()
    assert (result.outcome.ending, result.published and result.published.files) == (Ending.DONE, ("done.txt",))
    assert "The guards were tightened" in scene.prompt(2)


async def test_what_no_iteration_is_left_to_take_out_is_not_pushed(scene: Scene) -> None:
    """The guard holds although nobody can hear of it any more; the work so far is kept."""
    slow_check(scene, "full_loop", "max_iterations: 1\n")
    loop = await scene.start(part("command", f"echo no > no.txt; {DONE}"))
    await until(lambda: scene.read("check"))
    await scene.client.guard(loop.id, GuardUpdate(Guards(exclude=("no.txt",))))
    scene.cue("checked")
    result = await loop.result()
    assert (result.outcome.ending, result.published) == (Ending.FAILED, None)
    assert "no iteration is left for another" in result.outcome.reason
    assert "The work so far is kept" in result.outcome.advice


@pytest.mark.parametrize("phase", ["each_unit", "full_loop"])
async def test_checks_that_are_interrupted_run_once_more(scene: Scene, phase: str) -> None:
    """A pause that interrupts stops them at once; when the work goes on they are made again, and no agent is asked."""
    slow_check(scene, phase)
    loop = await scene.start(part("command", DONE))
    await until(lambda: scene.read("check"))
    stopped = scene.read("check")
    assert await scene.client.pause(loop.id, Pause(interrupt=True)) == "Interrupted and paused."
    await until(lambda: not alive(int(stopped)))
    await loop.until_note("Paused")
    assert await scene.client.resume(loop.id) == "Resumed."
    scene.cue("checked")
    result = await loop.result()
    assert (result.outcome.ending, result.iterations, len(scene.runs)) == (Ending.DONE, 1, 1)
    assert scene.read("check") != stopped


@pytest.mark.parametrize("phase", ["each_unit", "full_loop"])
async def test_a_pause_during_the_last_checks_holds(scene: Scene, phase: str) -> None:
    """Nothing is published while somebody holds the work; what they then say is heard before it ends."""
    slow_check(scene, phase)
    loop = await scene.start(part("command", DONE))
    await until(lambda: scene.read("check"))
    await scene.client.pause(loop.id)
    scene.cue("checked")
    await loop.until_note("Paused")
    assert scene.git("branch", "--list", "aidp/*") == ""
    await scene.client.instruct(loop.id, Instruction("remember this"))
    await scene.client.resume(loop.id)
    assert (await loop.result()).outcome.ending is Ending.DONE
    assert "remember this" in scene.prompt(2)


async def test_while_it_publishes_nothing_more_is_taken(scene: Scene) -> None:
    """Who comes later is told so, and what signals bring is written down; the work ends as it was settled."""
    async with pushing(scene) as loop:
        for late in (
            scene.client.pause(loop.id, Pause()),
            scene.client.cancel(loop.id, "too late"),
            scene.client.instruct(loop.id, Instruction("too late")),
        ):
            with pytest.raises(RefusedError, match="it is ending and takes nothing more"):
                await late
        await loop.handle.signal(WorkLoopWorkflow.cancel, args=["too late", "ada"])
        await loop.handle.signal(WorkLoopWorkflow.pause, Pause(by="ada"))
        await loop.handle.signal(WorkLoopWorkflow.inject_instruction, Instruction("too late", author="ada"))
    result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 1)
    late = [text for text in await loop.log() if "by ada" in text]
    assert [text.partition(" by ada")[0] for text in late] == ["A cancellation", "A pause", "An instruction"]


async def test_what_no_agent_hears_any_more_is_told(scene: Scene) -> None:
    """The last iteration that may be has gone; the log says which instruction came too late for it."""
    scene.configure("commands: []\nproviders: [command]\nmax_iterations: 1\n")
    loop = await scene.start(part("command", scene.waiting("echo more > more.txt")))
    await scene.run_number(1)
    await scene.client.instruct(loop.id, Instruction("remember this"))
    scene.cue()
    assert (await loop.result()).outcome.ending is Ending.GAVE_UP
    assert "No agent has heard of this any more: remember this" in await loop.log()


async def test_a_cancellation_outlasts_a_history(scene: Scene) -> None:
    """A history that begins with a loop that somebody has cancelled ends it, before any agent runs."""
    task = Task("Do it", f"stage: {scene.directory}\n{part('command', DONE)}@end\n")
    spec = LoopSpec("loop:late", Source(project_dir=str(scene.project)), "aidp/late", task, "Do it", read_config=True)
    handle = await scene.temporal.start_workflow(
        WorkLoopWorkflow.run,
        LoopInput(spec, LoopMemory(cancelled="ada changed her mind")),
        id=f"late-{scene.directory.name}",
        task_queue=MAIN_QUEUE,
    )
    result = await handle.result()
    assert (result.outcome.ending, result.outcome.reason) == (Ending.CANCELLED, "ada changed her mind")
    assert scene.runs == []
