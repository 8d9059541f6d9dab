"""One unit of a workstream: its work loop, steered by the orchestrator and reported to it."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from temporalio import workflow
from temporalio.exceptions import FailureError, TerminatedError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from workflows import github_steps, steps
from workflows.failures import failed_outcome
from workflows.loop_controls import Pause
from workflows.loop_memory import LoopInput
from workflows.model import (
    Actor,
    Delivery,
    Ending,
    EventKind,
    Issue,
    Item,
    LabelChange,
    LoopResult,
    LoopSpec,
    Outcome,
    Progress,
    RepoConfig,
    Source,
    Spent,
    Task,
)
from workflows.model.workstreams import Unit, UnitReport, UnitStatus
from workflows.proposing import Undertaking
from workflows.search_attributes import memo_of
from workflows.work_loop import WorkLoopWorkflow

LONGEST_TEXT = 500
"""Of a reason or message in a report: 200 reports travel in one payload."""
UNIT_ENDED, UNIT_WAITS = "unit_ended", "unit_waits"
"""Names of the signals that the orchestrator gets."""
RETRY = "Retry the failed units to run it again."
STATUSES = {
    Ending.DONE: UnitStatus.DONE,
    Ending.NOTHING_TO_DO: UnitStatus.DONE,
    Ending.GAVE_UP: UnitStatus.FAILED,
    Ending.FAILED: UnitStatus.FAILED,
    Ending.CANCELLED: UnitStatus.CANCELLED,
}


def unit_id(plan_id: str, slug: str, attempt: int) -> str:
    """Name an attempt at a unit; a retry has another name, so that what it reports is not taken for the first's."""
    return f"{plan_id}/{slug}" + (f".{attempt}" if attempt > 1 else "")


def loop_id(plan_id: str, slug: str, attempt: int) -> str:
    """Name the work loop of an attempt."""
    return f"loop:{unit_id(plan_id, slug, attempt)}"


class Course(StrEnum):
    """What a running unit is meant to do."""

    GO_ON = "go_on"
    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Order:
    """What a running unit is told."""

    course: Course = Course.GO_ON
    reason: str = ""
    interrupt: bool = False
    """A pause stops the running agent, too."""


@dataclass(frozen=True, slots=True)
class UnitRequest:
    """A unit to work on."""

    plan_id: str
    source: Source
    unit: Unit
    branch: str
    start_branch: str = ""
    start_branches: tuple[str, ...] = ()
    """Several branches to build on."""
    number: int = 0
    below: int = 0
    """The pull request that `start_branch` is proposed in; 0 if there is none."""
    requester: Actor | None = None
    config: RepoConfig = field(default_factory=RepoConfig)
    read_config: bool = False
    attempt: int = 1

    @property
    def id(self) -> str:
        """Workflow id."""
        return unit_id(self.plan_id, self.unit.slug, self.attempt)

    @property
    def item(self) -> Item:
        """The unit's own issue, if it is on GitHub."""
        return Item(self.source.installation_id, self.source.repository_id, self.unit.number)

    def undertaking(self, issue: Issue) -> Undertaking:
        """Take the unit for a build of its issue as that is now."""
        return Undertaking(self.item, issue, self.requester or issue.author, self.config)

    def loop_spec(self) -> LoopSpec:
        """Write down the unit's work loop; it begins at its own branch if that exists."""
        return LoopSpec(
            id=loop_id(self.plan_id, self.unit.slug, self.attempt),
            source=self.source,
            branch=self.branch,
            start_branch=self.start_branch,
            start_branches=self.start_branches,
            task=Task(self.unit.title, self.unit.text),
            commit_message=self.unit.title,
            number=self.number,
            config=self.config,
            read_config=self.read_config,
            report_to=self.id,
            quiet=True,
        )

    def waiting(self, progress: Progress) -> str:
        """Say what the unit waits for; a project's comment leaves out what ends by itself."""
        if not self.unit.number:
            return progress.held
        waiting = progress.waiting
        return waiting.reason if waiting and waiting.for_people else ""

    def report(self, outcome: Outcome, started: datetime) -> UnitReport:
        """Say how the unit ended."""
        advice = RETRY if STATUSES[outcome.ending] is UnitStatus.FAILED else ""  # the loop's own speaks of labels
        return UnitReport(
            slug=self.unit.slug,
            status=STATUSES[outcome.ending],
            attempt=self.attempt,
            started=started.isoformat(),
            seconds=(workflow.now() - started).total_seconds(),
            outcome=Outcome(outcome.ending, outcome.reason[:LONGEST_TEXT], advice),
        )


