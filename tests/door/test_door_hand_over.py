"""What GitHub signed reaches its mailbox in Temporal, or GitHub is told that it did not."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from door_kit import door_settings, exchange, labeled, letter, opened, silence
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from github_app.app import build
from github_app.webhook import Limits
from workflows.model import Actor, Delivery, EventKind, Item

NUMBERS = itertools.count(1000)  # an item for each story


@pytest.fixture(scope="module")
async def door(temporal: Client) -> AsyncGenerator[int]:
    """Open a door before the dev server."""
    async with opened(build(door_settings(), temporal)) as port:
        yield port


def mailbox(number: int) -> str:
    """Spell the workflow id out, as a promise of its own."""
    return f"item:42#{number}"


async def received(temporal: Client, number: int) -> list[Delivery]:
    """Read what a mailbox was given from its history; no worker is needed for that."""
    signals: list[Delivery] = []
    async for event in temporal.get_workflow_handle(mailbox(number)).fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            attributes = event.workflow_execution_signaled_event_attributes
            assert attributes.signal_name == "deliver"
            signals += await temporal.data_converter.decode(attributes.input.payloads, [Delivery])
    return signals


async def test_a_label_opens_the_mailbox(door: int, temporal: Client) -> None:
    """One signal-with-start brings the hint; the answer names delivery and item; people see which item it is."""
    number = next(NUMBERS)
    payload = labeled(issue={"number": number, "title": "Say *hello*\nto [all](https://example.com)"})
    answer = await exchange(door, letter(payload, delivery="d-1"))
    items = [{"installation_id": 7, "repository_id": 42, "number": number}]
    assert (answer.status, json.loads(answer.body)) == (202, {"delivery": "d-1", "items": items})
    assert await received(temporal, number) == [
        Delivery("d-1", EventKind.LABELED, Item(7, 42, number), Actor(1, "octocat"), "aidp-build")
    ]
    description = await temporal.get_workflow_handle(mailbox(number)).describe()
    assert (description.workflow_type, description.task_queue) == ("WorkItemWorkflow", "aidp")
    assert await description.static_summary() == (rf"octo/hello#{number} Say \*hello\* to \[all\](https://example.com)")


async def test_the_same_delivery_ten_times_is_ten_times_acknowledged(door: int, temporal: Client) -> None:
    """The door keeps nothing: each copy goes to the one mailbox, under the id by which that knows it again."""
    number = next(NUMBERS)
    copies = [letter(labeled(number), delivery="again")] * 10
    answers = await asyncio.gather(*(exchange(door, copy) for copy in copies))
    assert [answer.status for answer in answers] == [202] * 10
    assert [delivery.id for delivery in await received(temporal, number)] == ["again"] * 10


async def test_what_concerns_running_work_reaches_only_an_open_mailbox(door: int, temporal: Client) -> None:
    """Nobody cares that an issue was closed on which nothing ever ran, or nothing runs any more."""
    number = next(NUMBERS)
    closed, unlabeled = letter(labeled(number, action="closed")), letter(labeled(number, action="unlabeled"))
    assert (await exchange(door, closed)).status == 204
    assert (await exchange(door, letter(labeled(number)))).status == 202
    assert [(await exchange(door, one)).status for one in (unlabeled, closed)] == [202, 202]
    kinds = [delivery.kind for delivery in await received(temporal, number)]
    assert kinds == [EventKind.LABELED, EventKind.UNLABELED, EventKind.CLOSED]
    await temporal.get_workflow_handle(mailbox(number)).terminate()
    assert (await exchange(door, closed)).status == 204


async def test_a_mailbox_that_was_closed_opens_again(door: int, temporal: Client) -> None:
    """A second label, long after the first work ended, starts afresh under the same id."""
    number = next(NUMBERS)
    assert (await exchange(door, letter(labeled(number), delivery="first"))).status == 202
    await temporal.get_workflow_handle(mailbox(number)).terminate()
    assert (await exchange(door, letter(labeled(number), delivery="second"))).status == 202
    assert [delivery.id for delivery in await received(temporal, number)] == ["second"]


async def test_the_door_is_ready_when_temporal_is(door: int) -> None:
    """`/readyz` asks Temporal, `/healthz` does not."""
    for path in (b"/healthz", b"/readyz"):
        assert (await exchange(door, b"GET " + path + b" HTTP/1.0\r\n\r\n")).status == 200


async def absent() -> Client:
    """Make a client of a Temporal that is not running."""
    return await Client.connect("127.0.0.1:1", lazy=True)


async def without_our_namespace(temporal: Client) -> Client:
    """Make a client of a Temporal that does not know our namespace, as an overloaded one may say."""
    return await Client.connect(temporal.service_client.config.target_host, namespace="nowhere", lazy=True)


@pytest.mark.parametrize("payload", [labeled(), labeled(action="closed")], ids=["start", "signal"])
async def test_what_temporal_does_not_take_is_not_acknowledged(temporal: Client, payload: dict[str, Any]) -> None:
    """Absent, silent or without our namespace: GitHub gets a 503 in time, and will be asked to deliver again."""
    limits = Limits(temporal_seconds=0.4)
    async with silence() as silent:
        for client in (await absent(), await silent.client(), await without_our_namespace(temporal)):
            async with opened(build(door_settings(), client, limits)) as port:
                started = time.monotonic()
                answer = await exchange(port, letter(payload))
                assert (answer.status, answer.header("retry-after")) == (503, "30")
                assert (await exchange(port, b"GET /readyz HTTP/1.0\r\n\r\n")).status == 503
                assert (await exchange(port, b"GET /healthz HTTP/1.0\r\n\r\n")).status == 200
                assert time.monotonic() - started < 2
