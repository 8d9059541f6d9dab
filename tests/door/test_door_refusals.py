"""Nothing that GitHub did not send gets further than the door."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
from bad_letters import MEBIBYTE, BadLetter, bad_letters
from door_kit import SECRET, SilentTemporal, door_settings, exchange, labeled, letter, opened, signature, silence

from github_app.app import build
from github_app.webhook import check_signature

UNKNOWN_SHAPES: list[dict[str, Any]] = [
    {},
    labeled(action=1),
    labeled(action="unheard of"),
    labeled(label=None),
    labeled(label=["aidp-build"]),
    labeled(label={"name": "bug"}),
    labeled(label={"name": "x" * 10_000}),
    labeled(label={"name": "aidp-\ud800"}),
    labeled(issue={"number": True, "title": "Say hello"}),
    labeled(issue={"number": "12", "title": "Say hello"}),
    labeled(issue={"number": 12.0, "title": "Say hello"}),
    labeled(issue={"number": -12, "title": "Say hello"}),
    labeled(issue={"number": 0, "title": "Say hello"}),
    labeled(issue={"number": 2**53, "title": "Say hello"}),
    labeled(issue="12"),
    labeled(installation=None),
    labeled(installation={"id": True}),
    labeled(repository=[]),
    labeled(sender={"id": 9, "login": "some[bot]", "type": "Bot"}),
    labeled(sender={"id": 9, "login": None, "type": "User"}),
    labeled(sender=[1]),
    {"a": [{}] * 300_000},
    {"a": {"b": [[[]]]}, "": None, "\u0000": "\u0000"},
]


@dataclass(frozen=True, slots=True)
class Door:
    """A door with nobody behind it."""

    port: int
    temporal: SilentTemporal


@pytest.fixture(scope="module")
async def door() -> AsyncGenerator[Door]:
    """Open a door before a Temporal that never answers."""
    async with silence() as temporal, opened(build(door_settings(), await temporal.client())) as port:
        yield Door(port, temporal)


@pytest.mark.parametrize("bad", bad_letters(), ids=lambda bad: bad[0])
async def test_a_bad_letter_gets_its_status_and_goes_nowhere(door: Door, bad: BadLetter) -> None:
    """Each of these has one right answer, never a 5xx, and Temporal hears of none."""
    _, request, status = bad
    calls = len(door.temporal.calls)
    assert (await exchange(door.port, request)).status == status
    assert len(door.temporal.calls) == calls


async def test_every_refusal_says_why(door: Door) -> None:
    """What comes back is JSON with a sentence for whoever reads GitHub's delivery log."""
    answer = await exchange(door.port, letter(labeled()).having("X-Hub-Signature-256", signature(b"another body")))
    assert json.loads(answer.body) == {
        "error": "The signature does not match. Compare the webhook's secret with the configured one."
    }
    assert answer.header("server") == ""


@pytest.mark.parametrize("shape", UNKNOWN_SHAPES)
async def test_a_shape_nobody_knows_is_nobodys_business(door: Door, shape: dict[str, Any]) -> None:
    """What GitHub did sign is never answered with an error because of its shape."""
    answer = await exchange(door.port, letter(shape))
    assert (answer.status, answer.body) == (204, b"")


async def test_the_largest_body_is_taken_and_one_byte_more_is_not(door: Door) -> None:
    """25 MiB is GitHub's limit and ours, whether the length is declared or counted."""
    largest = b'{"a":"' + b"x" * (25 * MEBIBYTE - 8) + b'"}'
    assert (await exchange(door.port, letter(largest))).status == 204
    for body, status in ((largest, 204), (largest + b" ", 413)):
        chunked = letter(body).lacking("Content-Length").also("Transfer-Encoding", "chunked").raw()
        head, _, _ = chunked.partition(b"\r\n\r\n")
        chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        assert (await exchange(door.port, head + b"\r\n\r\n" + chunk)).status == status


async def test_ping_is_answered_only_when_signed(door: Door) -> None:
    """The App's first delivery shows that the secret is right."""
    answer = await exchange(door.port, letter({"zen": "Keep it logically awesome."}, event="ping"))
    assert (answer.status, json.loads(answer.body)) == (200, {"message": "pong"})


async def test_a_charset_may_be_named(door: Door) -> None:
    """`application/json; charset=utf-8` says no more than `application/json`."""
    for content_type in ("application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'):
        assert (await exchange(door.port, letter({}).having("Content-Type", content_type))).status == 204


def test_githubs_own_example_is_verified() -> None:
    """GitHub's documentation gives a secret, a body and the signature they must have."""
    documented = bytes.fromhex("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
    check_signature(b"Hello, World!", documented, (SECRET.encode(),))


async def test_a_secret_can_be_changed_without_losing_a_letter() -> None:
    """While two are configured both are taken, in any order; afterwards the old one is not."""
    old, new, body = "the old one 0123x", "the new one 4567y", json.dumps({}).encode()
    expected = {(old, new): (204, 204), (new, old): (204, 204), (new,): (401, 204), (old,): (204, 401)}
    async with silence() as temporal:
        for secrets, statuses in expected.items():
            async with opened(build(door_settings(*secrets), await temporal.client())) as port:
                letters = [letter({}).having("X-Hub-Signature-256", signature(body, secret)) for secret in (old, new)]
                answers = await asyncio.gather(*(exchange(port, one) for one in letters))
                assert tuple(answer.status for answer in answers) == statuses
