"""What an item is to have done as soon as it is free, in the order in which it was asked for."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from workflows.model import Work, WorkOrder


class Orders:
    """Accepted work that waits: behind other work, or for the App to be let in again."""

    def __init__(self, waiting: Iterable[WorkOrder], *, held: bool) -> None:
        self._waiting = deque(waiting)
        self._held = held

    @property
    def held(self) -> bool:
        """Whether nothing begins, because nothing can be done here now."""
        return self._held

    @property
    def waiting(self) -> tuple[WorkOrder, ...]:
        """All of it, the next first."""
        return tuple(self._waiting)

    @property
    def may_begin(self) -> bool:
        """Whether there is something to begin with."""
        return bool(self._waiting) and not self._held

    def add(self, order: WorkOrder) -> None:
        """Do this last."""
        self._waiting.append(order)

    def put_back(self, order: WorkOrder) -> None:
        """Do this first."""
        self._waiting.appendleft(order)

    def put_first(self, order: WorkOrder) -> None:
        """Do this first, and once: instead of all that ask for the same."""
        self._waiting = deque((order, *(it for it in self._waiting if not asks_the_same(order, it))))

    def take(self) -> WorkOrder:
        """Take the next; raises `IndexError` where nothing waits."""
        return self._waiting.popleft()

    def has_one_like(self, order: WorkOrder) -> bool:
        """Whether the same is to be done already."""
        return any(asks_the_same(order, waiting) for waiting in self._waiting)

    def forget(self, kind: Work | None = None) -> None:
        """Do nothing of it, or nothing that a label of this kind has asked for."""
        self._waiting = deque(it for it in self._waiting if kind and (it.comment or it.kind is not kind))

    def hold(self) -> None:
        """Begin nothing until we are let in; what is wanted then is another question."""
        self._waiting = deque(replace(it, in_doubt=True) for it in self._waiting)
        self._held = True

    def release(self) -> None:
        """Begin again: we are let in."""
        self._held = False


def asks_the_same(order: WorkOrder, other: WorkOrder) -> bool:
    """Whether one of these does what the other asks for, too."""
    return (order.kind, order.hint, order.units) == (other.kind, other.hint, other.units)
