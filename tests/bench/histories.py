"""Reading histories: what a loop did side by side, and how many events and bytes each iteration left."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

FIRST_STEP = "write_prompt"
"""The activity every iteration begins with."""
DECIDING = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
)


@dataclass(frozen=True, slots=True)
class Iteration:
    """What one iteration left in the history."""

    events: int
    bytes: int
    activities: int
    tasks: int
    """Workflow tasks: how often the worker had to decide."""
    work_events: int
    """Events but those of workflow tasks: whether two results that come at once make one decision or two is luck."""
    work_bytes: int


async def events_of(client: Client, workflow_id: str) -> list[HistoryEvent]:
    """Read a whole history."""
    return [event async for event in client.get_workflow_handle(workflow_id).fetch_history_events()]


def stages(events: Sequence[HistoryEvent]) -> tuple[int, ...]:
    """Tell how many activities ran side by side, stage after stage."""
    together = Counter(
        event.activity_task_scheduled_event_attributes.workflow_task_completed_event_id
        for event in events
        if event.HasField("activity_task_scheduled_event_attributes")
    )
    return tuple(together[task] for task in sorted(together))


def iterations(events: Sequence[HistoryEvent]) -> list[Iteration]:
    """Cut a history into its iterations; what comes after the last one's begin is left out."""
    begins = [index for index, event in enumerate(events) if _begins(event)]
    return [_iteration(events[begin:end]) for begin, end in pairwise(begins)]


def _begins(event: HistoryEvent) -> bool:
    return event.activity_task_scheduled_event_attributes.activity_type.name == FIRST_STEP


def _iteration(events: Sequence[HistoryEvent]) -> Iteration:
    types = Counter(event.event_type for event in events)
    work = [event for event in events if event.event_type not in DECIDING]
    return Iteration(
        events=len(events),
        bytes=sum(event.ByteSize() for event in events),
        activities=types[EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED],
        tasks=types[EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED],
        work_events=len(work),
        work_bytes=sum(event.ByteSize() for event in work),
    )
