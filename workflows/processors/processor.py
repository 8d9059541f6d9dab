"""What all processors share: they take the item, steer what runs for them, and tell how it ended whatever happens.

A processor does one piece of work for one item. It is started by the item's mailbox, outlives that mailbox' history,
and gives the item back with its last breath.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from workflows import steps
from workflows.consultation import ConsultationInput, ConsultationWorkflow
from workflows.failures import failed_outcome
from workflows.loop_controls import refusal
from workflows.loop_memory import LoopInput
from workflows.model import (
    ConsultationSpec,
    Consulted,
    Delivery,
    Ending,
    EventKind,
    LoopResult,
    LoopSpec,
    Outcome,
    ProcessorEnd,
    Progress,
    Steering,
    SteerReply,
    WorkOrder,
)
from workflows.processors.item_labels import ItemLabels
from workflows.processors.keeping import Kept
from workflows.search_attributes import memo_of
from workflows.status_comment import StatusComment
from workflows.work_loop import WorkLoopWorkflow

FOR_LOOPS = frozenset(
    ("pause", "resume", "tell", "provider", "model", "budget", "guard", "reload", "approve", "reject", "why", "status")
)
"""Verbs that are meant for the agent at work."""
NOBODY_LISTENS = "Nothing is running here that could take it. {waiting}"
PAUSED = "Paused: `/aidp resume` goes on"
CLOSED = Outcome(Ending.NOTHING_TO_DO, "it is closed", "Open it again, and put the label on again.")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Push:
    """A change of a pull request's branch: the head it was made for, and the one it made."""

    before: str
    after: str