@workflow.defn
class WorkstreamChildWorkflow:
    """One attempt at one unit."""

    @workflow.init
    def __init__(self, request: UnitRequest) -> None:
        self._request = request
        self._order = self._passed_on = Order()
        self._waiting = ""
        self._spent = Spent()

    @workflow.run
    async def run(self, request: UnitRequest) -> UnitReport:
        """Work, and tell the orchestrator how it ended whatever happened."""
        started = workflow.now()
        try:
            result, pull_request = await self._propose() if request.unit.number else (await self._work(), 0)
        except (FailureError, asyncio.CancelledError) as error:
            report = replace(request.report(outcome_of(error), started), spent=self._spent)
        else:
            report = replace(
                request.report(result.outcome, started),
                branch=result.branch if result.published else "",
                message=result.message[-LONGEST_TEXT:],
                pull_request=pull_request,
                spent=result.spent,
            )
        if request.unit.number:
            await self._put_label_away()
        await self._tell_orchestrator(report)
        return report

    @workflow.signal
    def steer(self, order: Order) -> None:
        """Go on, pause or end."""
        self._order = order

    @workflow.signal
    def progress(self, progress: Progress) -> None:
        """Hear from the loop."""
        self._spent = progress.spent
        self._waiting = self._request.waiting(progress)

    async def _work(self) -> LoopResult:
        """Work without GitHub: a branch is all that comes of it."""
        return await self._run_loop(self._request.loop_spec())

    async def _propose(self) -> tuple[LoopResult, int]:
        """Build the unit's issue as it is now; a good end is a pull request."""
        request = self._request
        labels, item = request.config.labels, request.item
        issue = await steps.read_issue(item)
        if not issue.open:
            closed = Outcome(Ending.NOTHING_TO_DO, f"#{item.number} was closed")
            return LoopResult(closed, 0, request.undertaking(issue).branch), 0
        await steps.change_labels(LabelChange(item, add=(labels.working,), remove=(labels.blocked, labels.needs_input)))
        return await self._build(request.undertaking(issue))

    async def _build(self, undertaking: Undertaking) -> tuple[LoopResult, int]:
        request = self._request
        name = loop_id(request.plan_id, request.unit.slug, request.attempt)
        spec = undertaking.loop_spec(name, workflow.info().workflow_id)
        result = await self._run_loop(replace(spec, start_branch=request.start_branch))
        if result.outcome.ending is not Ending.DONE:
            return result, 0
        pull_request = await undertaking.propose(result, await self._base())
        await undertaking.ask_for_review(pull_request.number)
        for order in undertaking.care(pull_request.number):
            identity = f"{workflow.info().workflow_id}/{workflow.info().run_id}/{order.kind}"
            await github_steps.deliver(Delivery(identity, EventKind.ORDERED, order.item, order.requester, order=order))
        return result, pull_request.number

    async def _base(self) -> str:
        """Aim at the branch this was built on, for as long as that is under way itself; else at the default branch."""
        request = self._request
        if not request.below:
            return ""
        below = await github_steps.read_pull_request(replace(request.item, number=request.below))
        return request.start_branch if below.open else ""

    async def _put_label_away(self) -> None:
        try:
            await steps.change_labels(LabelChange(self._request.item, remove=(self._request.config.labels.working,)))
        except FailureError as error:
            workflow.logger.warning("label not put away: %s", error.cause)

    async def _run_loop(self, spec: LoopSpec) -> LoopResult:
        loop = await workflow.start_child_workflow(
            WorkLoopWorkflow.run,
            LoopInput(spec),
            id=spec.id,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=spec.task.title,
            memo=memo_of(spec),
        )
        between = [asyncio.create_task(self._pass_orders_on(loop)), asyncio.create_task(self._pass_waiting_on())]
        try:
            return await loop
        finally:
            for task in between:
                task.cancel()

    async def _pass_orders_on(self, loop: ChildWorkflowHandle[WorkLoopWorkflow, LoopResult]) -> None:
        """Tell the loop each order that differs from the one before."""
        while True:
            await workflow.wait_condition(lambda: self._order != self._passed_on)
            self._passed_on = self._order
            try:
                await _signal(loop, self._passed_on)
            except FailureError:
                return  # it has ended

    async def _pass_waiting_on(self) -> None:
        """Tell the orchestrator what the unit waits for, and when it goes on."""
        request, told = self._request, ""
        while True:
            await workflow.wait_condition(lambda: self._waiting != told)  # noqa: B023  # looked at before it changes
            told = self._waiting
            report = UnitReport(request.unit.slug, UnitStatus.RUNNING, request.attempt, waiting=told[:LONGEST_TEXT])
            await self._tell_orchestrator(report, UNIT_WAITS)

    async def _tell_orchestrator(self, report: UnitReport, signal: str = UNIT_ENDED) -> None:
        parent = workflow.info().parent
        if not parent:
            return
        orchestrator = workflow.get_external_workflow_handle(parent.workflow_id)
        try:
            await orchestrator.signal(signal, report)
        except FailureError:
            workflow.logger.warning("the orchestrator is gone")


def outcome_of(error: FailureError | asyncio.CancelledError) -> Outcome:
    """Say how a unit ended whose workflow did not say it."""
    if isinstance(error, asyncio.CancelledError) or is_cancelled_exception(error):
        return Outcome(Ending.CANCELLED, "it was cancelled from outside")
    if isinstance(error, WorkflowAlreadyStartedError):
        return Outcome(Ending.FAILED, f"`{error.workflow_id}` is running already, for another plan of that name")
    if isinstance(error.cause, TerminatedError):
        return Outcome(Ending.FAILED, "it was terminated from outside")
    return failed_outcome(error)


async def _signal(loop: ChildWorkflowHandle[WorkLoopWorkflow, LoopResult], order: Order) -> None:
    match order.course:
        case Course.GO_ON:
            await loop.signal(WorkLoopWorkflow.resume)
        case Course.PAUSE:
            await loop.signal(WorkLoopWorkflow.pause, Pause(order.interrupt))
        case Course.CANCEL:
            await loop.signal(WorkLoopWorkflow.cancel, order.reason)
