"""Lost hosts: how many an iteration may lose says nothing about the next one."""

from loop_scene import DONE, MORE, Scene, part
from temporalio.converter import DataConverter

from workflows.lodging import MAX_MOVES
from workflows.loop_memory import LoopInput, LoopMemory
from workflows.model import Ending, LoopSpec, Source, Task
from workflows.ports import MAIN_QUEUE
from workflows.work_loop import WorkLoopWorkflow


async def test_a_finished_iteration_forgets_the_hosts_it_has_lost(forgetful: Scene) -> None:
    """A loop that has lost as many as it may begins its next history, iterations later, as if it had lost none."""
    task = Task("Do it", f"stage: {forgetful.directory}\n{part('command', *[MORE] * 8, DONE)}@end\n")
    source = Source(project_dir=str(forgetful.project))
    spec = LoopSpec("loop:moved", source, "aidp/moved", task, "Do it", read_config=True)
    handle = await forgetful.temporal.start_workflow(
        WorkLoopWorkflow.run,
        LoopInput(spec, LoopMemory(moves=MAX_MOVES)),
        id=f"moved-{forgetful.directory.name}",
        task_queue=MAIN_QUEUE,
    )
    assert (await handle.result()).outcome.ending is Ending.DONE
    [last] = [
        it async for it in forgetful.temporal.get_workflow_handle(handle.id).fetch_history_events() if it.event_id == 1
    ]
    payloads = last.workflow_execution_started_event_attributes.input.payloads
    [start] = DataConverter.default.payload_converter.from_payloads(payloads, [LoopInput])
    assert start.memory.iteration > 0
    assert start.memory.moves == 0
