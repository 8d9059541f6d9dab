"""What reconciliation asks of GitHub, and of Temporal about our own workflows."""

from typing import Protocol

from temporalio import activity
from temporalio.workflow import ActivityConfig

from workflows import patience, ports
from workflows.model import Delivery, Failure, Item
from workflows.model.reconciling import BaseBranch, BaseHead, Bases, Busy, Covered, Found, Labelled, Looks
from workflows.model.repositories import RedCheck, RepositoryAddress, RepositoryChange


class Repositories(Protocol):
    """Whole repositories on GitHub."""

    @activity.defn
    async def list_installations(self) -> tuple[Covered, ...]:
        """List where the App is installed, with the repositories it reaches and may change there."""
        ...

    @activity.defn
    async def read_standing(self, address: RepositoryAddress, /) -> Found:
        """Read whether the App may work in a repository, now."""
        ...

    @activity.defn
    async def find_repository(self, name: str, /) -> Found:
        """Find a repository by `owner/name`."""
        ...

    @activity.defn
    async def list_our_pulls(self, base: BaseBranch, /) -> tuple[Item, ...]:
        """List our open pull requests that aim at a branch and lack what was pushed to it, if that is its newest."""
        ...

    @activity.defn
    async def read_heads(self, bases: Bases, /) -> tuple[BaseHead, ...]:
        """Read where branches are now; one that is gone is left out."""
        ...

    @activity.defn
    async def list_pulls_at(self, red: RedCheck, /) -> tuple[Item, ...]:
        """List our open pull requests that have a commit as their head."""
        ...

    @activity.defn
    async def look(self, covered: Covered, /) -> Looks:
        """Look at what several repositories show, and at what is new there; one query if nothing is."""
        ...

    @activity.defn
    async def read_label_event(self, labelled: Labelled, /) -> Delivery | None:
        """Read who put a label on last, as a delivery; `None` where nobody did who may start work."""
        ...


class Running(Protocol):
    """Our own workflows, as Temporal knows them."""

    @activity.defn
    async def find_working(self, address: RepositoryAddress, /) -> tuple[Item, ...]:
        """List the items of a repository on which something works."""
        ...

    @activity.defn
    async def find_idle(self, items: tuple[Item, ...], /) -> tuple[Item, ...]:
        """Pick the items on which nothing works."""
        ...

    @activity.defn
    async def find_loops(self) -> tuple[str, ...]:
        """List the ids of everything that has a workspace."""
        ...

    @activity.defn
    async def list_busy(self) -> tuple[Busy, ...]:
        """List all items on which something works."""
        ...

    @activity.defn
    async def wake_watches(self, before: str, /) -> int:
        """Have those look who wait for CI and whose turn has come since a time: the longer they wait, the rarer."""
        ...

    @activity.defn
    async def is_told(self, delivery: Delivery, /) -> bool:
        """Ask a mailbox whether it has been told of something already."""
        ...

    @activity.defn
    async def tell_repository(self, change: RepositoryChange, /) -> None:
        """Tell whoever looks after a repository that something may have become of it."""
        ...

    @activity.defn
    async def adopt_orphans(self) -> tuple[Item, ...]:
        """Give a mailbox to work whose mailbox was ended from outside, and return its items."""
        ...


_FINAL = [*ports.NEVER_RETRIED, Failure.RATE_LIMITED]
"""Where nobody is to wait: a limit may last for an hour."""
_BRIEFLY = ActivityConfig(retry_policy=patience.LOOK_RETRY.policy(_FINAL))

CALL = ports.API
"""Waits GitHub's trouble out."""
ASK = CALL | _BRIEFLY
"""Gives up soon, so that the trouble of one repository or installation is no other's."""
LOOK = CALL | ActivityConfig(
    start_to_close_timeout=patience.LOOK.time,
    heartbeat_timeout=patience.LOOK_PART.time,
)
ASK_ALL = LOOK | _BRIEFLY
LIST = LOOK | ActivityConfig(retry_policy=patience.LISTING_RETRY.policy(_FINAL))
