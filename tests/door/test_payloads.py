"""Deliveries are written and read back as the SDK itself would have done."""

from hypothesis import given
from hypothesis import strategies as st
from temporalio.converter import DataConverter

from github_app.payloads import CONVERTER
from workflows.item_mailbox import MailboxState
from workflows.model import Actor, Delivery, EventKind, Item

USUAL, OURS = DataConverter.default.payload_converter, CONVERTER.payload_converter


@given(st.from_type(Delivery))
def test_a_delivery_is_read_as_the_sdk_reads_it(delivery: Delivery) -> None:
    """Whatever it has: a comment, an order with a whole configuration, any text."""
    written = USUAL.to_payloads([delivery])
    assert OURS.to_payloads([delivery]) == written
    assert repr(OURS.from_payloads(written, [Delivery])) == repr(USUAL.from_payloads(written, [Delivery]))  # NaN too


@given(st.lists(st.from_type(Delivery), max_size=3))
def test_a_mailbox_finds_what_it_has_carried_over(inbox: list[Delivery]) -> None:
    """Deliveries within something else are read in the same way."""
    state = MailboxState(Item(7, 42, 1), inbox=tuple(inbox))
    written = OURS.to_payloads([state])
    assert written == USUAL.to_payloads([state])
    assert repr(OURS.from_payloads(written, [MailboxState])) == repr(USUAL.from_payloads(written, [MailboxState]))


def test_half_a_character_is_kept() -> None:
    """JSON can express it, and so a name in GitHub may have it."""
    delivery = Delivery("1", EventKind.LABELED, Item(7, 42, 1), Actor(1, "ada"), label="\ud83d")
    assert OURS.from_payloads(OURS.to_payloads([delivery]), [Delivery]) == [delivery]


def test_what_a_newer_version_has_added_is_left_out() -> None:
    """A worker of yesterday reads what a door of today has written."""
    (payload,) = USUAL.to_payloads([{"id": "1", "kind": "labeled", "item": {"installation_id": 7, "repository_id": 42,
        "number": 1, "new": 1}, "sender": {"id": 1, "login": "ada"}, "new": {"a": []}}])  # fmt: skip
    read = OURS.from_payloads([payload], [Delivery])
    assert read == USUAL.from_payloads([payload], [Delivery])
