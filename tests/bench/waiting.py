"""What very many open items cost that wait, paused or for their CI: nothing is written, and nothing has to be held.

One item in forty waits for the CI of a pull request as it does every day: its mailbox, its processor, and the watch of
its commit. The others are paused loops, as they are handed to their next history: with a workspace, before a step.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from bench_scene import Sizes, loop_spec, worker
from figures import Figure
from instant_hands import SHA
from memory import resident
from rush import rush
from temporal_kit import own_events, pass_time
from temporalio.client import Client

from workflows.commit_watch import PROBE_EVERY
from workflows.loop_memory import LoopInput, LoopMemory
from workflows.model import Actor, Delivery, EventKind, Item, LoopState, Work, WorkOrder, Workspace
from workflows.ports import MAIN_QUEUE, host_queue
from workflows.work_item import MailboxState, WorkItemWorkflow
from workflows.work_loop import WorkLoopWorkflow

PART = "waiting"
AT_ONCE = 16
OF_CI = 40
"""One item in so many waits for its CI."""
ADA = Actor(583231, "ada")
MAILBOX, PROCESSOR, WATCH, LOOP = (
    "WorkItemWorkflow",
    "CiFixProcessorWorkflow",
    "CommitWatchWorkflow",
    "WorkLoopWorkflow",
)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
UNTIL_A_LOOK = PROBE_EVERY - timedelta(hours=1)
LOOKED_AT = 25
MOST_GROWTH = 20
"""In MiB, from when more wait than the worker keeps at hand to when all do: a few KiB for each."""
QUIET_SECONDS, GLANCE_SECONDS = 6, 1
"""A processor pauses for five seconds between two edits of its comment."""
Open = Callable[[int], Awaitable[None]]


async def measure(client: Client, sizes: Sizes, _directory: Path) -> list[Figure]:
    """Let items wait, and time go by."""
    for_ci = -(-sizes.waiting // OF_CI)
    first, further = range(sizes.waiting // 4), range(sizes.waiting // 4, sizes.waiting - for_ci)
    with worker("waiting_worker.py", client) as pid:
        before = resident(pid)
        await _begin(partial(_wait_for_ci, client), range(for_ci))
        await _begin(partial(_be_paused, client), first)
        await _at_rest(client, 3 * for_ci + len(first))
        some = resident(pid)
        await _begin(partial(_be_paused, client), further)
        lengths = await _at_rest(client, 3 * for_ci + len(first) + len(further))
        held = resident(pid)
        waited = await _lengths(client, lengths)
        due = [await _due(client, kind, WEEK) for kind in (MAILBOX, PROCESSOR)]
        skipped = [await _growth(client, *each) for each in ((LOOP, WEEK), (WATCH, UNTIL_A_LOOK), (WATCH, DAY))]
    how = f"{sizes.waiting} open items, of which {for_ci} wait for their CI and the others are paused"
    written = sum(waited.values()) - sum(lengths.values())
    return [
        Figure(PART, "memory of the worker", held, "MiB", note=f"{how}; {before:.0f} MiB before any"),
        Figure(PART, "growth of memory", max(0, held - some), "MiB", MOST_GROWTH, f"from {for_ci + len(first)} to all"),
        Figure(PART, "events of all, while they wait", written, "", 0, f"{len(lengths)} workflows, {QUIET_SECONDS} s"),
        *_in_a_week(due, skipped[0]),
        Figure(PART, f"events of a {WATCH}", skipped[1], "", 0, f"{UNTIL_A_LOOK}, skipped; the worst of {LOOKED_AT}"),
        Figure(
            PART, f"events of a {WATCH}, in a day", skipped[2], note=f"a look each {PROBE_EVERY}, if no webhook comes"
        ),
    ]


def _in_a_week(due: Sequence[int], skipped: int) -> list[Figure]:
    """Tell what those write who hear of nothing; time is not skipped for a workflow that waits for another."""
    found = ((MAILBOX, due[0], "its timers"), (PROCESSOR, due[1], "its timers"), (LOOP, skipped, "skipped"))
    return [
        Figure(PART, f"events of a {kind}, in a week", events, "", 0, f"{how}; the worst of {LOOKED_AT}")
        for kind, events, how in found
    ]


async def _begin(one: Open, numbers: Iterable[int]) -> None:
    await rush([one] * AT_ONCE, numbers)


async def _wait_for_ci(client: Client, number: int) -> None:
    """Have the CI of a pull request looked after."""
    item = Item(7, 42, 1 + number)
    order = WorkOrder(item, Work.FIX_CI, ADA)
    delivery = Delivery(f"delivery-{number}", EventKind.ORDERED, item, ADA, order=order)
    await client.start_workflow(
        WorkItemWorkflow.run,
        MailboxState(item),
        id=item.mailbox_id,
        task_queue=MAIN_QUEUE,
        start_signal="deliver",
        start_signal_args=[delivery],
    )


async def _be_paused(client: Client, number: int) -> None:
    """Have a loop that somebody has paused after an iteration."""
    del number
    spec = loop_spec(10)
    workspace = Workspace(
        loop_id=spec.id,
        source=spec.source,
        host_queue=host_queue("bench"),
        directory=f"/var/lib/aidp/workspaces/{spec.id}",
        branch=spec.branch,
        base_branch="main",
        base_sha=SHA,
        start_sha=SHA,
    )
    memory = LoopMemory(state=LoopState.NEXT_PATCH, iteration=1, workspace=workspace, config=spec.config, paused=True)
    await client.start_workflow(WorkLoopWorkflow.run, LoopInput(spec, memory), id=spec.id, task_queue=MAIN_QUEUE)


async def _at_rest(client: Client, workflows: int) -> dict[str, int]:
    """Wait until so many workflows are there and write nothing any more; returns how long their histories are."""
    while (await client.count_workflows()).count < workflows:
        await asyncio.sleep(GLANCE_SECONDS)
    names, seen = await _all(client), dict[str, int]()
    while (now := await _lengths(client, names)) != seen:
        seen = now
        await asyncio.sleep(QUIET_SECONDS)
    return now


async def _all(client: Client, query: str = "") -> list[str]:
    return [execution.id async for execution in client.list_workflows(query)]


async def _lengths(client: Client, names: Iterable[str]) -> dict[str, int]:
    lengths = dict[str, int]()

    async def look(name: str) -> None:
        lengths[name] = (await client.get_workflow_handle(name).describe()).history_length

    await rush([look] * AT_ONCE, names)
    return lengths


async def _some(client: Client, kind: str) -> list[str]:
    names = sorted(await _all(client, f"WorkflowType = '{kind}'"))
    return random.Random(1).sample(names, min(LOOKED_AT, len(names)))  # noqa: S311  # the same in every run


async def _growth(client: Client, kind: str, wait: timedelta) -> int:
    """Skip some time for some workflows of a kind, and find the one that wrote most."""
    return max([await _written_in(client, each, wait) for each in await _some(client, kind)])


async def _written_in(client: Client, name: str, wait: timedelta) -> int:
    before = len(await own_events(client, name))
    await pass_time(client, name, wait)
    return len(await own_events(client, name)) - before


async def _due(client: Client, kind: str, wait: timedelta) -> int:
    """Count the timers that ring within some time; what writes nothing and has none, writes nothing until then."""
    return max([await _ringing(client, each, wait) for each in await _some(client, kind)])


async def _ringing(client: Client, name: str, wait: timedelta) -> int:
    running = dict[int, timedelta]()
    for event in await own_events(client, name):
        if event.HasField("timer_started_event_attributes"):
            running[event.event_id] = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        running.pop(event.timer_fired_event_attributes.started_event_id, None)
        running.pop(event.timer_canceled_event_attributes.started_event_id, None)
    return sum(time < wait for time in running.values())
