"""What GitHub's history of an item tells: who put a label on last, and whether somebody has put a stop to the work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.github.answers import Label, User
from activities.github.authors import Trust, actor_of
from workflows.model import Delivery, EventKind, Item

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
    def label_name(self) -> str:
        """The label that was put on or taken off, as GitHub compares labels."""
        return self.label.name.casefold() if self.label else ""


@dataclass(frozen=True, slots=True)
class History:
    """All that has happened to an item, and whose doings with labels count."""

    item: Item
    events: Sequence[EventAnswer]
    trust: Trust

    def put_on(self, label: str) -> Delivery | None:
        """Tell who put a label on last, as a delivery; `None` where it was nobody who is heard."""
        name = label.casefold()
        last = next((it for it in reversed(self.events) if it.event == "labeled" and it.label_name == name), None)
        if not last or not self.trust.hears(last.actor):
            return None
        return Delivery(f"label:{last.id}", EventKind.LABELED, self.item, actor_of(last.actor), label=label)

    def stops(self, begun: datetime) -> tuple[Delivery, ...]:
        """Tell what has put a stop to work that began at a time: the item was closed, or a label was taken off."""
        last = {it.label_name: it for it in self.events if it.event in STATES | LABELINGS}
        second = begun.replace(microsecond=0)  # GitHub's times have no fractions
        return tuple(self._stop(it) for it in last.values() if self._stops(it, second))

    def _stops(self, event: EventAnswer, begun: datetime) -> bool:
        """Whether an event ends work; a label that was taken off before it began was about other work."""
        if event.event == "unlabeled":
            return self.trust.hears(event.actor) and event.created_at is not None and event.created_at >= begun
        return event.event == "closed"

    def _stop(self, event: EventAnswer) -> Delivery:
        kind = EventKind.UNLABELED if event.label else EventKind.CLOSED
        label = event.label.name if event.label else ""
        return Delivery(f"{event.event}:{event.id}", kind, self.item, actor_of(event.actor), label=label)
