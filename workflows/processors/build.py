"""`aidp-build` on an issue: plan if there is no plan, work until checks and verification pass, open a pull request."""

from temporalio import workflow

from workflows.model import Outcome, Steering, WorkOrder
from workflows.processors.building import Building
from workflows.processors.planning import Planning
from workflows.processors.processor import Processor


@workflow.defn
class BuildProcessorWorkflow(Processor):
    """One build of one issue."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)
        self._planning = Planning(self)

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Build, and tell how it ended whatever happened."""
        del order  # `__init__` has it
        return await self.conclude(self._build)

    def take(self, steering: Steering) -> str | None:
        """Take answers to what the plan asks."""
        return self._planning.take(steering)

    async def _build(self) -> Outcome:
        plan = self.order.plan
        if not plan and self.config.plan.first:
            made = await self._planning.make(needs_approval=False)
            if isinstance(made, Outcome):
                return made
            plan = made
        return await Building(self).build(plan)
