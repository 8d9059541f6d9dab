"""What reconciliation looks at, what it remembers from one look to the next, and what it found."""

from dataclasses import dataclass
from enum import StrEnum

from workflows.model.configuration import Labels
from workflows.model.deliveries import Delivery
from workflows.model.items import Actor, Item
from workflows.model.pull_requests import Commit
from workflows.model.repositories import RepositoryAddress


class Standing(StrEnum):
    """What the App may do with a repository now; the value is why work there ended."""

    OPEN = ""
    ARCHIVED = "the repository was archived, which makes it read-only"
    SUSPENDED = "the App's installation was suspended"
    GONE = "the App has no access to the repository any more"
    RENAMED = "the repository has another name now"
    """Asked for by its old one; work goes on there."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """A repository that an installation reaches."""

    address: RepositoryAddress
    node_id: str
    """Its id in GraphQL, which survives renames too."""
    name: str
    """`owner/name`, for people and for REST."""

    def item(self, number: int) -> Item:
        """Name an issue or pull request of it."""
        return Item(self.address.installation_id, self.address.repository_id, number)


@dataclass(frozen=True, slots=True)
class Found:
    """A repository as GitHub has it now."""

    standing: Standing
    repository: Reachable | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class BaseBranch:
    """A branch to which pull requests may aim."""

    address: RepositoryAddress
    branch: str
    sha: str = ""
    """What was pushed to it."""


@dataclass(frozen=True, slots=True)
class Bases:
    """Several such branches of one repository."""

    address: RepositoryAddress
    branches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BaseHead:
    """Where such a branch is now."""

    branch: str
    sha: str
    author: Actor
    """Of its newest commit: who pushed it, a branch does not tell."""


@dataclass(frozen=True, slots=True)
class RedHead:
    """The newest commit of an open pull request of ours, on which checks ended badly."""

    commit: Commit
    failed: int
    """How many."""

    @property
    def name(self) -> str:
        """Name it among all of its repository: while as many have failed, nothing is new."""
        return f"{self.commit.item.number}:{self.commit.sha}:{self.failed}"


@dataclass(frozen=True, slots=True)
class Known:
    """A repository, and how far it was looked at."""

    repository: Reachable
    seen: str = ""
    """When something last happened on its items, by GitHub's clock; empty before the first look."""
    labels: Labels | None = None
    """How it calls its labels; read when an item carries one."""
    used: bool = False
    """Whether anybody has ever asked us for something there."""
    pushed: str = ""
    """When something was last pushed there, by GitHub's clock, as far as it was followed."""
    heads: tuple[BaseHead, ...] = ()
    """Where the branches were then to which our pull requests aim."""
    reds: tuple[str, ...] | None = None
    """By name, the red heads that nobody needs to judge again; `None` before the first look at them."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What GitHub leaves an installation of this hour's calls, of the kind that is scarcer."""

    limit: int = 0
    remaining: int = 0
    reset: str = ""

    @property
    def low(self) -> bool:
        """Whether the rest is better left to running work."""
        return self.remaining * 5 < self.limit


@dataclass(frozen=True, slots=True)
class Busy:
    """An issue or pull request on which something works."""

    repository_id: int
    number: int
    since: str
    """By Temporal's clock."""


@dataclass(frozen=True, slots=True)
class Covered:
    """An installation with its repositories."""

    installation_id: int
    repositories: tuple[Known, ...] = ()
    quota: Quota = Quota()
    busy: tuple[Busy, ...] = ()
    """What works in these repositories; asked anew for each look."""
    flaw: str = ""
    """Why GitHub did not list its repositories: those that are known stand."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An open item that carries a label of ours."""

    item: Item
    label: str


@dataclass(frozen=True, slots=True)
class Look:
    """What one repository shows."""

    known: Known
    labelled: tuple[Labelled, ...] = ()
    commands: tuple[Delivery, ...] = ()
    """What was written since the last look, may hold a command and has none of our eyes, as deliveries."""
    stops: tuple[Delivery, ...] = ()
    """What should have put a stop to running work, as deliveries."""
    flaw: str = ""
    """Why GitHub does not show all of it; what is missing is looked for again."""
    reviews: tuple[Delivery, ...] = ()
    """Reviews of our pull requests that ask for changes since the last look, as deliveries."""
    bases: tuple[str, ...] = ()
    """The branches to which our pull requests aim, where something was pushed since the last look."""
    pushed: str = ""
    """When that was: to be remembered once it was followed."""
    reds: tuple[RedHead, ...] = ()
    """Red heads of our pull requests that were not there at the last look."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What several repositories of an installation show; one that is gone is left out."""

    looks: tuple[Look, ...] = ()
    quota: Quota = Quota()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that no webhook brought, or why nothing was looked for."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Round:
    """A look at an installation, as one history hands it to the next."""

    left: Covered
    """What is to be looked at."""
    looked: tuple[Known, ...] = ()
    findings: tuple[Finding, ...] = ()
    unseen: int = 0
    """How many of those that were looked at could not be, because of trouble that passes."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a run found; the next run begins with what it remembers."""

    installations: tuple[Covered, ...] = ()
    listed_at: str = ""
    """When GitHub was last asked where the App is installed."""
    swept_at: str = ""
    """When the refs that loops leave were last swept."""
    findings: tuple[Finding, ...] = ()
    watches: int = 0
    """How many waits for CI were told to look."""
    woken_at: str = ""
    """When that was."""
    unseen: int = 0
    """How many repositories were not looked at because of trouble that passes."""
