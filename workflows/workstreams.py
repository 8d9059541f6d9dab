"""Workstreams: many units of work at once, each in its own loop, worktree and branch, in the order they depend on.

A unit's workflow outlives the history that started it and reports by signal, so that the orchestrator can continue as
new at any time. Terminating the orchestrator therefore leaves its running units to themselves; cancel it instead.
"""

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from workflows.closing_watch import Closing, ClosingWatch, ClosingWatchWorkflow, closing_watch_id
from workflows.dag import find_flaw, flaw_of_concurrency
from workflows.model import Ending, Failure, Item, Outcome
from workflows.model.workstreams import Unit, UnitReport, WorkstreamSummary
from workflows.workstream_memory import UnitMemory, WorkstreamInput, WorkstreamMemory
from workflows.workstream_unit import Order, UnitRequest, WorkstreamChildWorkflow, outcome_of

PROBE_EVERY = timedelta(minutes=10)
"""A unit that an earlier history started can be terminated unnoticed; so long at most."""
UNITS_MOVED = "units_moved"
"""Name of the signal that a follower gets."""
GONE = Outcome(Ending.FAILED, "it was terminated from outside")


@workflow.defn
class WorkstreamOrchestratorWorkflow:
    """One plan, from its first unit to its last."""

    @workflow.init
    def __init__(self, start: WorkstreamInput) -> None:
        self._plan = start.plan
        self._memory = start.memory or WorkstreamMemory.of(start.plan)
        self._followed: dict[str, asyncio.Task[None]] = {}
        """Workflows of units that this very history has started."""
        self._told = self.progress()
        """What the follower knows."""
        self._news = False

    @workflow.run
    async def run(self, start: WorkstreamInput) -> WorkstreamSummary:
        """Run every unit that can be run."""
        if flaw := find_flaw(start.plan):
            raise ApplicationError(flaw, type=Failure.CONFIGURATION, non_retryable=True)
        self._memory.started = self._memory.started or workflow.now().isoformat()
        self._forget_orders()
        try:
            await self._to_the_end()
        except asyncio.CancelledError:
            self.cancel("the operator cancelled it")
            await self._to_the_end()
        await self._end_watches()
        return self.progress()

    # --- signals, updates and queries ---------------------------------------------------------------------------------

    @workflow.signal
    def pause(self, _by: str = "") -> None:
        """Start no more units, and hold the running ones after their iteration."""
        self._memory.paused, self._news = True, True

    @workflow.signal
    def interrupt(self, by: str = "") -> None:
        """Pause, and stop the running agents, too; they are asked again when the plan goes on."""
        self._memory.interrupted = True
        self.pause(by)

    @workflow.signal
    def resume(self, _by: str = "") -> None:
        """Go on."""
        self._memory.paused, self._memory.interrupted, self._news = False, False, True

    @workflow.signal
    def cancel(self, reason: str) -> None:
        """End everything; the agents' processes are gone before the orchestrator says so."""
        self._memory.cancelled, self._news = self._memory.cancelled or reason or "cancelled", True

    @workflow.signal
    def cancel_unit(self, slug: str) -> None:
        """End one unit, or never start it; what depends on it is skipped."""
        if unit := self._memory.find(slug):
            unit.cancelled, self._news = "this unit was cancelled", True

    @workflow.signal
    def unit_ended(self, report: UnitReport) -> None:
        """Hear from a unit how it ended."""
        if unit := self._memory.find(report.slug):
            unit.end(report)
            self._news = True

    @workflow.signal
    def unit_waits(self, report: UnitReport) -> None:
        """Hear what a running unit waits for, or that it goes on."""
        if unit := self._memory.find(report.slug):
            unit.hold(report)
            self._news = True

    @workflow.signal
    def item_closed(self, closing: Closing) -> None:
        """Hear that a unit's issue or pull request was closed."""
        self._memory.close(closing)
        self._news = True

    @workflow.signal
    def retry(self, slugs: tuple[str, ...]) -> None:
        """Run these units again if they failed, or all that failed if none is named."""
        if not self._memory.cancelled:
            self._memory.retry(slugs)
            self._news = True

    @workflow.update
    def set_concurrency(self, concurrency: int) -> None:
        """Change how many units run at once; when it is lowered, running units are not stopped."""
        self._memory.concurrency, self._news = concurrency, True

    @set_concurrency.validator
    def _check_concurrency(self, concurrency: int) -> None:
        if flaw := flaw_of_concurrency(concurrency):
            raise ApplicationError(flaw, type=Failure.CONFIGURATION)

    @workflow.update
    def retry_failed(self, slugs: tuple[str, ...] = ()) -> int:
        """Run failed units again, or just those named, and what was skipped because of them; tells how many."""
        self._news = True
        return self._memory.retry(slugs)

    @retry_failed.validator
    def _check_retry(self, slugs: tuple[str, ...] = ()) -> None:
        if flaw := self._memory.flaw_of_retry(slugs):
            raise ApplicationError(flaw, type=Failure.CONFIGURATION)

    @workflow.query
    def progress(self) -> WorkstreamSummary:
        """Show where each unit is."""
        return self._memory.summary(workflow.now())

    # --- the plan -----------------------------------------------------------------------------------------------------

    async def _to_the_end(self) -> None:
        """Bring the units closer to what is wanted of them, whenever something has changed."""
        while True:
            self._news = False
            self._memory.settle()
            self._start_units()
            await self._tell_units()
            await self._watch_items()
            await self._tell_follower()
            if self._can_continue_as_new():
                workflow.continue_as_new(WorkstreamInput(self._plan, self._memory))
            if self._memory.is_over:
                if not await self._news_within(self._hold()):
                    return
            elif not await self._news_within(PROBE_EVERY if self._adopted() else None):
                self._forget_orders()

    async def _news_within(self, time: timedelta | None) -> bool:
        if self._news:
            return True
        try:
            await workflow.wait_condition(lambda: self._news or self._can_continue_as_new(), timeout=time)
        except TimeoutError:
            return False
        return True

    def _can_continue_as_new(self) -> bool:
        """Whether a fresh history is due and no unit is between being asked for and being there."""
        starting = any(unit.is_starting for unit in self._memory.units)
        return workflow.info().is_continue_as_new_suggested() and not starting

    def _hold(self) -> timedelta:
        """How long to wait for somebody who wants a retry."""
        memory = self._memory
        memory.hold_until = memory.hold_until or workflow.time() + self._plan.hold_seconds
        nothing_to_retry = memory.cancelled or not memory.lost
        seconds = 0 if nothing_to_retry else max(memory.hold_until - workflow.time(), 0)
        return timedelta(seconds=seconds)

    # --- units --------------------------------------------------------------------------------------------------------

    def _start_units(self) -> None:
        for unit in self._memory.startable():
            unit.begin(workflow.now())
            request = self._request(unit)
            self._followed[request.id] = asyncio.create_task(self._follow(unit, request))

    async def _follow(self, unit: UnitMemory, request: UnitRequest) -> None:
        """Start a unit, and notice its end even when it cannot report it any more."""
        try:
            child = await workflow.start_child_workflow(
                WorkstreamChildWorkflow.run,
                request,
                id=request.id,
                parent_close_policy=ParentClosePolicy.ABANDON,  # it outlives this history; `unit_ended` ends it
                static_summary=unit.unit.title,
            )
            unit.child, unit.told, self._news = request.id, Order(), True
            report = await child
        except FailureError as error:
            report = request.report(outcome_of(error), datetime.fromisoformat(unit.report.started))
        del self._followed[request.id]
        self.unit_ended(report)

    async def _tell_units(self) -> None:
        """Tell running units what they are meant to do now."""
        await asyncio.gather(*(self._tell(unit, order) for unit, order in self._memory.untold()))

    async def _tell(self, unit: UnitMemory, order: Order) -> None:
        request = self._request(unit)
        child = workflow.get_external_workflow_handle_for(WorkstreamChildWorkflow.run, request.id)
        unit.told = order
        try:
            await child.signal(WorkstreamChildWorkflow.steer, order)
        except FailureError:
            self.unit_ended(request.report(GONE, datetime.fromisoformat(unit.report.started)))

    # --- GitHub and whoever follows -----------------------------------------------------------------------------------

    async def _watch_items(self) -> None:
        """Have it reported when somebody closes a unit's issue or pull request."""
        for unit in self._memory.units:
            for number in unit.to_watch:
                await self._watch(number, pull_request=number != unit.unit.number)
                unit.watched = (*unit.watched, number)

    async def _watch(self, number: int, *, pull_request: bool) -> None:
        item, me = self._item(number), workflow.info().workflow_id
        try:
            await workflow.start_child_workflow(
                ClosingWatchWorkflow.run,
                ClosingWatch(item, (me,), pull_request),
                id=closing_watch_id(item),
                parent_close_policy=ParentClosePolicy.ABANDON,  # it outlives this history
            )
        except WorkflowAlreadyStartedError:
            watch = workflow.get_external_workflow_handle_for(ClosingWatchWorkflow.run, closing_watch_id(item))
            with contextlib.suppress(FailureError):
                await watch.signal(ClosingWatchWorkflow.follow, me)

    async def _end_watches(self) -> None:
        for number in (number for unit in self._memory.units for number in unit.watched):
            with contextlib.suppress(FailureError):  # it has ended
                await workflow.get_external_workflow_handle(closing_watch_id(self._item(number))).cancel()

    async def _tell_follower(self) -> None:
        """Tell whoever wants to know where the units are, if that is news."""
        summary = replace(self.progress(), seconds=0.0)
        if self._plan.report_to and summary != self._told:
            self._told = summary
            with contextlib.suppress(FailureError):
                await workflow.get_external_workflow_handle(self._plan.report_to).signal(UNITS_MOVED, summary)

    def _item(self, number: int) -> Item:
        return Item(self._plan.source.installation_id, self._plan.source.repository_id, number)

    # ------------------------------------------------------------------------------------------------------------------

    def _adopted(self) -> list[UnitMemory]:
        """List the running units that an earlier history has started."""
        return [unit for unit in self._memory.running if unit.child and unit.child not in self._followed]

    def _forget_orders(self) -> None:
        """Have adopted units told again what they know: only so it shows that one is gone."""
        for unit in self._adopted():
            unit.told = None

    def _request(self, unit: UnitMemory) -> UnitRequest:
        plan = self._plan
        below = self._below(unit.unit)
        one = below[0] if len(below) == 1 else None
        return UnitRequest(
            plan_id=plan.id,
            source=plan.source,
            unit=unit.unit,
            branch=f"{plan.branch_prefix}{unit.unit.slug}",
            start_branch=one.branch if one else "",
            start_branches=() if one else tuple(report.branch for report in below),
            below=one.pull_request if one else 0,
            requester=plan.requester,
            number=plan.number,
            config=plan.config,
            read_config=plan.read_config,
            attempt=unit.report.attempt,
        )

    def _below(self, unit: Unit) -> list[UnitReport]:
        """Find what to build on: the branches of what it depends on, except what is in the default branch already."""
        found = dict[str, UnitReport]()
        for before in filter(None, map(self._memory.find, unit.depends_on)):
            if before.report.branch and not before.report.landed:
                found[before.unit.slug] = before.report
            elif not before.report.landed:  # it had nothing to do itself, but what it was to build on is still there
                found |= {report.slug: report for report in self._below(before.unit)}
        return list(found.values())
