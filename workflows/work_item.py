"""The mailbox of an issue or pull request: every delivery once, in order, one processor at a time.

It lives as long as GitHub could redeliver anything, so that a delivery which comes twice is known.
"""

import contextlib
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from workflows import steps
from workflows.failures import failed_outcome
from workflows.model import (
    Authority,
    Delivery,
    EventKind,
    Item,
    LabelChange,
    Labels,
    Note,
    Permission,
    RepoConfig,
    Source,
    StatusReport,
)
from workflows.processors.build import BuildProcessorWorkflow, BuildRequest

REMEMBERED_DELIVERIES = 1000
"""More than one item gets in the days in which GitHub can redeliver."""
LINGER = timedelta(days=8)
"""GitHub Enterprise keeps its delivery log for 7 days, github.com for 3."""
REFUSAL = (
    "Sorry, `{label}` starts work on this repository, so it takes **write** permission to put it on. "
    "Ask a maintainer to do it."
)


CONTROLS = (EventKind.UNLABELED, EventKind.CLOSED)
"""What concerns running work goes ahead of what would start more of it."""


@dataclass(frozen=True, slots=True)
class MailboxState:
    """A mailbox as it is handed to its next history."""

    item: Item
    seen: tuple[str, ...] = ()
    inbox: tuple[Delivery, ...] = ()
    processor: str = ""
    """Workflow id of the running processor."""
    working_label: str = Labels().working


@workflow.defn
class WorkItemWorkflow:
    """One durable mailbox per issue or pull request."""

    @workflow.init
    def __init__(self, state: MailboxState) -> None:
        self._item = state.item
        self._seen = OrderedDict.fromkeys(state.seen)
        self._inbox = deque(state.inbox)
        self._processor = state.processor
        self._working_label = state.working_label

    @workflow.run
    async def run(self, state: MailboxState) -> None:
        """Take deliveries until none has come for so long that none can come twice."""
        del state  # `__init__` has it
        while await self._has_news():
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._state())
            if delivery := self._next():
                await self._take(delivery)

    @workflow.signal
    def deliver(self, delivery: Delivery) -> None:
        """Take in a webhook, once; the run loop does the work."""
        if delivery.id in self._seen:
            return
        self._seen[delivery.id] = None
        while len(self._seen) > REMEMBERED_DELIVERIES:
            self._seen.popitem(last=False)
        self._inbox.append(delivery)

    @workflow.signal
    def processor_ended(self, processor: str) -> None:
        """Hear from the processor that the item is free again."""
        if processor == self._processor:
            self._processor = ""

    # --- which delivery next ------------------------------------------------------------------------------------------

    async def _has_news(self) -> bool:
        try:
            await workflow.wait_condition(
                lambda: self._peek() is not None or workflow.info().is_continue_as_new_suggested(), timeout=LINGER
            )
        except TimeoutError:
            return bool(self._processor)
        return True

    def _peek(self) -> Delivery | None:
        """Look at the next delivery that can be taken now."""
        controls = (delivery for delivery in self._inbox if delivery.kind in CONTROLS)
        first = None if self._processor or not self._inbox else self._inbox[0]
        return next(controls, first)

    def _next(self) -> Delivery | None:
        delivery = self._peek()
        if delivery:
            self._inbox.remove(delivery)
        return delivery

    def _state(self) -> MailboxState:
        return MailboxState(self._item, tuple(self._seen), tuple(self._inbox), self._processor, self._working_label)

    # --- what a delivery does -----------------------------------------------------------------------------------------

    async def _take(self, delivery: Delivery) -> None:
        """Act on a delivery, after asking GitHub whether what it says is still so."""
        try:
            if delivery.kind is EventKind.LABELED:
                await self._start(delivery)
            elif self._processor:
                await self._cancel_if_withdrawn(delivery)
        except FailureError as error:
            workflow.logger.warning("delivery %s came to nothing: %s", delivery.id, error.cause)
            await self._explain(delivery, error)

    async def _start(self, delivery: Delivery) -> None:
        issue = await steps.read_issue(self._item)
        if not issue.open or delivery.label not in issue.labels:
            return
        permission = await steps.read_permission(Authority(self._item, delivery.sender))
        if permission < Permission.WRITE:
            await self._refuse(delivery)
            return
        await steps.add_eyes(self._item)
        config = await steps.read_config(Source(self._item.installation_id, self._item.repository_id))
        if delivery.label.casefold() == config.labels.build.casefold():
            await self._start_build(delivery, config)

    async def _start_build(self, delivery: Delivery, config: RepoConfig) -> None:
        processor = f"build:{self._item.repository_id}#{self._item.number}"
        try:
            await workflow.start_child_workflow(
                BuildProcessorWorkflow.run,
                BuildRequest(self._item, delivery.sender, config),
                id=processor,
                parent_close_policy=ParentClosePolicy.ABANDON,  # it outlives this history; `processor_ended` ends it
            )
        except WorkflowAlreadyStartedError:
            self._inbox.appendleft(delivery)
        self._processor = processor
        self._working_label = config.labels.working

    async def _refuse(self, delivery: Delivery) -> None:
        text = REFUSAL.format(label=delivery.label)
        await steps.write_note(Note(self._item, f"refused:{delivery.sender.id}", text, addressee=delivery.sender))
        await steps.change_labels(LabelChange(self._item, remove=(delivery.label,)))

    async def _cancel_if_withdrawn(self, delivery: Delivery) -> None:
        """Cancel the running work when the issue was closed, or its working label taken off."""
        issue = await steps.read_issue(self._item)
        if issue.open and self._working_label in issue.labels:
            return
        what = f"took `{self._working_label}` off" if issue.open else "closed the issue"
        processor = workflow.get_external_workflow_handle_for(BuildProcessorWorkflow.run, self._processor)
        try:
            await processor.signal(BuildProcessorWorkflow.cancel, f"{delivery.sender.login} {what}")
        except FailureError:
            self._processor = ""  # it is gone, and could not say so

    async def _explain(self, delivery: Delivery, error: FailureError) -> None:
        """Say on the item why nothing happens, if that can still be said."""
        report = StatusReport(self._item, now=workflow.now().isoformat(), outcome=failed_outcome(error))
        with contextlib.suppress(FailureError):
            await steps.write_status(report)
            if delivery.kind is EventKind.LABELED:
                await steps.change_labels(LabelChange(self._item, remove=(delivery.label,)))
