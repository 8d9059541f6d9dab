"""The mailbox of an item, as those who receive its deliveries see it."""

from typing import Protocol

from workflows.commands.command import Desk
from workflows.model import Delivery, Item, Work


class Mailbox(Desk, Protocol):
    """What a reception may do."""

    rounds: int
    """Reviews in a row that were worked off without anybody asking for it here."""
    told_draft: bool
    """Whether the status says that a person made a draft of it."""

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

    async def pass_on(self, delivery: Delivery) -> bool:
        """Tell the running work what happened; false when nothing is there to hear it."""
        ...

    def forget_orders(self, kind: Work | None = None) -> None:
        """Do nothing of what waits, or nothing that a label of this kind has asked for."""
        ...
