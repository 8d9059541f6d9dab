"""Reading the histories of mailboxes: which comments came in, which were taken, when, and how long each history is."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

GLANCE_SECONDS = 0.5
READS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Chain:
    """What the histories of one mailbox say, from the first to the last."""

    signals: int
    came: Mapping[int, datetime]
    """Comments, in the order in which they first came, and when."""
    taken: Sequence[tuple[int, datetime]]
    """Comments, in the order in which they were acted on; one that is taken twice is in here twice."""
    events: tuple[int, ...]
    """Of each history."""

    @property
    def waits(self) -> list[float]:
        """The seconds from a comment's coming to its being taken."""
        return [(at - self.came[comment]).total_seconds() for comment, at in self.taken]

    def check(self, mailbox_id: str) -> None:
        """Refuse to measure what was not done; raises `RuntimeError`."""
        if [comment for comment, _ in self.taken] != list(self.came):
            raise RuntimeError(f"{mailbox_id} took {len(self.taken)} of {len(self.came)} comments, or in another order")


async def settled(client: Client, mailbox_ids: Sequence[str], comments: int) -> list[Chain]:
    """Wait until each mailbox has taken so many comments, and read what its histories say."""
    turns = asyncio.Semaphore(READS_AT_ONCE)
    return await asyncio.gather(*(_settled(client, each, comments, turns) for each in mailbox_ids))


async def _settled(client: Client, mailbox_id: str, comments: int, turns: asyncio.Semaphore) -> Chain:
    async with turns:
        while len((chain := await read(client, mailbox_id)).taken) < comments:
            await asyncio.sleep(GLANCE_SECONDS)
    chain.check(mailbox_id)
    return chain


async def read(client: Client, mailbox_id: str) -> Chain:
    """Read a mailbox's histories."""
    came, taken, events, signals = dict[int, datetime](), list[tuple[int, datetime]](), list[int](), 0
    async for history in _histories(client, mailbox_id):
        events.append(len(history))
        for event in history:
            match event.event_type:
                case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                    signals += 1
                    argument = _argument(event.workflow_execution_signaled_event_attributes.input)
                    if argument["comment"]:
                        came.setdefault(argument["comment"]["id"], event.event_time.ToDatetime())
                case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                    argument = _argument(event.activity_task_scheduled_event_attributes.input)
                    taken.append((argument["id"], event.event_time.ToDatetime()))
                case _:
                    pass
    return Chain(signals, came, taken, tuple(events))


async def _histories(client: Client, mailbox_id: str) -> AsyncGenerator[list[HistoryEvent]]:
    """Read one history after the other, each to where the next one begins."""
    newest = [event async for event in client.get_workflow_handle(mailbox_id).fetch_history_events()]
    run = newest[0].workflow_execution_started_event_attributes.first_execution_run_id
    while run:
        handle = client.get_workflow_handle(mailbox_id, run_id=run)
        history = [event async for event in handle.fetch_history_events()]
        yield history
        run = history[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id


def _argument(payloads: Payloads) -> Any:  # noqa: ANN401  # JSON
    return json.loads(payloads.payloads[0].data)
