"""What a slash command is: who may give it where, and what it gets to answer with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from workflows.model import Actor, Answered, CommentRef, Issue, Item, Permission, RepoConfig, WorkOrder


class Place(StrEnum):
    """Where a command makes sense."""

    ANYWHERE = "anywhere"
    ISSUE = "issue"
    PULL_REQUEST = "pull request"
    WHILE_RUNNING = "while something runs"


class Desk(Protocol):
    """What a command may do with the item's mailbox."""

    @property
    def running(self) -> WorkOrder | None:
        """The work that goes on here now."""
        ...

    @property
    def waiting(self) -> tuple[WorkOrder, ...]:
        """Work that was accepted and comes after it."""
        ...

    @property
    def past(self) -> tuple[str, ...]:
        """How earlier work here ended, oldest first."""
        ...

    @property
    def last(self) -> WorkOrder | None:
        """The work that was started last."""
        ...

    async def accept(self, order: WorkOrder) -> str:
        """Do this as soon as the item is free; tells whether that is now."""
        ...

    async def steer(self, request: "Request") -> Answered:
        """Pass the command on to the running work."""
        ...

    async def cancel(self, reason: str) -> None:
        """End the running work."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A command, from somebody who may give it."""

    verb: str
    argument: str
    item: Item
    issue: Issue
    by: Actor
    permission: Permission
    comment: CommentRef
    config: RepoConfig
    desk: Desk
    id: str
    """The same for every attempt to act on it."""


class Refused(Exception):  # noqa: N818  # it is an answer rather than an error
    """The command is not obeyed; the message says why and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; its function's docstring is its help."""

    verb: str
    run: Callable[[Request], Awaitable[str]]
    needs: Permission
    place: Place
    usage: str

    @property
    def help(self) -> str:
        """What it does, in one sentence."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


def command(
    verb: str, needs: Permission, place: Place = Place.ANYWHERE, usage: str = ""
) -> Callable[[Callable[[Request], Awaitable[str]]], Command]:
    """Make a function a command: it returns what is answered, empty for nothing but a 🚀, or raises `Refused`."""

    def made(run: Callable[[Request], Awaitable[str]]) -> Command:
        return Command(verb, run, needs, place, usage)

    return made
