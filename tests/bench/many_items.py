"""Many deliveries to many items, through the door, while a worker takes them: each once, in its order, and soon."""

import random
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from bench_scene import Sizes, worker
from figures import Figure
from mailboxes import Chain, settled
from open_door import Letter, connections, letter, open_door
from payloads import REPOSITORY, commented
from rush import Rush, percentile, rush
from temporalio.client import Client

PART = "items"
AT_ONCE = 16
AGAIN = 10
"""Every tenth delivery comes twice, as GitHub's do when an answer got lost."""


async def measure(client: Client, sizes: Sizes, directory: Path) -> list[Figure]:
    """Send comments with a command to all items in turn."""
    each = sizes.deliveries // sizes.items
    letters = list(chain.from_iterable(_letters(number, sizes.items) for number in range(sizes.deliveries)))
    with worker("mailbox_worker.py", client), open_door(client, directory) as door:
        async with connections(door, AT_ONCE) as kept:
            sent = await rush([it.post for it in kept], letters)
        mailbox_ids = [f"item:{REPOSITORY}#{number + 1}" for number in range(sizes.items)]
        chains = await settled(client, mailbox_ids, each)
    return _figures(sent, chains, len(letters))


def _letters(number: int, items: int) -> list[Letter]:
    """Write a delivery, once or twice."""
    payload = commented(1 + number % items, 1 + number, "/aidp status")
    once = letter("issue_comment", payload, delivery_id=f"delivery-{number}")
    return [once] * (1 if random.Random(number).randrange(AGAIN) else 2)  # noqa: S311  # the same in every run


def _figures(sent: Rush, chains: Sequence[Chain], letters: int) -> list[Figure]:
    taken = sum(len(each.taken) for each in chains)
    began = min(at for each in chains for at in each.came.values())
    seconds = (max(at for each in chains for _, at in each.taken) - began).total_seconds()
    waits, events = [wait for each in chains for wait in each.waits], [max(each.events) for each in chains]
    how = f"{taken} deliveries to {len(chains)} items, {letters - taken} of them twice; each taken once and in order"
    return [
        Figure(PART, "all taken", seconds, "s", note=how),
        Figure(PART, "taken", taken / seconds, "a second"),
        Figure(PART, "acknowledged, p50", percentile(sent.each, 50) * 1000, "ms", note=f"{AT_ONCE} at once"),
        Figure(PART, "acknowledged, p99", percentile(sent.each, 99) * 1000, "ms"),
        Figure(PART, "from signal to taken, p50", percentile(waits, 50) * 1000, "ms"),
        Figure(PART, "from signal to taken, p99", percentile(waits, 99) * 1000, "ms"),
        Figure(PART, "longest history", max(events), "events", note=f"of {taken // len(chains)} deliveries"),
    ]
