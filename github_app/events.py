"""GitHub's events, reduced to hints: one pure function per event, and the table that lists them.

A payload is somebody's word. What is read here says only which item may want attention and why; whoever acts on it asks
GitHub first. Nothing here raises, whatever the payload looks like: a shape we do not know is nobody's business.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from workflows.model import Actor, Delivery, EventKind, Item

LARGEST_ID = 2**53 - 1  # JSON numbers are exact up to here, in every language that may read them
TEXT_LENGTH = 256
SUMMARY_LENGTH = 200
MARKDOWN = re.compile(r"[\\`*_\[\]<>|~!#]")
FULL_NAME = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DoorPolicy:
    """What the operator decided about who and what is heard."""

    label_prefix: str = "aidp-"
    trusted_bots: frozenset[int] = frozenset()
    """User ids of bots that are heard like people."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A delivery for an item's mailbox."""

    delivery: Delivery
    starts_work: bool
    """Whether it opens a mailbox where there is none."""
    summary: str
    """The item in one line of Markdown, for people who look at Temporal."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A payload, with total readers: each returns what it promises or `None`."""

    delivery_id: str
    payload: Payload
    policy: DoorPolicy

    def text(self, *path: str) -> str | None:
        """Read a string of sensible length that any UTF-8 reader can take."""
        value = _at(self.payload, path)
        if not isinstance(value, str) or len(value) > TEXT_LENGTH or _has_surrogates(value):
            return None
        return value

    def number(self, *path: str) -> int | None:
        """Read an id or number of GitHub's: a positive integer; `true` is none."""
        value = _at(self.payload, path)
        return value if type(value) is int and 0 < value <= LARGEST_ID else None

    def item(self, noun: str) -> Item | None:
        """Read the address of the issue or pull request under `noun`."""
        installation = self.number("installation", "id")
        repository = self.number("repository", "id")
        number = self.number(noun, "number")
        if installation is None or repository is None or number is None:
            return None
        return Item(installation, repository, number)

    def sender(self) -> Actor | None:
        """Read who did it, whoever that is."""
        identity, login = self.number("sender", "id"), self.text("sender", "login")
        return None if identity is None or login is None else Actor(identity, login)

    def trusted_sender(self) -> Actor | None:
        """Read who did it: a person or a bot that the operator trusts."""
        sender = self.sender()
        if sender and (self.text("sender", "type") == "User" or sender.id in self.policy.trusted_bots):
            return sender
        return None

    def our_label(self) -> str | None:
        """Read the label, if it carries the operator's prefix; GitHub's labels ignore case."""
        label = self.text("label", "name")
        if label is None or not label.casefold().startswith(self.policy.label_prefix.casefold()):
            return None
        return label

    def summary(self, noun: str) -> str:
        """Name the item for people: `owner/repo#12 title`."""
        name = self.text("repository", "full_name") or ""
        place = name if FULL_NAME.fullmatch(name) else ""
        title = _one_line(self.text(noun, "title") or "")
        return f"{place}#{self.number(noun, 'number')} {title}".rstrip()[:SUMMARY_LENGTH]


def translate(event: str, delivery_id: str, payload: Payload, policy: DoorPolicy) -> Hint | None:
    """Say what a webhook may mean to us; `None` when it means nothing."""
    reader = EVENTS.get(event)
    return reader(Notice(delivery_id, payload, policy)) if reader else None


def issues(notice: Notice) -> Hint | None:
    """Read `issues`: our labels start and stop work, and a closed issue ends it."""
    match notice.text("action"):
        case "labeled":
            return _about_label(notice, EventKind.LABELED)
        case "unlabeled":
            return _about_label(notice, EventKind.UNLABELED)
        case "closed" | "deleted" | "transferred":
            return _hint(notice, EventKind.CLOSED, notice.sender())  # a bot's closing ends work as well
        case _:
            return None


EVENTS: Mapping[str, Callable[[Notice], Hint | None]] = MappingProxyType({"issues": issues})
"""Every event the App subscribes to; `ping`, which concerns the App alone, is answered at the door."""


def _about_label(notice: Notice, kind: EventKind) -> Hint | None:
    label = notice.our_label()
    return _hint(notice, kind, notice.trusted_sender(), label) if label else None


def _hint(notice: Notice, kind: EventKind, sender: Actor | None, label: str = "") -> Hint | None:
    item = notice.item("issue")
    if item is None or sender is None:
        return None
    delivery = Delivery(notice.delivery_id, kind, item, sender, label)
    return Hint(delivery, starts_work=kind is EventKind.LABELED, summary=notice.summary("issue"))


def _at(payload: Payload, path: tuple[str, ...]) -> object:
    value: object = payload
    for key in path:
        value = cast("Payload", value).get(key) if isinstance(value, dict) else None
    return value


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _one_line(text: str) -> str:
    """Make a stranger's text one line of plain Markdown; marks that turn the writing direction go too."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    return MARKDOWN.sub(r"\\\g<0>", " ".join(visible.split()))
