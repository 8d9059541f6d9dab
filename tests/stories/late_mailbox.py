"""A mailbox that speaks to its processor when that has just ended."""

from temporalio import workflow

from workflows.model import Delivery
from workflows.work_item import MailboxState, WorkItemWorkflow


@workflow.defn
class LateMailbox(WorkItemWorkflow):
    """Is always too late."""

    @workflow.init
    def __init__(self, state: MailboxState) -> None:
        super().__init__(state)

    @workflow.run
    async def run(self, state: MailboxState) -> None:
        """Do as every mailbox does."""
        await super().run(state)

    async def pass_on(self, delivery: Delivery) -> bool:
        """Tell the running work once it has said its last word."""
        await workflow.wait_condition(lambda: bool(self._ended or not self._processor))
        return await super().pass_on(delivery)
