"""From an issue to its pull request: the work loop on a branch of our own, and what becomes of the result."""

from temporalio import workflow

from workflows import steps
from workflows.model import Actor, ApprovedPlan, Ending, LoopResult, Note, Outcome, Work, WorkOrder
from workflows.processors.processor import Processor
from workflows.proposing import Undertaking

VOID = "The issue was edited after {by} had approved its plan, so the approval is void. Plan it again: `/aidp plan`."


class Building:
    """One build of one issue."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor

    async def build(self, plan: ApprovedPlan | None) -> Outcome:
        """Work on the issue; a good end is a pull request."""
        processor, order = self._processor, self._processor.order
        issue = await steps.read_issue(processor.item)
        if plan and plan.issue_digest != issue.digest:
            return await self._void(plan.approved_by)
        undertaking = Undertaking(order.item, issue, order.requester, order.config, plan, order.hint)
        spec = undertaking.loop_spec(processor.child_id("loop"), workflow.info().workflow_id)
        result = await processor.run_loop(spec)
        if result.outcome.ending is Ending.DONE:
            await self._open_pull_request(undertaking, result)
        return result.outcome

    async def _void(self, approver: Actor) -> Outcome:
        text = VOID.format(by=approver.login)
        item = self._processor.item
        await steps.write_note(Note(item, f"void:{workflow.info().run_id}", text, addressee=approver))
        return Outcome(Ending.GAVE_UP, "the issue was edited after its plan had been approved", "Plan it again.")

    async def _open_pull_request(self, undertaking: Undertaking, result: LoopResult) -> None:
        processor = self._processor
        pull_request = await undertaking.propose(result)
        processor.status.link(pull_request)
        processor.status.follow(result.published.head_sha if result.published else pull_request.head_sha)
        if processor.order.kind is Work.AUTO:
            there = undertaking.pull_request(pull_request.number)
            processor.orders = (WorkOrder(there, Work.AUTO, undertaking.requester, undertaking.config),)
            return
        await undertaking.ask_for_review(pull_request.number)
        processor.orders = undertaking.care(pull_request.number)
