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

OF_ROUNDS = "median of the rounds' ratios"

Side = Callable[[Iterable[Payload]], Awaitable[Rush]]
Round = tuple[Rush, Rush, Rush]
"""The door's, that of the SDK's client as it comes, that of a client connected like the door's."""


async def measure(client: Client, sizes: Sizes, directory: Path) -> list[Figure]:
    """Measure the door and the bare clients turn by turn, then the door in daily life."""
    as_it_comes = await Client.connect(client.service_client.config.target_host)
    with open_door(client, directory) as opened:
        async with connections(opened, AT_ONCE) as kept:
            sides = (
                partial(_through_the_door, kept),
                partial(_by_the_client, as_it_comes),
                partial(_by_the_client, client),
            )
            rounds = [await _round(sides, number, sizes.door_round) for number in range(sizes.rounds)]
            mixed = await rush([each.post for each in kept], list(islice(_mix(), sizes.door_round * 4)))
    return [*_compared(rounds[1:] or rounds, sizes), *_daily_life(mixed)]


async def _round(sides: Sequence[Side], number: int, size: int) -> Round:
    """Let each side take as many deliveries for items of its own; who is first changes."""
    done = dict[int, Rush]()
    for turn in range(len(sides)):
        side = (number + turn) % len(sides)
        start = 1 + (number * len(sides) + side) * size
        done[side] = await sides[side]([labeled(start + each // OF_ONE_ITEM) for each in range(size)])
    return done[0], done[1], done[2]


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


def _compared(rounds: Sequence[Round], sizes: Sizes) -> list[Figure]:
    how = (
        f"{len(rounds)} rounds of {sizes.door_round} labels by turns, {AT_ONCE} at once; 1 in {OF_ONE_ITEM} a new item"
    )
    door, bare, alike = zip(*rounds, strict=True)
    return [
        Figure(PART, "acknowledged", median(each.rate for each in door), "a second", note=how),
        Figure(PART, "bare client", median(each.rate for each in bare), "a second", note="the same signal-with-start"),
        Figure(PART, "door : bare client", _ratio(door, bare), "times", at_least=GOAL, note=OF_ROUNDS),
        Figure(PART, "door : client like its own", _ratio(door, alike), "times", note="which does not compress either"),
        *_latencies("acknowledged", [seconds for each in door for seconds in each.each]),
        *_latencies("bare client", [seconds for each in bare for seconds in each.each]),
    ]


def _ratio(door: Sequence[Rush], other: Sequence[Rush]) -> float:
    return median(through.rate / direct.rate for through, direct in zip(door, other, strict=True))


def _daily_life(mixed: Rush) -> list[Figure]:
    how = f"{len(mixed.each)} webhooks of 10 to 30 KB, {NOBODY} of {NOBODY + 1} concern nobody"
    return [
        Figure(PART, "daily mix", mixed.rate, "a second", note=how),
        *_latencies("daily mix", mixed.each),
    ]


def _latencies(name: str, seconds: Sequence[float]) -> list[Figure]:
    return [Figure(PART, f"{name}, p{percent}", percentile(seconds, percent) * 1000, "ms") for percent in (50, 99)]
