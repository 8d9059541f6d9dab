"""The mailbox of an issue or pull request: every delivery once, in order, one processor at a time.

It lives as long as GitHub could redeliver anything, so that a delivery which comes twice is known.
"""

from collections import deque
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import github_steps
from workflows.abandonment import hear_of_access, is_wanted
from workflows.commands.command import Refused, Request
from workflows.item_mailbox import MailboxState
from workflows.model import (
    Answered,
    Delivery,
    EventKind,
    Permission,
    ProcessorEnd,
    Steering,
    SteeringRequest,
    Work,
    WorkOrder,
)
from workflows.orders import Orders, asks_the_same
from workflows.processors import started
from workflows.reception import RECEPTION
from workflows.seen import Seen
from workflows.undone import ASKED, explained, may_be_mended

REMEMBERED_DELIVERIES = 1000
"""More than one item gets in the days in which GitHub can redeliver."""
REMEMBERED_ENDS = 20
CARRIED = 1000
"""Deliveries; thousands of them take Temporal's workers too long to write down, and may not fit in what it takes."""
LONGEST_HISTORY = 30_000
"""Events, whatever waits: Temporal ends a workflow that has 51,200."""
LINGER = timedelta(days=8)
"""GitHub Enterprise keeps its delivery log for 7 days, github.com for 3."""
ALREADY = "`{kind}` is running here already."
QUEUED = "`{kind}` is waiting here already."
LATER = "It comes after the running `{kind}`."
UNDONE = "keep-what-could-not-be-done"


