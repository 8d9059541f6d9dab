"""An agent that is only asked is steered like one that works: what comes while it answers is heeded, or refused."""

from collections.abc import Callable

import anyio
from loop_scene import Scene, mirrors_locked, part
from story_kit import PATIENCE_SECONDS, until
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from workflows.consultation import ConsultationInput, ConsultationWorkflow
from workflows.loop_controls import Pause
from workflows.model import (
    ConsultationSpec,
    Consulted,
    Instruction,
    Progress,
    Question,
    RepoConfig,
    Source,
    Subject,
    Task,
)
from workflows.ports import MAIN_QUEUE

Consultation = WorkflowHandle[ConsultationWorkflow, Consulted]


def planned(summary: str) -> str:
    """Write the script of an agent that answers with a plan."""
    return f"""printf '```json\\n{{"summary": "{summary}", "tasks": [{{"title": "Do it"}}]}}\\n```\\n'"""


async def ask(scene: Scene, *scripts: str) -> Consultation:
    """Ask for a plan, which the agent makes like this."""
    name = f"ask:{scene.directory.name}"
    task = Task("Plan it", f"stage: {scene.directory}\n{part('command', *scripts)}@end\n")
    source, config = Source(project_dir=str(scene.project)), RepoConfig(providers=("command",))
    spec = ConsultationSpec(name, source, task, Question(Subject.PLAN), config=config)
    return await scene.temporal.start_workflow(
        ConsultationWorkflow.run, ConsultationInput(spec), id=name, task_queue=MAIN_QUEUE
    )


async def steer(consultation: Consultation, verb: str, argument: object) -> str:
    """Say something to it, and hear its answer or why it refuses."""
    try:
        return await consultation.execute_update(verb, argument, result_type=str)  # pyright: ignore[reportUnknownMemberType]  # SDK
    except WorkflowUpdateFailedError as refused:
        return str(refused.cause)


async def summary(consultation: Consultation) -> str:
    """Wait for the plan, and read what it says."""
    with anyio.fail_after(PATIENCE_SECONDS):
        consulted = await consultation.result()
    assert consulted.answer.plan
    return consulted.answer.plan.summary


async def progress(consultation: Consultation) -> Progress:
    """Ask where it is."""
    return await consultation.query(ConsultationWorkflow.status)


async def noted(consultation: Consultation, is_so: Callable[[Progress], bool]) -> None:
    """Wait until it is so."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while not is_so(await progress(consultation)):
            await anyio.sleep(0.05)


async def test_an_instruction_that_comes_while_it_answers_is_heard(scene: Scene) -> None:
    """The answer that does not know of it does not count: the agent is asked once more, with it."""
    consultation = await ask(scene, scene.waiting(planned("First")), planned("Second"))
    await scene.run_number(1)
    await steer(consultation, "inject_instruction", Instruction("use one table"))
    scene.cue()
    assert await summary(consultation) == "Second"
    assert "use one table" in scene.prompt(2)
    assert len(scene.runs) == 2


async def test_a_pause_that_comes_while_it_answers_holds(scene: Scene) -> None:
    """Nobody goes on with the answer before somebody resumes, and what is said till then is heard."""
    consultation = await ask(scene, scene.waiting(planned("First")), planned("Second"))
    await scene.run_number(1)
    await steer(consultation, "pause", Pause())
    scene.cue()
    await noted(consultation, lambda it: it.note == "Paused")
    await steer(consultation, "inject_instruction", Instruction("use one table"))
    await steer(consultation, "resume", "ada")
    assert await summary(consultation) == "Second"
    assert "use one table" in scene.prompt(2)


async def test_once_it_is_answered_nothing_more_is_taken(scene: Scene) -> None:
    """Who comes later is told so, and what signals bring is written down; the answer stays as it is."""
    consultation = await ask(scene, scene.waiting(planned("First")))
    await scene.run_number(1)
    with mirrors_locked(scene):
        scene.cue()
        await until(lambda: not scene.worktrees())
        for late in (
            steer(consultation, "pause", Pause()),
            steer(consultation, "cancel", "too late"),
            steer(consultation, "inject_instruction", Instruction("too late")),
        ):
            assert "it is ending and takes nothing more" in await late
        await consultation.signal(ConsultationWorkflow.cancel, args=["too late", "ada"])
        await consultation.signal(ConsultationWorkflow.inject_instruction, Instruction("too late", author="ada"))
        await consultation.cancel()
        await noted(consultation, lambda it: any("operator" in line.text for line in it.log))
    assert await summary(consultation) == "First"
    log = [line.text for line in (await progress(consultation)).log]
    late = [text.partition(": ")[0] for text in log]
    assert late == [
        "A cancellation by ada came too late",
        "An instruction by ada was not taken",
        "A cancellation by the operator came too late",
    ]


async def test_what_no_prompt_has_room_for_is_told(scene: Scene) -> None:
    """The agent is not asked for ever: whose words are lost for their length is in the log."""
    consultation = await ask(scene, scene.waiting(planned("First")), planned("Second"))
    await scene.run_number(1)
    for word in ("first", "second", "third"):
        await steer(consultation, "inject_instruction", Instruction(word + " word" * 760))
    scene.cue()
    assert await summary(consultation) == "Second"
    lost = [line.text for line in (await progress(consultation)).log if "No agent has heard" in line.text]
    assert [text.partition(": ")[2][:10] for text in lost] == ["third word"]
