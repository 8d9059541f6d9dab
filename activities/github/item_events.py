"""What GitHub's history of an item tells: who put a label on last, and whether somebody has put a stop to the work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.github.answers import Label, User
from activities.github.authors import actor_of
from workflows.model import Delivery, EventKind, Item

PERSON = "User"
STATES = frozenset({"closed", "reopened"})
LABELINGS = frozenset({"labeled", "unlabeled"})
"""Events that take each other back."""


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """Something in the history of an item."""

    id: int
    event: str
    actor: User | None = None
    label: Label | None = None
    created_at: datetime | None = None

    @property
    def is_by_person(self) -> bool:
        """Whether a person did it."""
        return self.actor is not None and self.actor.type == PERSON

    @property
    def label_name(self) -> str:
        """The label that was put on or taken off, as GitHub compares labels."""
        return self.label.name.casefold() if self.label else ""


def put_on(item: Item, events: Sequence[EventAnswer], label: str) -> Delivery | None:
    """Tell who put a label on last, as a delivery; `None` where no person did."""
    name = label.casefold()
    last = next((it for it in reversed(events) if it.event == "labeled" and it.label_name == name), None)
    if not last or not last.is_by_person:
        return None
    return Delivery(f"label:{last.id}", EventKind.LABELED, item, actor_of(last.actor), label=label)


def stopped(item: Item, events: Iterable[EventAnswer], begun: datetime) -> tuple[Delivery, ...]:
    """Tell what has put a stop to work that began at a time: the item was closed, or a label taken off by a person."""
    last = {it.label_name: it for it in events if it.event in STATES | LABELINGS}
    second = begun.replace(microsecond=0)  # GitHub's times have no fractions
    return tuple(_stop(item, it) for it in last.values() if _stops(it, second))


def _stops(event: EventAnswer, begun: datetime) -> bool:
    """Whether an event ends work; a label that was taken off before it began was about other work."""
    if event.event == "unlabeled":
        return event.is_by_person and event.created_at is not None and event.created_at >= begun
    return event.event == "closed"


def _stop(item: Item, event: EventAnswer) -> Delivery:
    kind = EventKind.UNLABELED if event.label else EventKind.CLOSED
    label = event.label.name if event.label else ""
    return Delivery(f"{event.event}:{event.id}", kind, item, actor_of(event.actor), label=label)
