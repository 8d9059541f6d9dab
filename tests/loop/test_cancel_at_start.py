"""A cancellation in the moment a loop begins: the loop is told as soon as it is there, and none is left behind."""

from slow_start import EndlessLoop, SlowProcessor
from temporalio.client import Client
from temporalio.worker import Worker

from github_app.worker import RUNNER
from workflows.model import Actor, Item, Work, WorkOrder

QUEUE = "slow"


async def test_a_loop_that_is_just_beginning_is_cancelled_when_it_is_there(temporal: Client) -> None:
    """The reason reaches it; the work ends with it, not before."""
    order = WorkOrder(Item(1, 2, 3), Work.BUILD, Actor(4, "ada"))
    async with Worker(temporal, task_queue=QUEUE, workflows=[SlowProcessor, EndlessLoop], workflow_runner=RUNNER):
        work = await temporal.start_workflow(SlowProcessor.run, order, id="slow", task_queue=QUEUE)
        await work.query(SlowProcessor.report)  # which answers when the work has begun
        await work.signal(SlowProcessor.cancel, "@ada cancelled it")
        await work.query(SlowProcessor.report)  # and when the cancellation is heard
        await work.signal(SlowProcessor.let_it_begin)
        assert (await work.result()).reason == "@ada cancelled it"
