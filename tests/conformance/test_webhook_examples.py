"""Webhooks that GitHub really sent, and ones that it never would, at the real door before a real Temporal."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

from door_kit import Letter, exchange, letter
from mutations import for_us, mutated

from github_app.events import EVENTS

TIMES = 6
AT_ONCE = 16
Example = tuple[str, dict[str, Any]]


def payloads(examples: list[dict[str, Any]]) -> Iterator[Example]:
    """Name the event of each payload."""
    for entry in examples:
        for payload in entry["examples"]:
            yield entry["name"], payload


async def statuses(door: int, letters: Iterable[Letter]) -> list[int]:
    """Send them, some at a time, and read how each was answered."""
    places = asyncio.Semaphore(AT_ONCE)

    async def send(one: Letter) -> int:
        async with places:
            return (await exchange(door, one)).status

    return await asyncio.gather(*map(send, letters))


async def test_every_example_is_taken(door: int, examples: list[dict[str, Any]]) -> None:
    """Whatever GitHub has ever sent gets a 2xx: at worst it is nobody's business."""
    sent = [letter(payload, event=event, delivery=f"e-{at}") for at, (event, payload) in enumerate(payloads(examples))]
    answers = await statuses(door, sent)
    assert len(answers) > 300
    assert [at for at, status in enumerate(answers) if not 200 <= status < 300] == []


async def test_every_example_that_concerns_us_reaches_temporal(door: int, examples: list[dict[str, Any]]) -> None:
    """Our label on any of GitHub's examples opens a mailbox; the others are taken as well."""
    ours = [(event, for_us(payload)) for event, payload in payloads(examples)]
    answers = await statuses(door, [letter(it, event=name, delivery=f"o-{at}") for at, (name, it) in enumerate(ours)])
    assert {status for status in answers if not 200 <= status < 300} == set()
    labeled = [at for at, (event, it) in enumerate(ours) if (event, it.get("action")) == ("issues", "labeled")]
    assert labeled
    assert {answers[at] for at in labeled} == {202}


async def test_no_example_that_was_tampered_with_breaks_the_door(door: int, examples: list[dict[str, Any]]) -> None:
    """Missing fields and wrong types are never an error of ours, also where we read them."""
    read = [(event, for_us(payload)) for event, payload in payloads(examples) if event in EVENTS]
    all_of_them = [*payloads(examples), *read * TIMES]
    broken = [(event, mutated(payload, f"{event}/{at}")) for at, (event, payload) in enumerate(all_of_them)]
    answers = await statuses(
        door, [letter(it, event=event, delivery=f"m-{at}") for at, (event, it) in enumerate(broken)]
    )
    assert [broken[at] for at, status in enumerate(answers) if not 200 <= status < 500] == []
