"""What happens to whole repositories, as their workflows get it from the door."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workflows.model.items import Actor
from workflows.model.progress import Outcome
from workflows.model.work import Source

SOON = timedelta(days=1)
"""Work that ended so lately goes on when the repository is back; later somebody has to want it anew."""


class Change(StrEnum):
    """What became of a repository, or of the App on it; GitHub's own words where it has one."""

    ADDED = "added"
    """The App can reach it: a new installation, or one that was extended to it."""
    REMOVED = "removed"
    """The App can reach it no more: uninstalled, or the repository taken out of the installation."""
    SUSPENDED = "suspended"
    UNSUSPENDED = "unsuspended"
    PERMISSIONS = "permissions"
    """An owner accepted new permissions of the App."""
    RENAMED = "renamed"
    TRANSFERRED = "transferred"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    PUBLICIZED = "publicized"
    PRIVATIZED = "privatized"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class RepositoryAddress:
    """A repository as one installation of the App reaches it."""

    installation_id: int
    repository_id: int

    @property
    def workflow_id(self) -> str:
        """Workflow id of whoever looks after it."""
        return f"repo:{self.repository_id}"

    @property
    def source(self) -> Source:
        """Where the code is."""
        return Source(self.installation_id, self.repository_id)


@dataclass(frozen=True, slots=True)
class RepositoryChange:
    """Something happened to a repository."""

    id: str
    """`X-GitHub-Delivery`: a redelivery has the same one."""
    kind: Change
    address: RepositoryAddress
    sender: Actor


@dataclass(frozen=True, slots=True)
class BasePush:
    """A branch has a new newest commit; pull requests may aim at it."""

    id: str
    """`X-GitHub-Delivery`."""
    branch: str
    sha: str
    address: RepositoryAddress
    sender: Actor


@dataclass(frozen=True, slots=True)
class RedCheck:
    """A check of a commit on a branch of ours ended badly; pull requests may have the commit as their head."""

    id: str
    """`X-GitHub-Delivery`."""
    sha: str
    address: RepositoryAddress
    sender: Actor


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Work that ended while nothing could be done here, and could not say so on GitHub."""

    number: int
    reason: str
    at: str = ""
    """When that was."""
    outcome: Outcome | None = None
    """How it ended by itself; `None` if it was ended for this reason."""

    def is_fresh(self, now: datetime) -> bool:
        """Whether whoever asked for it still waits for it."""
        return bool(self.at) and now - datetime.fromisoformat(self.at) < SOON
