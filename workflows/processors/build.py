"""`aidp-build` on an issue: let an agent work on it until its checks pass, then open a draft pull request."""

import asyncio
from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import FailureError
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from workflows import steps
from workflows.branches import branch_name, commit_subject
from workflows.failures import failed_outcome
from workflows.loop_memory import LoopInput
from workflows.model import (
    Actor,
    Ending,
    Issue,
    Item,
    LabelChange,
    LoopResult,
    LoopSpec,
    Outcome,
    Progress,
    PullRequestDraft,
    RepoConfig,
    Source,
    Task,
)
from workflows.status_comment import StatusComment
from workflows.work_loop import WorkLoopWorkflow


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """An accepted label: who put it where, and how the repository wants things done."""

    item: Item
    requester: Actor
    config: RepoConfig


@workflow.defn
class BuildProcessorWorkflow:
    """One build of one issue."""

    @workflow.init
    def __init__(self, request: BuildRequest) -> None:
        self._request = request
        self._status = StatusComment(request.item)
        self._loop: ChildWorkflowHandle[WorkLoopWorkflow, LoopResult] | None = None
        self._cancelled = ""

    @workflow.run
    async def run(self, request: BuildRequest) -> Outcome:
        """Build, and tell how it ended whatever happened."""
        narration = asyncio.create_task(self._status.narrate())
        try:
            outcome = await self._build(request)
        except FailureError as error:
            outcome = failed_outcome(error)
        except asyncio.CancelledError:
            outcome = Outcome(Ending.CANCELLED, self._cancelled or "the operator cancelled it")
        self._status.end(outcome)
        await narration
        await self._put_labels_away(outcome)
        await self._tell_mailbox()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome

    @workflow.signal
    def progress(self, progress: Progress) -> None:
        """Hear from the loop."""
        self._status.show(progress)

    @workflow.signal
    async def cancel(self, reason: str) -> None:
        """End the build; the loop stops its agent first."""
        self._cancelled = self._cancelled or reason
        if not self._loop:
            return
        try:
            await self._loop.signal(WorkLoopWorkflow.cancel, reason)
        except FailureError:
            workflow.logger.info("the loop had already ended")

    async def _build(self, request: BuildRequest) -> Outcome:
        labels = request.config.labels
        await steps.change_labels(
            LabelChange(request.item, add=(labels.working,), remove=(labels.build, labels.needs_input))
        )
        issue = await steps.read_issue(request.item)
        if self._cancelled:
            return Outcome(Ending.CANCELLED, self._cancelled)
        result = await self._run_loop(self._spec(issue))
        if result.outcome.ending is Ending.DONE:
            await self._open_pull_request(issue, result)
        return result.outcome

    def _spec(self, issue: Issue) -> LoopSpec:
        item, config = self._request.item, self._request.config
        info = workflow.info()
        return LoopSpec(
            id=f"loop:{item.repository_id}#{item.number}:{info.run_id[:8]}",
            source=Source(item.installation_id, item.repository_id),
            branch=branch_name(config.branch_prefix, item.number, issue.title),
            task=Task(issue.title, issue.body),
            commit_message=f"{commit_subject(issue.title)}\n\nFixes #{item.number}",
            number=item.number,
            config=config,
            report_to=info.workflow_id,
        )

    async def _run_loop(self, spec: LoopSpec) -> LoopResult:
        self._loop = await workflow.start_child_workflow(
            WorkLoopWorkflow.run,
            LoopInput(spec),
            id=spec.id,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=spec.task.title,
        )
        if self._cancelled:
            await self._loop.signal(WorkLoopWorkflow.cancel, self._cancelled)
        return await self._loop

    async def _open_pull_request(self, issue: Issue, result: LoopResult) -> None:
        draft = PullRequestDraft(
            item=self._request.item,
            branch=result.branch,
            base=result.base_branch,
            title=issue.title,
            result=result,
            requester=self._request.requester,
        )
        self._status.link(await steps.open_pull_request(draft))

    async def _put_labels_away(self, outcome: Outcome) -> None:
        """Take the state label off; `needs_input` asks for somebody."""
        labels = self._request.config.labels
        waiting = (labels.needs_input,) if outcome.ending is Ending.GAVE_UP else ()
        try:
            await steps.change_labels(LabelChange(self._request.item, add=waiting, remove=(labels.working,)))
        except FailureError as error:
            workflow.logger.warning("labels not put away: %s", error.cause)

    async def _tell_mailbox(self) -> None:
        """Free the item for the next label."""
        info = workflow.info()
        if not info.parent:
            return
        mailbox = workflow.get_external_workflow_handle(info.parent.workflow_id)
        try:
            await mailbox.signal("processor_ended", info.workflow_id)
        except FailureError:
            workflow.logger.warning("the mailbox is gone")
