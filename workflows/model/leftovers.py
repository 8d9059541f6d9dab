"""What loops leave behind when they end without closing: checkpoint refs at the remote, worktrees on hosts."""

from dataclasses import dataclass

from workflows.model.work import Source

WEEK = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something of a loop that may be over."""

    name: str
    """The ref, or the name of the loop's folder on the host."""
    age_seconds: int


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is there, the oldest first; at most 500 of each."""

    refs: tuple[Leftover, ...] = ()
    """Of the repository."""
    worktrees: tuple[Leftover, ...] = ()
    """On the host that was asked, of all repositories."""


@dataclass(frozen=True, slots=True)
class SweepRefs:
    """Remove the checkpoint refs of a repository that belong to no running loop."""

    source: Source
    known_running: tuple[str, ...]
    """Ids of loops, asked for before this."""
    older_than_seconds: int = WEEK


@dataclass(frozen=True, slots=True)
class SweepWorktrees:
    """Remove the worktrees on a host that belong to no running loop."""

    known_running: tuple[str, ...]
    older_than_seconds: int = WEEK
