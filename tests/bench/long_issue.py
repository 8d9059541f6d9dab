"""One issue with very many events: its histories stay bounded, nothing is lost, and the order holds."""

from functools import partial

from bench_scene import Sizes, worker
from figures import Figure
from mailboxes import Chain, settled
from rush import rush
from temporalio.client import Client

from workflows.model import Actor, CommentRef, Delivery, EventKind, Item
from workflows.ports import MAIN_QUEUE
from workflows.work_item import MailboxState, WorkItemWorkflow

PART = "long-issue"
ITEM = Item(7, 42, 1)
AT_ONCE = 16
OF_COMMENTS = 10
"""One event in ten is a comment, which the mailbox reads; the others are edits that concern nobody."""
MOST_EVENTS = 25_600
"""In one history: half of what Temporal allows. It suggests a new one at 4,096 and warns at 10,240, but refuses to
begin one while signals keep coming, so no history is shorter than a flood that comes faster than it is taken."""


async def measure(client: Client, sizes: Sizes) -> list[Figure]:
    """Signal them all as fast as Temporal takes them."""
    with worker("mailbox_worker.py", client):
        sent = await rush([partial(_signal, client)] * AT_ONCE, map(_delivery, range(sizes.long_issue)))
        found = (await settled(client, [ITEM.mailbox_id], sizes.long_issue // OF_COMMENTS))[0]
    if found.signals != sizes.long_issue:
        raise RuntimeError(f"{found.signals} of {sizes.long_issue} events are in the histories")
    return _figures(sent.rate, found)


async def _signal(client: Client, delivery: Delivery) -> None:
    await client.start_workflow(
        WorkItemWorkflow.run,
        MailboxState(ITEM),
        id=ITEM.mailbox_id,
        task_queue=MAIN_QUEUE,
        start_signal="deliver",
        start_signal_args=[delivery],
    )


def _delivery(number: int) -> Delivery:
    says = None if number % OF_COMMENTS else CommentRef(ITEM, 1 + number, digest="0" * 64)
    kind = EventKind.COMMENTED if says else EventKind.EDITED
    return Delivery(f"delivery-{number}", kind, ITEM, Actor(583231, "octocat"), comment=says)


def _figures(rate: float, found: Chain) -> list[Figure]:
    how = f"{found.signals} events, one in {OF_COMMENTS} to be acted on; none lost, the order held"
    return [
        Figure(PART, "signalled", rate, "a second", note=how),
        Figure(PART, "histories", len(found.events), note="events of each: " + ", ".join(map(str, found.events))),
        Figure(PART, "longest history", max(found.events), "events", MOST_EVENTS),
    ]