class Processor:
    """The base of every processor workflow, so that each of them holds nothing but its own work."""

    def __init__(self, order: WorkOrder) -> None:
        self.order = order
        self.item = order.item
        self.config = order.config
        self.source = order.item.source
        self.labels = ItemLabels(order)
        self.status = StatusComment(order.item, order.kind, order.config.labels.needs_input)
        self.orders: tuple[WorkOrder, ...] = ()
        """What is to be done next, on this item or another."""
        self.ci = order.ci
        """What was done about the CI since a person last had a hand in it."""
        self.push: Push | None = None
        """The last one, until the pull request is read again."""
        self.summary = ""
        self.news: list[Delivery] = []
        """What happened to the item meanwhile, oldest first; the work takes from it what it cares for."""
        self._loops: list[str] = []
        self._starting = 0
        """Loops that were begun, and are not there yet."""
        self._kept = Kept(order.kept)
        self._cancelled = ""
        self._work: asyncio.Task[Outcome] | None = None
        self._children = 0

    # --- from the first label to the last -----------------------------------------------------------------------------

    async def conclude(self, work: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Do the work to its end, and tell that end."""
        narration = asyncio.create_task(self.status.narrate())
        self._work = asyncio.create_task(self._take_item_and(work))
        if self._cancelled:
            self._work.cancel()
        try:
            outcome = await self._work
        except (FailureError, asyncio.CancelledError) as error:
            outcome = self._explain(error)
        self.status.wait("")
        outcome = self.labels.told(outcome)
        self.status.end(outcome)
        await narration
        is_told = await self.labels.put_away(outcome)
        await self._give_item_back(outcome, None if is_told else outcome)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome

    def _explain(self, error: FailureError | asyncio.CancelledError) -> Outcome:
        if isinstance(error, FailureError) and not (self._cancelled or is_cancelled_exception(error)):
            return failed_outcome(error)
        return Outcome(Ending.CANCELLED, self._cancelled or "the operator cancelled it")

    async def _take_item_and(self, work: Callable[[], Awaitable[Outcome]]) -> Outcome:
        issue = await steps.read_issue(self.item)
        await self.labels.take(issue)
        return await work() if issue.open else CLOSED

    async def _give_item_back(self, outcome: Outcome, untold: Outcome | None) -> None:
        """Free the item for the next label."""
        summary = self.summary or f"{outcome.ending}: {outcome.reason}"
        orders = tuple(replace(it, kept=self._kept.said) if it.item == self.item else it for it in self.orders)
        info = workflow.info()
        ci = replace(self.ci, cancelled=self.ci.cancelled or outcome.ending is Ending.CANCELLED)
        end = ProcessorEnd(info.workflow_id, summary, orders, info.run_id, ci, untold)
        await self._tell_mailbox("processor_ended", end)

    async def _tell_mailbox(self, signal: str, argument: object) -> None:
        if parent := workflow.info().parent:
            await self._signal(parent.workflow_id, signal, argument)

    # --- steering -----------------------------------------------------------------------------------------------------

    @workflow.signal
    def progress(self, progress: Progress) -> None:
        """Hear from a loop."""
        self.status.show(progress)

    @workflow.signal
    def hear(self, delivery: Delivery) -> None:
        """Hear from the mailbox what happened to the item."""
        self.news.append(delivery)
        self.labels.hear(delivery)

    @workflow.signal
    async def cancel(self, reason: str) -> None:
        """End the work; agents are stopped first."""
        self._cancelled = self._cancelled or reason
        if self._loops:
            await asyncio.gather(*(self._signal(loop, "cancel", reason) for loop in self._loops))
        elif self._work and not self._starting:
            self._work.cancel()

    @workflow.update
    def steer(self, steering: Steering) -> SteerReply:
        """Take a command; what is meant for the agent at work is returned with the ids of its loops."""
        if (text := self.take(steering)) is not None:
            return SteerReply(text)
        if steering.verb in FOR_LOOPS and (loops := self.listeners(steering)):
            return SteerReply(loops=loops)
        return SteerReply(self._keep(steering))

    def listeners(self, steering: Steering) -> tuple[str, ...]:
        """Name the loops that a command is for."""
        del steering
        return tuple(self._loops)

    def take(self, steering: Steering) -> str | None:
        """Take a command that the work itself is waiting for; `None` leaves it to others. Raises to refuse."""
        del steering
        return None

    @workflow.query
    def report(self) -> str:
        """Tell in one line what it does or waits for."""
        progress = self.status.progress
        return self.status.waiting or (progress.note if progress else "") or "Getting ready"

    def _keep(self, steering: Steering) -> str:
        """Keep a command for the next loop, or say why that makes no sense."""
        if steering.verb in {"status", "why"}:
            return self.report()
        if (text := self._kept.keep(steering, self.config.providers)) is not None:
            return text
        waiting = f"The work waits: {self.status.waiting}." if self.status.waiting else ""
        raise refusal(NOBODY_LISTENS.format(waiting=waiting).strip())

    # --- what the work is made of -------------------------------------------------------------------------------------

    async def consult(self, spec: ConsultationSpec) -> Consulted:
        """Ask an agent about the code."""
        await self._hold()
        consultation = workflow.start_child_workflow(
            ConsultationWorkflow.run,
            ConsultationInput(self._kept.for_consultation(spec), self._kept.begun()),
            id=spec.id,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=spec.task.title,
        )
        consulted = await self._steered(consultation)
        self.status.count(spec.id, consulted.spent)
        self._stop_unless_told(consulted.outcome)
        return consulted

    async def run_loop(self, spec: LoopSpec) -> LoopResult:
        """Let an agent work until its checks pass."""
        await self._hold()
        loop = workflow.start_child_workflow(
            WorkLoopWorkflow.run,
            LoopInput(self._kept.for_loop(spec), self._kept.begun()),
            id=spec.id,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=spec.task.title,
            memo=memo_of(spec),
        )
        result = await self._steered(loop)
        self.status.count(spec.id, result.spent)
        if result.published:
            self.status.publish(result.branch)
        self._stop_unless_told(result.outcome)
        return result

    def child_id(self, kind: str) -> str:
        """Name a child of this run: `loop:12#7:1a2b3c4d-2`."""
        self._children += 1  # and of the run the last digits: the first ones are the time, in minutes
        return f"{kind}:{self.item.repository_id}#{self.item.number}:{workflow.info().run_id[-8:]}-{self._children}"

    async def wait(self, reason: str, condition: Callable[[], bool], patience: timedelta | None = None) -> bool:
        """Wait for what comes by itself, and say so; false when it took too long. Waiting costs nothing."""
        self.status.wait(reason)
        return await self._waited(condition, patience)

    async def ask(self, reason: str, condition: Callable[[], bool], patience: timedelta | None = None) -> bool:
        """Call for people, and wait for what only they can do; false when it took too long."""
        self.status.ask(reason)
        return await self._waited(condition, patience)

    async def _waited(self, condition: Callable[[], bool], patience: timedelta | None) -> bool:
        try:
            await workflow.wait_condition(condition, timeout=patience)
        except TimeoutError:
            return False
        finally:
            self.status.wait("")
        self._stop_if_cancelled()
        return True

    def heard(self, *kinds: EventKind) -> Delivery | None:
        """Take the oldest piece of news of these kinds."""
        found = next((delivery for delivery in self.news if delivery.kind in kinds), None)
        if found:
            self.news.remove(found)
        return found

    async def listen(self, *, to_answers: bool) -> None:
        """Have the mailbox pass on what people write without a command, or not any more."""
        await self._tell_mailbox("listening", to_answers)

    async def _hold(self) -> None:
        """Wait while somebody has paused the work between two steps."""
        self._stop_if_cancelled()
        if self._kept.pause:
            await self.wait(PAUSED, lambda: not self._kept.pause, self._kept.pause_left(workflow.now()))
            self._kept.end_pause()

    def _stop_unless_told(self, outcome: Outcome | None) -> None:
        """End here if somebody has cancelled; a loop that was, tells it itself, with what it has kept."""
        if not (outcome and outcome.ending is Ending.CANCELLED):
            self._stop_if_cancelled()

    def _stop_if_cancelled(self) -> None:
        """End here, also when the cancellation came too late for what was waited for."""
        if self._cancelled:
            raise asyncio.CancelledError

    async def _steered(self, starting: Awaitable[ChildWorkflowHandle[Any, T]]) -> T:
        """Start a loop and wait for it; what people say meanwhile goes to it, a cancellation as soon as it is there."""
        self._starting += 1
        try:
            loop = await starting
        finally:
            self._starting -= 1
        self._loops.append(loop.id)
        try:
            if self._cancelled:
                await self._signal(loop.id, "cancel", self._cancelled)
            return await loop
        finally:
            self._loops.remove(loop.id)

    async def _signal(self, whom: str, name: str, argument: object) -> None:
        try:
            await workflow.get_external_workflow_handle(whom).signal(name, argument)
        except FailureError:
            workflow.logger.info("%s had already ended", whom)
