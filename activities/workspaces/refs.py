"""The refs of a loop: what they are called, and what the remote has under these names."""

from dataclasses import dataclass

CHECKPOINTS = "refs/aidp/"
"""Where the remote keeps the checkpoints of all loops."""


@dataclass(frozen=True, slots=True)
class Refs:
    """The refs of one loop, at the remote and in the mirror."""

    slug: str
    branch: str
    start_branch: str = ""
    """Where the work begins instead of the default branch."""
    pull: int = 0
    """The pull request whose head the work begins at."""
    start_branches: tuple[str, ...] = ()
    """Several branches the work begins on, merged."""

    @property
    def local(self) -> str:
        """What begins all refs of this loop in the mirror."""
        return f"refs/loops/{self.slug}/"

    @property
    def remote_start(self) -> str:
        """The branch the work builds on; empty for the default one."""
        return f"refs/heads/{self.start_branch}" if self.start_branch else ""

    @property
    def remote_branch(self) -> str:
        """The branch the work is published on; empty where nothing is published."""
        return f"refs/heads/{self.branch}" if self.branch else ""

    @property
    def remote_pull(self) -> str:
        """The head of the pull request, as GitHub keeps it also for forks."""
        return f"refs/pull/{self.pull}/head" if self.pull else ""

    @property
    def remote_starts(self) -> tuple[str, ...]:
        """The several branches the work begins on."""
        return tuple(f"refs/heads/{branch}" for branch in self.start_branches)

    @property
    def local_starts(self) -> dict[str, str]:
        """Where the mirror keeps each of them for this loop."""
        return {name: f"{self.local}starts/{place}" for place, name in enumerate(self.remote_starts)}

    @property
    def remote_checkpoint(self) -> str:
        """Where another host finds the work."""
        return f"{CHECKPOINTS}{self.slug}"

    @property
    def local_branch(self) -> str:
        """The branch as last fetched for this loop."""
        return f"{self.local}branch"

    @property
    def local_start(self) -> str:
        """The start branch as last fetched for this loop."""
        return f"{self.local}start"

    @property
    def local_pull(self) -> str:
        """The pull request's head as last fetched for this loop."""
        return f"{self.local}pull"

    @property
    def local_checkpoint(self) -> str:
        """Keeps the loop's last checkpoint, or where it started, from being pruned; agents can move it."""
        return f"{self.local}checkpoint"


@dataclass(frozen=True, slots=True)
class Heads:
    """What the remote has for a loop; an empty string for what it does not have."""

    base_branch: str
    base: str
    """The start branch if the loop has one, else the default branch."""
    branch: str
    checkpoint: str
    start: str = ""
    """The start branch, if the loop has one and it exists."""
    pull: str = ""
    starts: tuple[str, ...] = ()
    """The several branches the loop begins on, in their order."""
