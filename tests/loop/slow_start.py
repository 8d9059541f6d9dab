"""A processor whose loop is long in coming, and that loop."""

import asyncio

from temporalio import workflow
from temporalio.workflow import ChildWorkflowHandle

from workflows.model import Ending, Outcome, WorkOrder
from workflows.processors.processor import Processor


@workflow.defn
class EndlessLoop:
    """Works until somebody cancels it."""

    def __init__(self) -> None:
        self._reason = ""

    @workflow.run
    async def run(self) -> str:
        """Tell who ended it."""
        await workflow.wait_condition(lambda: bool(self._reason))
        return self._reason

    @workflow.signal
    def cancel(self, reason: str) -> None:
        """End."""
        self._reason = reason


@workflow.defn
class SlowProcessor(Processor):
    """Begins a loop that is there when it is told so."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)
        self._there = False

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Tell what ended the loop."""
        del order  # `__init__` has it
        self._work = asyncio.create_task(self._loop())
        return await self._work

    @workflow.signal
    def let_it_begin(self) -> None:
        """Have the loop be there."""
        self._there = True

    async def _loop(self) -> Outcome:
        return Outcome(Ending.CANCELLED, await self._steered(self._begun()))

    async def _begun(self) -> ChildWorkflowHandle[EndlessLoop, str]:
        await workflow.wait_condition(lambda: self._there)
        return await workflow.start_child_workflow(EndlessLoop.run)
