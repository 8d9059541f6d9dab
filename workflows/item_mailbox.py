"""The mailbox of an item as others see it: those who receive its deliveries, and its next history."""

from dataclasses import dataclass, field
from typing import Protocol

from workflows.commands.command import Desk
from workflows.model import CiLineage, Delivery, Item, WorkOrder
from workflows.model.repositories import Interrupted
from workflows.orders import Orders
from workflows.undone import Undone


class Mailbox(Desk, Protocol):
    """What a reception may do."""

    rounds: int
    """Reviews in a row that were worked off without anybody asking for it here."""
    told_draft: bool
    """Whether the status says that a person made a draft of it."""
    ci: CiLineage
    """What was done about its CI since a person last had a hand in it."""
    orders: Orders
    """Work that was accepted and comes later."""
    interrupted: Interrupted | None
    """Work that ended while nothing could be done here, until it is closed or begun again."""

    @property
    def item(self) -> Item:
        """Whose mailbox it is."""
        ...

    @property
    def listening_to_answers(self) -> bool:
        """Whether the running work waits for what people write."""
        ...

    def is_new(self, name: str) -> bool:
        """Remember what has happened by one more name; false if it is known by that already."""
        ...

    def expects(self, delivery_id: str) -> bool:
        """Whether a delivery of this id is here and comes later."""
        ...

    async def pass_on(self, delivery: Delivery) -> bool:
        """Tell the running work what happened; false when nothing is there to hear it."""
        ...

    def take_again(self, delivery: Delivery) -> None:
        """Take it once more next, as soon as it is known how the work has ended that was not there to hear it."""
        ...

    def put_off(self, delivery: Delivery) -> None:
        """Take it once more when the running work has ended; of several the last one."""
        ...


@dataclass(frozen=True, slots=True)
class MailboxState:
    """A mailbox as it is handed to its next history."""

    item: Item
    seen: tuple[str, ...] = ()
    inbox: tuple[Delivery, ...] = ()
    processor: str = ""
    """Workflow id of the running processor."""
    running: WorkOrder | None = None
    orders: tuple[WorkOrder, ...] = ()
    """Accepted work that waits for the item to be free."""
    last: WorkOrder | None = None
    past: tuple[str, ...] = ()
    listening: bool = False
    """Whether the processor wants to hear what people write without a command."""
    rounds: int = 0
    """Reviews in a row that were worked off without anybody asking for it here."""
    told_draft: bool = False
    """Whether the status says that a person made a draft of it."""
    ci: CiLineage = field(default_factory=CiLineage)
    """What was done about its CI since a person last had a hand in it."""
    put_off: Delivery | None = None
    """To be taken once more when the running work has ended."""
    base: str = ""
    """The newest commit of its base that was told of."""
    undone: Undone = field(default_factory=Undone)
    """What could neither be done nor said, and is tried again."""
    interrupted: Interrupted | None = None
    """Work that ended while nothing could be done here, until it is closed or begun again."""
    held: bool = False
    """Whether the orders wait for the App to be let in again."""
