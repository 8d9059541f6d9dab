"""From an issue to its pull request: the work loop on a branch of our own, and what becomes of the result."""

from dataclasses import replace

from temporalio import workflow

from workflows import github_steps, steps
from workflows.branches import branch_name, commit_subject
from workflows.model import (
    Actor,
    ApprovedPlan,
    Ending,
    Issue,
    Item,
    LoopResult,
    LoopSpec,
    Note,
    Outcome,
    PullRequestDraft,
    ReviewerRequest,
    Work,
    WorkOrder,
)
from workflows.processors.processor import Processor
from workflows.tasks import build_task

VOID = "The issue was edited after {by} had approved its plan, so the approval is void. Plan it again: `/aidp plan`."


class Building:
    """One build of one issue."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor

    async def build(self, plan: ApprovedPlan | None) -> Outcome:
        """Work on the issue; a good end is a pull request."""
        processor = self._processor
        issue = await steps.read_issue(processor.item)
        if plan and plan.issue_digest != issue.digest:
            return await self._void(plan.approved_by)
        result = await processor.run_loop(self._spec(issue, plan))
        if result.outcome.ending is Ending.DONE:
            await self._open_pull_request(issue, result)
        return result.outcome

    async def _void(self, approver: Actor) -> Outcome:
        text = VOID.format(by=approver.login)
        item = self._processor.item
        await steps.write_note(Note(item, f"void:{workflow.info().run_id}", text, addressee=approver))
        return Outcome(Ending.GAVE_UP, "the issue was edited after its plan had been approved", "Plan it again.")

    def _spec(self, issue: Issue, plan: ApprovedPlan | None) -> LoopSpec:
        processor = self._processor
        item, config = processor.item, processor.config
        return LoopSpec(
            id=processor.child_id("loop"),
            source=processor.source,
            branch=branch_name(config.branch_prefix, item.number, issue.title),
            task=build_task(issue, plan, processor.order.hint),
            commit_message=f"{commit_subject(issue.title)}\n\nFixes #{item.number}",
            number=item.number,
            config=config,
            report_to=workflow.info().workflow_id,
            start_sha=plan.base_sha if plan else "",
            verify=config.pull_request.verify_rounds > 0,
        )

    async def _open_pull_request(self, issue: Issue, result: LoopResult) -> None:
        processor = self._processor
        draft = PullRequestDraft(
            item=processor.item,
            branch=result.branch,
            base=result.base_branch,
            title=issue.title,
            result=result,
            requester=processor.order.requester,
            ready=not processor.config.pull_request.draft,
        )
        pull_request = await steps.open_pull_request(draft)
        processor.status.link(pull_request)
        processor.status.follow(pull_request.head_sha)
        there = replace(processor.item, number=pull_request.number)
        if processor.order.kind is not Work.AUTO:
            await github_steps.request_reviewer(ReviewerRequest(there, processor.order.requester))
        processor.orders = self._what_follows(there)

    def _what_follows(self, there: Item) -> tuple[WorkOrder, ...]:
        """Look after the pull request, if that is wanted."""
        order = self._processor.order
        if order.kind is Work.AUTO:
            return (WorkOrder(there, Work.AUTO, order.requester, order.config),)
        return (WorkOrder(there, Work.FIX_CI, order.requester, order.config),) if order.config.ci.fix else ()
