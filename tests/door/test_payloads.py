"""What comes in masses is written and read back as the SDK itself would have done; what is large is packed."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.converter import DataConverter

from github_app.payloads import CONVERTER
from workflows.item_mailbox import MailboxState
from workflows.model import Actor, Delivery, EventKind, Item, Labels
from workflows.model.reconciling import BaseHead, Covered, Known, Looks, Reachable, Reconciled, Round
from workflows.model.repositories import RepositoryAddress

MANY = 5000

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


@given(st.from_type(Reconciled) | st.from_type(Round) | st.from_type(Covered) | st.from_type(Looks))
def test_what_reconciliation_knows_is_written_as_the_sdk_writes_it(known: Reconciled | Round | Covered | Looks) -> None:
    """While it is not large, older versions and people can read it."""
    written = USUAL.to_payloads([known])
    assert OURS.to_payloads([known]) == written
    assert OURS.from_payloads(written, [type(known)]) == USUAL.from_payloads(written, [type(known)])


def remembered(covered: Covered) -> Reconciled:
    """Remember it for the next run."""
    return Reconciled((covered,))


def listed(covered: Covered) -> tuple[Covered, ...]:
    """List it."""
    return (covered,)


@pytest.mark.parametrize(
    ("value", "hint"),
    [(remembered, Reconciled), (Round, Round), (listed, tuple[Covered, ...])],
)
def test_thousands_of_repositories_are_packed(value: Callable[[Covered], object], hint: type) -> None:
    """Temporal takes no value of more than 2 MiB, which they would be."""
    large = value(Covered(7, tuple(map(known, range(MANY)))))
    [payload], [usual] = OURS.to_payloads([large]), USUAL.to_payloads([large])
    assert len(payload.data) < 2**20 < 2**21 < len(usual.data)
    assert OURS.from_payloads([payload], [hint]) == [large]


def known(number: int) -> Known:
    """Know a repository in which something was done."""
    sha = sha256(str(number).encode()).hexdigest()[:40]
    reachable = Reachable(RepositoryAddress(7, number), f"R_{sha[:8]}", f"octo-org/repository-{number}")
    head, red = BaseHead("main", sha, Actor(1, "ada")), f"{number}:{sha}:1"
    return Known(reachable, f"2026-03-01T12:{number % 60:02}:00+00:00", Labels(), used=True, heads=(head,), reds=(red,))
