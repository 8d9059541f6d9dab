"""What the door costs: webhooks that are durably acknowledged, beside the bare client that makes the same calls."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import chain, count, islice
from pathlib import Path
from statistics import median
from uuid import uuid4

from bench_scene import Sizes
from figures import Figure
from open_door import NOBODYS, Connection, Letter, connections, letter, open_door
from payloads import Payload, labeled, nobody_cares
from rush import Rush, percentile, rush
from temporalio.client import Client

from github_app.events import DoorPolicy, Hint, translate
from workflows.ports import MAIN_QUEUE

PART = "door"
GOAL = 0.85
AT_ONCE = 16
OF_ONE_ITEM = 10
"""Deliveries: one in ten starts a mailbox, the others signal it."""
NOBODY = 9
"""Of ten deliveries in the mix."""

Side = Callable[[Iterable[Payload]], Awaitable[Rush]]


async def measure(client: Client, sizes: Sizes, directory: Path) -> list[Figure]:
    """Measure the door and the bare client turn by turn, then the door in daily life."""
    with open_door(client, directory) as opened:
        async with connections(opened, AT_ONCE) as kept:
            sides: tuple[Side, Side] = (partial(_through_the_door, kept), partial(_by_the_client, client))
            rounds = [await _round(sides, number, sizes.door_round) for number in range(sizes.rounds)]
            mixed = await rush([each.post for each in kept], list(islice(_mix(), sizes.door_round * 5)))
    return [*_compared(rounds[1:] or rounds, sizes), *_daily_life(mixed)]


async def _round(sides: tuple[Side, Side], number: int, size: int) -> tuple[Rush, Rush]:
    """Let each side take as many deliveries for items of its own; who is first alternates."""
    first = 1 + number * 2 * size
    works = ([labeled(start + each // OF_ONE_ITEM) for each in range(size)] for start in (first, first + size))
    turns = list(zip(sides, works, strict=True))
    done = {side: await side(work) for side, work in (turns if number % 2 else turns[::-1])}
    return done[sides[0]], done[sides[1]]


async def _through_the_door(kept: Sequence[Connection], work: Iterable[Payload]) -> Rush:
    return await rush([each.post for each in kept], [letter("issues", payload) for payload in work])


async def _by_the_client(client: Client, work: Iterable[Payload]) -> Rush:
    policy = DoorPolicy()
    hints = chain.from_iterable(translate("issues", str(uuid4()), payload, policy) for payload in work)
    return await rush([partial(_signal_with_start, client)] * AT_ONCE, list(hints))


async def _signal_with_start(client: Client, hint: Hint) -> None:
    if not hint.start:
        raise RuntimeError("a label starts work")
    await client.start_workflow(
        hint.start.workflow,
        hint.start.argument,
        id=hint.workflow_id,
        task_queue=MAIN_QUEUE,
        start_signal=hint.signal,
        start_signal_args=[hint.argument],
        static_summary=hint.start.summary,
    )


def _mix() -> Iterable[Letter]:
    """Write the letters of daily life: nine of ten are nobody's."""
    others = nobody_cares()
    for number in count():
        event, payload = others[number % NOBODY]
        turn = number % (NOBODY + 1)
        yield letter(event, payload, NOBODYS) if turn else letter("issues", labeled(1_000_000 + number // 100))


def _compared(rounds: Sequence[tuple[Rush, Rush]], sizes: Sizes) -> list[Figure]:
    how = (
        f"{len(rounds)} rounds of {sizes.door_round} labels by turns, {AT_ONCE} at once; 1 in {OF_ONE_ITEM} a new item"
    )
    door, bare = ([pair[side] for pair in rounds] for side in (0, 1))
    ratio = median(through.rate / direct.rate for through, direct in rounds)
    return [
        Figure(PART, "acknowledged", median(each.rate for each in door), "a second", note=how),
        Figure(PART, "bare client", median(each.rate for each in bare), "a second", note="the same signal-with-start"),
        Figure(PART, "door : bare client", ratio, "times", at_least=GOAL, note="median of the rounds' ratios"),
        *_latencies("acknowledged", [seconds for each in door for seconds in each.each]),
        *_latencies("bare client", [seconds for each in bare for seconds in each.each]),
    ]


def _daily_life(mixed: Rush) -> list[Figure]:
    how = f"{len(mixed.each)} webhooks of 10 to 30 KB, {NOBODY} of {NOBODY + 1} concern nobody"
    return [
        Figure(PART, "daily mix", mixed.rate, "a second", note=how),
        *_latencies("daily mix", mixed.each),
    ]


def _latencies(name: str, seconds: Sequence[float]) -> list[Figure]:
    return [Figure(PART, f"{name}, p{percent}", percentile(seconds, percent) * 1000, "ms") for percent in (50, 99)]
