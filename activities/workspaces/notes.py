"""What commits of ours say of themselves, in trailers: where a work began, and which push brought which content."""

import json
from dataclasses import dataclass

from activities.workspaces.git import Git

RUN = "Aidp-Run"
"""On every published commit: the loop, and the content it had then."""
BASE = "Aidp-Base"
"""On every checkpoint: the commit the change is counted from."""
HEAD = "Aidp-Head"
ONTO = "Aidp-Onto"
CONFLICT = "Aidp-Conflict"
BEGIN = "aidp: begin"


@dataclass(frozen=True, slots=True)
class Begun:
    """A merge or rebase as it was begun; written down in the commit the agent starts from."""

    head: str
    """The branch before it."""
    onto: str
    """The start branch."""
    conflicts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write it as a commit message."""
        conflicts = [f"{CONFLICT}: {json.dumps(path)}" for path in self.conflicts]
        return "\n".join([BEGIN, "", f"{HEAD}: {self.head}", f"{ONTO}: {self.onto}", *conflicts, ""])

    @classmethod
    def parse(cls, message: str) -> "Begun | None":
        """Read such a message; any other is none."""
        title, *lines = message.splitlines()
        if title != BEGIN:
            return None
        pairs = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
        told = dict(pairs)
        try:
            conflicts = tuple(str(json.loads(value)) for name, value in pairs if name == CONFLICT)
            return cls(told[HEAD], told[ONTO], conflicts)
        except (KeyError, ValueError):
            return None  # anybody may write such a title


async def begun(git: Git, sha: str) -> Begun | None:
    """Read how a work began."""
    return Begun.parse((await git.output("log", "-1", "--format=%B", sha)).decode(errors="replace") or "\n")


async def trailer(git: Git, sha: str, name: str) -> str:
    """Read one trailer of a commit; empty without it."""
    return await git.line("log", "-1", f"--format=%(trailers:key={name},valueonly,separator=%x20)", sha)


async def with_trailers(git: Git, message: str, *trailers: str) -> str:
    """Add trailers to a message, each as `Name: value`."""
    words = [word for each in trailers for word in ("--trailer", each)]
    options = ("--no-divider", "--if-exists", "addIfDifferent")
    return (await git.output("interpret-trailers", *options, *words, stdin=f"{message.rstrip()}\n".encode())).decode()


def one_line(text: str) -> str:
    """Write a text so that it ends no line of ours."""
    return " ".join(text.split())
