"""`aidp-project` on an issue: have it cut into parts, open an issue for each, and build them in their order.

Each part has a branch and a pull request of its own; one that depends on a single other one is stacked on it, one that
depends on several begins when these have been merged or closed. Until then it waits, for weeks if need be.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.workflow import ParentClosePolicy

from workflows import github_steps, project_words, steps
from workflows.commands import arguments
from workflows.dag import find_flaw, in_order
from workflows.loop_controls import REFUSED
from workflows.model import (
    Breakdown,
    ConsultationSpec,
    Ending,
    Issue,
    LabelChange,
    LoopState,
    Outcome,
    Part,
    Progress,
    Question,
    Spent,
    Steering,
    SubIssue,
    SubIssueDraft,
    Subject,
    WorkOrder,
)
from workflows.model.workstreams import Unit, UnitCounts, UnitReport, UnitStatus, WorkstreamPlan, WorkstreamSummary
from workflows.processors.processor import FOR_LOOPS, Processor
from workflows.project_board import ProjectBoard
from workflows.tasks import question_task
from workflows.workstream_memory import LOST, RETRIED, WorkstreamInput
from workflows.workstream_unit import loop_id
from workflows.workstreams import WorkstreamOrchestratorWorkflow

MOST_PARTS = 20
CUT, OPENED = "Cut into parts", "An issue for each part"
KNOWN = "These parts have issues already. Keep their slugs, leave out what is closed only if nothing depends on it:\n\n"
NO_PARTS = "the agent found nothing that could be built by itself"
SMALLER = "Use `aidp-build` for an issue that is one piece of work, or say more and try again."
MEND = "Say in the issue how it should be cut, and put the label on again."
NOTHING_FAILED = "No part has failed. `/aidp status` shows where they are."
NO_PART = "`{names}` names no part of this project that failed. Failed: {failed}."
NOBODY = "No part is being built now. `/aidp status` shows what it waits for."


@workflow.defn
class ProjectProcessorWorkflow(Processor):
    """One large issue, part by part."""

    @workflow.init
    def __init__(self, order: WorkOrder) -> None:
        super().__init__(order)
        self._board = ProjectBoard()
        self._plan = WorkstreamPlan("", self.source, ())
        self._summary = WorkstreamSummary((), UnitCounts(), 0.0, 0)
        self._text = ""
        self._started = ""
        self._errands: list[asyncio.Task[None]] = []
        self._alarm: asyncio.Task[None] | None = None
        """Ends a pause."""

    @workflow.run
    async def run(self, order: WorkOrder) -> Outcome:
        """Build all parts, and tell how it ended whatever happened."""
        del order  # `__init__` has it
        return await self.conclude(self._build_parts)

    async def _build_parts(self) -> Outcome:
        self._started = workflow.now().isoformat()
        self.status.plan(CUT, OPENED)
        known = await github_steps.read_sub_issues(self.item)
        breakdown = await self._break_down(await steps.read_issue(self.item), known)
        if isinstance(breakdown, Outcome):
            return breakdown
        self.status.done(CUT)
        self._text, self._plan = breakdown.summary, await self._open_issues(breakdown)
        await self._hold()
        summary = await self._build(self._plan)
        if self._cancelled:
            return Outcome(Ending.CANCELLED, self._cancelled)
        return project_words.outcome(self._plan, summary)

    # --- the parts ----------------------------------------------------------------------------------------------------

    async def _break_down(self, issue: Issue, known: tuple[SubIssue, ...]) -> Breakdown | Outcome:
        """Have the issue cut into parts that can be built one after the other."""
        most = min(self.config.project.max_units, MOST_PARTS)
        listed = "\n".join(
            f"- `{it.slug}`: {it.title} (#{it.number}, {'open' if it.open else 'closed'})" for it in known
        )
        question = Question(Subject.BREAKDOWN, context=KNOWN + listed if known else "", max_parts=most)
        consulted = await self.consult(
            ConsultationSpec(
                id=self.child_id("ask"),
                source=self.source,
                task=question_task(issue, self.order.hint),
                question=question,
                number=self.item.number,
                config=self.config,
                report_to=workflow.info().workflow_id,
            )
        )
        breakdown = consulted.answer.breakdown
        if consulted.outcome or not breakdown or not breakdown.parts:
            return consulted.outcome or Outcome(Ending.GAVE_UP, NO_PARTS, SMALLER)
        flaw = find_flaw(self._planned(tuple(_unit(part) for part in breakdown.parts)))
        return Outcome(Ending.GAVE_UP, flaw, MEND) if flaw else breakdown

    async def _open_issues(self, breakdown: Breakdown) -> WorkstreamPlan:
        """Open an issue for each part, those first that others wait for."""
        parts = {part.slug: part for part in breakdown.parts}
        numbers: dict[str, int] = {}
        for unit in in_order(tuple(_unit(part) for part in breakdown.parts)):
            draft = self._draft(parts[unit.slug], numbers)
            numbers[unit.slug] = (await github_steps.open_sub_issue(draft)).number
        self.status.done(OPENED)
        plan = self._planned(tuple(_unit(part, numbers[part.slug]) for part in breakdown.parts))
        plan = replace(plan, only=project_words.named(plan, self.order.units))
        await self._block(plan)
        return plan

    async def _block(self, plan: WorkstreamPlan) -> None:
        """Label what waits for other parts; the issues of an earlier run have lost the label with its end."""
        for unit in plan.units:
            if unit.depends_on and (not plan.only or unit.slug in plan.only):
                part = replace(self.item, number=unit.number)
                await steps.change_labels(LabelChange(part, add=(self.config.labels.blocked,)))

    async def _unblock(self) -> None:
        """Take the label off: nothing waits for other parts when the project is over, whatever became of them."""
        for unit in self._plan.units:
            if unit.depends_on:
                part = replace(self.item, number=unit.number)
                try:
                    await steps.change_labels(LabelChange(part, remove=(self.config.labels.blocked,)))
                except FailureError as error:
                    workflow.logger.warning("label of #%s not put away: %s", unit.number, error.cause)

    def _draft(self, part: Part, numbers: Mapping[str, int]) -> SubIssueDraft:
        blocked = (self.config.labels.blocked,) if part.depends_on else ()
        return SubIssueDraft(self.item, part, blocked, tuple(numbers[slug] for slug in part.depends_on))

    def _planned(self, units: tuple[Unit, ...]) -> WorkstreamPlan:
        return WorkstreamPlan(
            id=f"units:{self.item.repository_id}#{self.item.number}:{workflow.info().run_id[-8:]}",
            source=self.source,
            units=units,
            number=self.item.number,
            config=self.config,
            concurrency=self.config.project.concurrency,
            hold_seconds=self.config.plan.close_hours * 3600,
            requester=self.order.requester,
            report_to=workflow.info().workflow_id,
        )

    # --- building them ------------------------------------------------------------------------------------------------

    async def _build(self, plan: WorkstreamPlan) -> WorkstreamSummary:
        """Build the parts, and show how far they are."""
        telling = asyncio.create_task(self._board.narrate())
        try:
            summary = await self._orchestrated(plan)
        except (FailureError, asyncio.CancelledError):
            await self._finish(telling)
            raise
        self.units_moved(summary)
        await self._finish(telling)
        return summary

    async def _orchestrated(self, plan: WorkstreamPlan) -> WorkstreamSummary:
        orchestrator = workflow.start_child_workflow(
            WorkstreamOrchestratorWorkflow.run,
            WorkstreamInput(plan),
            id=plan.id,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=f"parts of #{self.item.number}",
        )
        return await self._steered(orchestrator)

    async def _finish(self, telling: asyncio.Task[None]) -> None:
        self._board.close()
        await telling
        await self._unblock()

    @workflow.signal
    def units_moved(self, summary: WorkstreamSummary) -> None:
        """Hear from the orchestrator where the parts are."""
        plan, self._summary = self._plan, summary
        self._board.show(project_words.post(self.item, self._text, plan, summary))
        shown = project_words.steps_of(plan, summary)
        self.status.plan(CUT, OPENED, *shown)
        for text in (CUT, OPENED, *(text for text, done in shown.items() if done)):
            self.status.done(text)
        note = project_words.standing(plan, summary)
        spent = sum((report.spent for report in summary.units), Spent())
        state = LoopState.APPLY_PATCH
        self.status.show(Progress(state, 0, 0, self._started, note=note, paused=summary.paused, spent=spent))
        self.status.ask(project_words.waiting(plan, summary))

    # --- steering -----------------------------------------------------------------------------------------------------

    def take(self, steering: Steering) -> str | None:
        """Take what concerns the parts together; the rest is for those who build them."""
        if self._plan.id not in self._loops:
            return None
        match steering.verb:
            case "status" | "why":
                return project_words.description(self._plan, self._summary)
            case "pause":
                return self._pause(arguments.duration(steering.argument))
            case "resume":
                return self._resume()
            case "retry":
                return self._retry(steering.argument)
            case verb if verb in FOR_LOOPS and not self.listeners(steering):
                raise ApplicationError(NOBODY, type=REFUSED)
            case _:
                return None

    def listeners(self, steering: Steering) -> tuple[str, ...]:
        """Name the loops of the parts being built, or of the one whose number comes first."""
        if self._plan.id not in self._loops:
            return super().listeners(steering)
        running = [report for report in self._summary.units if report.status is UnitStatus.RUNNING]
        first = steering.argument.split()[:1]
        one = project_words.named(self._plan, first) if first and first[0].startswith("#") else ()
        return tuple(self._loop_of(report) for report in running if not one or report.slug in one)

    def _loop_of(self, report: UnitReport) -> str:
        return loop_id(self._plan.id, report.slug, report.attempt)

    def _pause(self, time: timedelta | None) -> str:
        self._send("pause")
        if self._alarm:
            self._alarm.cancel()
        self._alarm = asyncio.create_task(self._resume_after(time)) if time else None
        return "Paused: running steps are finished first, and no part begins."

    def _resume(self) -> str:
        if self._alarm:
            self._alarm.cancel()
        self._send("resume")
        return "Resumed."

    async def _resume_after(self, time: timedelta) -> None:
        await workflow.sleep(time)
        self._send("resume")

    def _retry(self, argument: str) -> str:
        """Run failed parts again: all of them, or those named."""
        retried = LOST if argument.split() else RETRIED
        failed = {report.slug for report in self._summary.units if report.status in retried}
        if not failed:
            raise ApplicationError(NOTHING_FAILED, type=REFUSED)
        units = [unit for unit in self._plan.units if unit.slug in failed]
        again = [slug for slug in project_words.named(self._plan, argument.split()) if slug in failed]
        if argument.split() and not again:
            listed = ", ".join(f"#{unit.number}" for unit in units)
            raise ApplicationError(NO_PART.format(names=argument.strip(), failed=listed), type=REFUSED)
        self._send("retry", again)
        numbers = (f"#{unit.number}" for unit in units if not again or unit.slug in again)
        return f"Running again: {', '.join(numbers)}."

    def _send(self, signal: str, argument: object = "") -> None:
        """Tell the orchestrator, without waiting until it has heard."""
        self._errands = [errand for errand in self._errands if not errand.done()]
        self._errands.append(asyncio.create_task(self._signal(self._plan.id, signal, argument)))


def _unit(part: Part, number: int = 0) -> Unit:
    return Unit(part.slug, part.title, part.text, part.depends_on, number)
