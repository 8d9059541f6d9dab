"""`aidp-plan` on an issue: have a plan made, and have it built once somebody has approved it."""

from dataclasses import replace

from temporalio import workflow

from workflows.model import Ending, Outcome, Steering, Work, WorkOrder
from workflows.processors.planning import Planning
from workflows.processors.processor import Processor


@workflow.defn
class PlanProcessorWorkflow(Processor):
    """One plan of one issue."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)
        self._planning = Planning(self)

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Plan, and tell how it ended whatever happened."""
        del order  # `__init__` has it
        return await self.conclude(self._plan)

    def take(self, steering: Steering) -> str | None:
        """Take answers and approvals."""
        return self._planning.take(steering)

    async def _plan(self) -> Outcome:
        plan = await self._planning.make(needs_approval=True)
        if isinstance(plan, Outcome):
            return plan
        self.orders = (replace(self.order, kind=Work.BUILD, requester=plan.approved_by, plan=plan, hint=""),)
        return Outcome(Ending.DONE, f"planned, and approved by {plan.approved_by.login}; it is built next")
