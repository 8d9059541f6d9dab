"""`aidp-fix-ci` on a pull request: watch its CI, repair what is red, until it is green or somebody has to look."""

from temporalio import workflow

from workflows.model import Outcome, WorkOrder
from workflows.processors.ci_fixing import CiFixing
from workflows.processors.mending import Attempts
from workflows.processors.processor import Processor


@workflow.defn
class CiFixProcessorWorkflow(Processor):
    """One lineage of fixes for one pull request."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Repair, and tell how it ended whatever happened."""
        return await self.conclude(CiFixing(self, Attempts(order.config.ci.attempts, order.ci.pushed)).until_green)
