"""One unit of a workstream: its work loop, steered by the orchestrator and reported to it."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from temporalio import workflow
from temporalio.exceptions import FailureError, TerminatedError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from workflows.failures import failed_outcome
from workflows.loop_memory import LoopInput
from workflows.model import Ending, LoopResult, LoopSpec, Outcome, RepoConfig, Source, Task
from workflows.model.workstreams import Unit, UnitReport, UnitStatus
from workflows.search_attributes import memo_of
from workflows.work_loop import WorkLoopWorkflow

LONGEST_TEXT = 500
"""Of a reason or message in a report: 200 reports travel in one payload."""
UNIT_ENDED = "unit_ended"
"""Name of the signal that the orchestrator gets."""
RETRY = "Retry the failed units to run it again."
STATUSES = {
    Ending.DONE: UnitStatus.DONE,
    Ending.NOTHING_TO_DO: UnitStatus.DONE,
    Ending.GAVE_UP: UnitStatus.FAILED,
    Ending.FAILED: UnitStatus.FAILED,
    Ending.CANCELLED: UnitStatus.CANCELLED,
}


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


@dataclass(frozen=True, slots=True)
class UnitRequest:
    """A unit to work on."""

    plan_id: str
    source: Source
    unit: Unit
    branch: str
    start_branch: str = ""
    number: int = 0
    config: RepoConfig = field(default_factory=RepoConfig)
    read_config: bool = False
    attempt: int = 1

    @property
    def id(self) -> str:
        """Workflow id; a retry has another one, so that what it reports is not taken for the first attempt's."""
        return f"{self.plan_id}/{self.unit.slug}" + (f".{self.attempt}" if self.attempt > 1 else "")

    def loop_spec(self) -> LoopSpec:
        """Write down the unit's work loop; it begins at its own branch if that exists."""
        return LoopSpec(
            id=f"loop:{self.id}",
            source=self.source,
            branch=self.branch,
            start_branch=self.start_branch,
            task=Task(self.unit.title, self.unit.text),
            commit_message=self.unit.title,
            number=self.number,
            config=self.config,
            read_config=self.read_config,
        )

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

    @workflow.run
    async def run(self, request: UnitRequest) -> UnitReport:
        """Work, and tell the orchestrator how it ended whatever happened."""
        started = workflow.now()
        try:
            result = await self._run_loop(request.loop_spec())
        except (FailureError, asyncio.CancelledError) as error:
            report = request.report(outcome_of(error), started)
        else:
            report = replace(
                request.report(result.outcome, started),
                branch=result.branch if result.published else "",
                message=result.message[-LONGEST_TEXT:],
            )
        await self._tell_orchestrator(report)
        return report

    @workflow.signal
    def steer(self, order: Order) -> None:
        """Go on, pause or end."""
        self._order = order

    async def _run_loop(self, spec: LoopSpec) -> LoopResult:
        loop = await workflow.start_child_workflow(
            WorkLoopWorkflow.run,
            LoopInput(spec),
            id=spec.id,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=spec.task.title,
            memo=memo_of(spec),
        )
        steering = asyncio.create_task(self._pass_orders_on(loop))
        try:
            return await loop
        finally:
            steering.cancel()

    async def _pass_orders_on(self, loop: ChildWorkflowHandle[WorkLoopWorkflow, LoopResult]) -> None:
        """Tell the loop each order that differs from the one before."""
        while True:
            await workflow.wait_condition(lambda: self._order != self._passed_on)
            self._passed_on = self._order
            try:
                await _signal(loop, self._passed_on)
            except FailureError:
                return  # it has ended

    async def _tell_orchestrator(self, report: UnitReport) -> None:
        parent = workflow.info().parent
        if not parent:
            return
        orchestrator = workflow.get_external_workflow_handle(parent.workflow_id)
        try:
            await orchestrator.signal(UNIT_ENDED, report)
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
            await loop.signal(WorkLoopWorkflow.pause)
        case Course.CANCEL:
            await loop.signal(WorkLoopWorkflow.cancel, order.reason)
