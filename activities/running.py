"""The activities that look at our own workflows: what works where, and who waits for what."""

import asyncio
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workflows.closing_watch import closing_watch_id
from workflows.model import Delivery, Item, Work, WorkOrder
from workflows.model.reconciling import Busy
from workflows.model.repositories import RepositoryAddress, RepositoryChange
from workflows.ports import MAIN_QUEUE
from workflows.processors import PROCESSORS
from workflows.repository import RepositoryState, RepositoryWorkflow
from workflows.work_item import MailboxState, WorkItemWorkflow

RUNNING = 'ExecutionStatus = "Running"'
PROCESSOR = re.compile(rf"(?:{'|'.join(Work)}):(\d+)#(\d+)")
"""The workflow id of a processor: `build:42#7`."""
PROCESSORS_RUN = f"WorkflowType IN ({', '.join(repr(it) for it in PROCESSORS.values())})"
AT_ONCE = 50
FIRST_WAKE = timedelta(minutes=5)
"""How long a wait for CI has lasted when it is first told to look; then after twice that, and so on."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class RunningActivities:
    """Implements the port `Running` with a Temporal client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn
    async def find_working(self, address: RepositoryAddress, /) -> tuple[Item, ...]:
        """List the items of a repository on which something works."""
        named = " OR ".join(f'WorkflowId STARTS_WITH "{kind}:{address.repository_id}#"' for kind in Work)
        orders = await _by_and_by(self._order, await self._list(f"({named})"))
        return tuple(order.item for order in orders if order)

    @activity.defn
    async def find_idle(self, items: tuple[Item, ...], /) -> tuple[Item, ...]:
        """Pick the items on which nothing works; asked one by one, since Temporal's lists lag."""
        works = await _by_and_by(self._works_on, items)
        return tuple(item for item, busy in zip(items, works, strict=True) if not busy)

    @activity.defn
    async def find_loops(self) -> tuple[str, ...]:
        """List the ids of everything that has a workspace."""
        return tuple(await self._list('WorkflowType IN ("WorkLoopWorkflow", "ConsultationWorkflow")'))

    @activity.defn
    async def list_busy(self) -> tuple[Busy, ...]:
        """List all items on which something works."""
        found = [(PROCESSOR.fullmatch(it.id), it.start_time) async for it in self._running(PROCESSORS_RUN)]
        return tuple(Busy(int(its[1]), int(its[2]), since.isoformat()) for its, since in found if its)

    @activity.defn
    async def wake_watches(self, before: str, /) -> int:
        """Have those look who wait for CI and whose turn has come since a time: the longer they wait, the rarer."""
        last, now = datetime.fromisoformat(before) if before else None, activity.info().scheduled_time
        watches = self._running('WorkflowType = "CommitWatchWorkflow"')
        due = [it.id async for it in watches if not last or is_due(it.start_time, last, now)]
        return sum(await _by_and_by(self._wake, due))

    @activity.defn
    async def is_told(self, delivery: Delivery, /) -> bool:
        """Ask a mailbox whether it has been told of something already; one that can not answer may be told twice."""
        mailbox = self._client.get_workflow_handle_for(WorkItemWorkflow.run, delivery.item.mailbox_id)
        try:
            return await mailbox.query(WorkItemWorkflow.knows, delivery)
        except (RPCError, WorkflowQueryFailedError):
            return False

    @activity.defn
    async def tell_repository(self, change: RepositoryChange, /) -> None:
        """Tell whoever looks after a repository that something may have become of it."""
        address = change.address
        await self._client.start_workflow(
            RepositoryWorkflow.run,
            RepositoryState(address.installation_id, address.repository_id),
            id=address.workflow_id,
            task_queue=MAIN_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="changed",
            start_signal_args=[change],
        )

    @activity.defn
    async def adopt_orphans(self) -> tuple[Item, ...]:
        """Give a mailbox to work whose mailbox was ended from outside, and return its items."""
        found = await _by_and_by(self._adopt, await self._list(PROCESSORS_RUN))
        return tuple(item for item in found if item)

    def _running(self, query: str) -> AsyncIterator[WorkflowExecution]:
        return self._client.list_workflows(f"{query} AND {RUNNING}")

    async def _list(self, query: str) -> list[str]:
        return [it.id async for it in self._running(query)]

    async def _works_on(self, item: Item) -> bool:
        """Whether a processor has it, or a project, which watches each of its parts."""
        names = [*(f"{kind}:{item.repository_id}#{item.number}" for kind in Work), closing_watch_id(item)]
        return any(await asyncio.gather(*map(self._runs, names)))

    async def _runs(self, workflow_id: str) -> bool:
        try:
            description = await self._client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            _none_is_no_error(error)
            return False
        return description.status is WorkflowExecutionStatus.RUNNING

    async def _wake(self, watch: str) -> bool:
        try:
            await self._client.get_workflow_handle(watch).signal("news", "")
        except RPCError as error:
            _none_is_no_error(error)
            return False
        return True

    async def _adopt(self, processor: str) -> Item | None:
        """Open a mailbox that knows of the work, unless there is one."""
        found = PROCESSOR.fullmatch(processor)
        if not found or await self._runs(f"item:{found[1]}#{found[2]}"):
            return None
        order = await self._order(processor)
        if not order:
            return None
        state = MailboxState(order.item, processor=processor, running=order, last=order)
        try:
            await self._client.start_workflow(
                WorkItemWorkflow.run,
                state,
                id=order.item.mailbox_id,
                task_queue=MAIN_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            )
        except WorkflowAlreadyStartedError:
            return None
        return order.item

    async def _order(self, processor: str) -> WorkOrder | None:
        """Read what a processor was started with."""
        if not PROCESSOR.fullmatch(processor):
            return None
        async for event in self._client.get_workflow_handle(processor).fetch_history_events(page_size=1):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
                payloads = event.workflow_execution_started_event_attributes.input.payloads
                [order] = await self._client.data_converter.decode(payloads, [WorkOrder])
                return order
        return None


def is_due(begun: datetime, last: datetime, now: datetime) -> bool:
    """Whether something that began then has had one more turn since the last time; each takes twice as long."""
    return _turns(now - begun) > _turns(last - begun)


def _turns(waited: timedelta) -> int:
    return math.frexp(waited / FIRST_WAKE)[1] if waited >= FIRST_WAKE else 0


async def _by_and_by(ask: Callable[[Asked], Awaitable[Answer]], each: Sequence[Asked]) -> list[Answer]:
    """Ask about many things, some at once."""
    answers = list[Answer]()
    for start in range(0, len(each), AT_ONCE):
        answers += await asyncio.gather(*map(ask, each[start : start + AT_ONCE]))
        activity.heartbeat()
    return answers


def _none_is_no_error(error: RPCError) -> None:
    if error.status is not RPCStatusCode.NOT_FOUND:
        raise error
