"""What very many open items cost that wait for something: nothing is written, and the worker need not hold them."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from bench_scene import Sizes, worker
from figures import Figure
from memory import resident
from rush import rush
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from workflows.model import Actor, Delivery, EventKind, Item
from workflows.ports import MAIN_QUEUE
from workflows.work_item import MailboxState, WorkItemWorkflow

PART = "waiting"
AT_ONCE = 16
WAIT = timedelta(days=7)
"""Less than the time after which a mailbox is closed of which nobody hears."""
LOOKED_AT = 100
MOST_MEMORY = 300
"""In MiB, however many wait."""
QUIET_SECONDS = 1
OF_THE_SKIPPING = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
}


async def measure(client: Client, sizes: Sizes, directory: Path) -> list[Figure]:
    """Let a mailbox wait for each item, and a week go by."""
    mailbox_ids = [_item(number).mailbox_id for number in range(sizes.waiting)]
    with worker("crowd_worker.py", client, str(directory / "host"), "1", "0") as pid:
        before = resident(pid)
        opened = await rush([partial(_open, client)] * AT_ONCE, range(sizes.waiting))
        lengths = await _at_rest(client, mailbox_ids)
        held = resident(pid)
        later = await _lengths(client, mailbox_ids)
        grown = await _growth_in_a_week(client, random.Random(1).sample(mailbox_ids, min(LOOKED_AT, sizes.waiting)))  # noqa: S311  # the same in every run
    how = f"{sizes.waiting} open items, opened at {opened.rate:.0f} a second"
    return [
        Figure(PART, "memory of the worker", held, "MiB", note=f"{how}; {before:.0f} MiB before any"),
        Figure(PART, "growth of memory", held - before, "MiB", MOST_MEMORY, "it keeps the 500 it used last"),
        Figure(PART, "events of all, while they wait", sum(later) - sum(lengths), "", 0, "of all open items"),
        Figure(PART, "events of each, in a week", grown, "", 0, f"{WAIT.days} days, skipped; the worst of {LOOKED_AT}"),
    ]


async def _open(client: Client, number: int) -> None:
    item = _item(number)
    delivery = Delivery(f"delivery-{number}", EventKind.EDITED, item, Actor(583231, "octocat"))
    await client.start_workflow(
        WorkItemWorkflow.run,
        MailboxState(item),
        id=item.mailbox_id,
        task_queue=MAIN_QUEUE,
        start_signal="deliver",
        start_signal_args=[delivery],
    )


async def _at_rest(client: Client, mailbox_ids: Sequence[str]) -> list[int]:
    """Wait until nothing is written any more; returns how long each history is."""
    seen = list[int]()
    while (now := await _lengths(client, mailbox_ids)) != seen:
        seen = now
        await asyncio.sleep(QUIET_SECONDS)
    return now


async def _lengths(client: Client, mailbox_ids: Sequence[str]) -> list[int]:
    lengths = dict[str, int]()

    async def look(mailbox_id: str) -> None:
        lengths[mailbox_id] = (await client.get_workflow_handle(mailbox_id).describe()).history_length

    await rush([look] * AT_ONCE, mailbox_ids)
    return [lengths[each] for each in mailbox_ids]


async def _growth_in_a_week(client: Client, mailbox_ids: Sequence[str]) -> int:
    """Skip a week for some, and find the one that wrote most."""
    return max([await _growth(client, each) for each in mailbox_ids])


async def _growth(client: Client, mailbox_id: str) -> int:
    handle = client.get_workflow_handle(mailbox_id)
    before = (await handle.describe()).history_length
    await TimeSkipper(client).fast_forward(handle, WAIT)
    events = [event.event_type not in OF_THE_SKIPPING async for event in handle.fetch_history_events()]
    return sum(events) - before


def _item(number: int) -> Item:
    return Item(7, 42, 1 + number)