@workflow.defn
class WorkItemWorkflow:
    """One durable mailbox per issue or pull request. It is the `Desk` of the commands given here."""

    @workflow.init
    def __init__(self, state: MailboxState) -> None:
        self.item = state.item
        self.running = state.running
        self.last = state.last
        self.past = state.past
        self.listening_to_answers = state.listening
        self.rounds = state.rounds
        self.told_draft = state.told_draft
        self.ci = state.ci
        self._put_off = state.put_off
        self._base = state.base
        self.interrupted = state.interrupted
        self._undone = state.undone
        self._seen = Seen(state.seen, REMEMBERED_DELIVERIES)
        self._inbox = deque(state.inbox)
        self._processor = state.processor
        self.orders = Orders(state.orders, held=state.held)
        self._ended: deque[ProcessorEnd] = deque()
        self._has_acted = False
        """Whether what is being taken has changed anything."""
        self._new_name = ""
        """What else it is known by."""

    @workflow.run
    async def run(self, state: MailboxState) -> None:
        """Take deliveries until none has come for so long that none can come twice."""
        del state  # `__init__` has it
        while await self._has_news():
            if self._ended:
                await self._follow_up(self._ended.popleft())
            elif self._history_is_long():
                workflow.continue_as_new(self._state())
            elif self._inbox:
                await self._take(self._inbox.popleft())
            else:
                await self._start(self.orders.take())

    @workflow.signal
    def deliver(self, delivery: Delivery) -> None:
        """Take in a webhook, once; the run loop does the work."""
        if self.knows(delivery):
            return
        self._seen.add(*delivery.names)
        if delivery.kind is EventKind.BASE_PUSHED:
            self._base = delivery.sha
        self._take_undone()
        self._inbox.append(delivery)

    @workflow.query
    def knows(self, delivery: Delivery) -> bool:
        """Tell whether it was delivered before, by whomever, or seen to; of its base the last commit told of counts."""
        is_same_base = delivery.kind is EventKind.BASE_PUSHED and delivery.sha == self._base
        is_same_red = bool(delivery.failed) and self.ci.has_seen(delivery.sha, delivery.failed)
        return is_same_base or is_same_red or any(name in self._seen for name in delivery.names)

    @workflow.signal
    def processor_ended(self, end: ProcessorEnd) -> None:
        """Hear from the processor that the item is free again."""
        if end.processor == self._processor:
            self._ended.append(end)

    @workflow.signal
    def listening(self, to_answers: bool) -> None:  # noqa: FBT001  # the payload of a signal
        """Hear from the processor whether it waits for what people write."""
        self.listening_to_answers = to_answers

    # --- the run loop -------------------------------------------------------------------------------------------------

    async def _has_news(self) -> bool:
        """Wait for something to do; false when nothing has come for so long that nothing can come twice."""
        try:
            await workflow.wait_condition(
                lambda: bool(self._ended or self._history_is_long() or self._inbox or self._may_start()),
                timeout=self._undone.pause if self._undone.deliveries else LINGER,
            )
        except TimeoutError:
            return self._take_undone() or bool(self._processor)
        return True

    def _may_start(self) -> bool:
        return self.orders.may_begin and not self._processor

    def _history_is_long(self) -> bool:
        """Whether it is time for the next one; what is here is taken first, as long as it is too much to carry over."""
        if len(self._inbox) > CARRIED and workflow.info().get_current_history_length() < LONGEST_HISTORY:
            return False
        return workflow.info().is_continue_as_new_suggested()

    def _state(self) -> MailboxState:
        return MailboxState(
            self.item,
            self._seen.names,
            tuple(self._inbox),
            self._processor,
            self.running,
            self.orders.waiting,
            self.last,
            self.past,
            self.listening_to_answers,
            self.rounds,
            self.told_draft,
            self.ci,
            self._put_off,
            self._base,
            self._undone,
            self.interrupted,
            self.orders.held,
        )

    async def _take(self, delivery: Delivery) -> None:
        """Act on a delivery, after asking GitHub whether what it says is still so."""
        if delivery.kind is not EventKind.REPOSITORY:
            self.item = delivery.item  # an App that is installed again has another installation
        self._has_acted, self._new_name = False, ""
        try:
            await RECEPTION[delivery.kind](self, delivery)
        except FailureError as error:
            workflow.logger.warning("delivery %s came to nothing: %s", delivery.id, error.cause)
            told = delivery.kind not in ASKED or (not self._processor and await explained(delivery, self.item, error))
            if not (told or self._has_acted) and may_be_mended(error) and workflow.patched(UNDONE):
                self._undone = self._undone.with_one_more(replace(delivery, id=self._new_name or delivery.id))
        else:
            self._undone = replace(self._undone, attempts=0)

    def _take_undone(self) -> bool:
        """Try again what came to nothing; false if there is nothing."""
        if not self._undone.deliveries:
            return False
        self._inbox.extend(self._undone.deliveries)
        self._undone = self._undone.taken()
        return True

    async def _start(self, order: WorkOrder) -> None:
        """Start the processor; where one that nobody knew of has the item, this comes after it."""
        if order.in_doubt and not await is_wanted(self, order):
            return
        order = replace(order, item=self.item, label="", in_doubt=False)
        self._processor = f"{order.kind}:{self.item.repository_id}#{self.item.number}"
        self.running = self.last = order
        self.told_draft, self.interrupted = False, None
        if not await started(self._processor, replace(order, ci=self.ci) if order.unasked else order):
            self.orders.put_back(order)

    async def _follow_up(self, end: ProcessorEnd) -> None:
        """Close a piece of work, and pass on what follows from it."""
        line = f"{workflow.now():%Y-%m-%d %H:%M} `{self.running.kind if self.running else ''}` {end.summary}"
        self.past = (*self.past, line)[-REMEMBERED_ENDS:]
        self._processor, self.running, self.listening_to_answers = "", None, False
        self.ci = end.ci or self.ci
        hear_of_access(self, end.untold)
        if self._put_off:
            self._inbox.append(self._put_off)
            self._put_off = None
        for number, order in enumerate(end.orders):
            if order.item == self.item:
                await self.accept(order)
                continue
            identity = f"{end.processor}/{end.run}/{number}"
            await github_steps.deliver(Delivery(identity, EventKind.ORDERED, order.item, order.requester, order=order))

    # --- what receptions and commands do with it ----------------------------------------------------------------------

    def is_new(self, name: str) -> bool:
        """Remember what has happened by one more name; false if it is known by that already."""
        if not self._seen.is_new(name):
            return False
        self._new_name = name
        return True

    def expects(self, delivery_id: str) -> bool:
        """Whether a delivery of this id is here and comes later."""
        return any(delivery.id == delivery_id for delivery in self._inbox)

    def take_again(self, delivery: Delivery) -> None:
        """Take it once more next, as soon as it is known how the work has ended that was not there to hear it."""
        self._inbox.appendleft(delivery)

    def put_off(self, delivery: Delivery) -> None:
        """Take it once more when the running work has ended; of several the last one."""
        self._put_off = delivery

    @property
    def waiting(self) -> tuple[WorkOrder, ...]:
        """Work that was accepted and comes later."""
        return self.orders.waiting

    async def accept(self, order: WorkOrder) -> str:
        """Do this as soon as the item is free; says so when that is not now. Raises `Refused` for a command to repeat.

        A label asks for another run also while one goes on: that may be about to end, and a label is not written twice.
        """
        self._has_acted = True
        self.orders.release()
        if self.running and self.running.kind is Work.PLAN and order.kind is Work.BUILD:
            return await self._approve(order)
        if order.comment and self.running and asks_the_same(order, self.running):
            raise Refused(ALREADY.format(kind=order.kind))
        if self.orders.has_one_like(order):
            if order.comment:
                raise Refused(QUEUED.format(kind=order.kind))
            return QUEUED.format(kind=order.kind)
        self.rounds = 0 if order.comment else self.rounds
        self.orders.add(order)
        return LATER.format(kind=self.running.kind) if self.running else ""

    async def _approve(self, order: WorkOrder) -> str:
        """Take the wish for a build as an approval of the plan that is being made for it."""
        identity = f"approve/{workflow.info().run_id}/{workflow.info().get_current_history_length()}"
        steering = Steering("build", order.hint, order.requester, Permission.WRITE, identity)
        answered = await github_steps.steer(SteeringRequest(self._processor, steering))
        if not answered.applied:  # it has just ended
            self.orders.add(order)
        return answered.text

    async def steer(self, request: Request) -> Answered:
        """Pass a command on to the running work and bring its answer."""
        self._has_acted = True
        steering = Steering(
            request.verb, request.argument, request.by, request.permission, request.id, workflow.now().isoformat()
        )
        return await github_steps.steer(SteeringRequest(self._processor, steering))

    async def cancel(self, reason: str) -> None:
        """End the running work."""
        self._has_acted, self._put_off = True, None
        await self._tell_processor("cancel", reason)

    async def pass_on(self, delivery: Delivery) -> bool:
        """Tell the running work what happened; false when nothing is there to hear it."""
        return await self._tell_processor("hear", delivery)

    async def _tell_processor(self, signal: str, argument: object) -> bool:
        if not self._processor:
            return False
        try:
            await workflow.get_external_workflow_handle(self._processor).signal(signal, argument)
        except FailureError:
            if not self._ended:  # it could not say so
                self._ended.append(ProcessorEnd(self._processor, "it was ended from outside"))
            return False
        return True
