"""GitHub's log of the webhooks it sent, as far as it travels in the history of a sweep."""

from dataclasses import dataclass

from workflows.model.items import Item


@dataclass(frozen=True, slots=True)
class Probe:
    """One of the first webhooks that an outage has kept away, which may be asked for to see whether it is over."""

    id: int
    guid: str
    tries: int
    """How often it was asked for."""
    last: str
    """When GitHub last tried to deliver it."""


@dataclass(frozen=True, slots=True)
class Down:
    """An outage that goes on: as much of it as a sweep needs that reads only what is new."""

    start: str
    read: str
    """How far the log was read."""
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Swept:
    """How far the sweeps have got: what one tells the next."""

    since: str = ""
    """Whatever is older is settled; empty for as far back as the log goes."""
    gone: tuple[str, ...] = ()
    """GUIDs since then that are listed, but not asked for: GitHub can not deliver them, or nobody can take them."""
    down: Down | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A webhook that nobody took."""

    id: int
    guid: str


@dataclass(frozen=True, slots=True)
class Redelivery:
    """Deliver these again, unless somebody has asked for it since the log was read."""

    lost: tuple[Lost, ...]
    read_at: str
    most: int = 0
    """As many are enough, if GitHub agrees; 0 for all."""


@dataclass(frozen=True, slots=True)
class Missed:
    """How many webhooks an item has missed."""

    item: Item
    events: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """An outage that is over, and the deliveries after it that brought something for our mailboxes."""

    start: str
    end: str
    deliveries: tuple[int, ...]
    missed: tuple[Missed, ...] = ()
    """What is known already of whom they were for."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a look at the log says is to be done, and how far one has got when it is done."""

    due: tuple[Lost, ...]
    recovered: tuple[Recovery, ...]
    swept: Swept
    read_at: str
    """By GitHub's clock, which is also that of its log."""
    most: int = 0
    """How many of them are asked for; 0 for all."""
    given_up: tuple[str, ...] = ()
    """GUIDs that are not asked for any more from now on."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the door answers when it passed a webhook on; GitHub's log keeps it, and a sweep reads it there."""

    delivery: str
    items: tuple[Item, ...]
