"""What every agent CLI is to us: how to start it, how to read what it left behind, and what it needs to run at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from activities.process import Finished
from workflows.model import Failure, Usage


@dataclass(frozen=True, slots=True)
class Profile:
    """The facts about a CLI that a person would look up."""

    name: str
    binary: str
    install: str
    """The command that installs it."""
    login: str
    """What lets it authenticate, as the end of the sentence "To log in, …"."""
    keys: tuple[str, ...] = ()
    """Environment variables each of which authenticates it."""
    options: tuple[str, ...] = ()
    """Other environment variables of its own that it may see."""
    home_files: tuple[str, ...] = ()
    """Where it keeps its login and the choice of its model provider, below HOME."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Every variable of the worker's environment that the CLI may see."""
        return self.keys + self.options


@dataclass(frozen=True, slots=True)
class AgentRun:
    """One run over one prompt: what a provider turns into a command line."""

    tree: Path
    prompt: Path
    home: Path
    """HOME of this run alone, outside the tree."""
    model: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    """Those of the profile's variables that are set."""
    read_only: bool = False
    """It is to look and to answer: what can write is kept from it, as far as the CLI knows how."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command line, and what must be in place before it starts."""

    argv: tuple[str, ...]
    stdin: bytes = b""
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Additions to the environment."""
    files: Mapping[Path, str] = field(default_factory=dict[Path, str])
    """Settings files to write into the run's HOME first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run that ended well said."""

    text: str
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    """As it says itself; empty if it does not."""


class AgentError(Exception):
    """A run did not end well; the message says to a person what happened and what to do."""

    def __init__(self, failure: Failure, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.failure = failure
        self.message = message
        self.retry_after = retry_after
        """Seconds until the reset that the CLI named."""
        self.seconds = 0.0
        """How long it ran; whoever ran it fills this in."""
        self.usage = Usage()
        """What it used nevertheless; filled in likewise."""
        self.model = ""
        """Of which model; filled in likewise."""


class Provider(Protocol):
    """An agent CLI. Implementations have no state: `read` sees nothing but the finished process."""

    @property
    def profile(self) -> Profile:
        """Name, program, login."""
        ...

    def invocation(self, run: AgentRun, /) -> Invocation:
        """Say how to start the CLI. The prompt goes through stdin or a file: in argv it could pass for an option."""
        ...

    def read(self, finished: Finished, /) -> Answer:
        """Read how the run ended; raises `AgentError` unless every sign says that it ended well."""
        ...

    def usage(self, finished: Finished, /) -> Usage:
        """Read what the run used, as far as it says; one that failed is not free."""
        ...

    def model(self, finished: Finished, /) -> str:
        """Read which model the run used, of several the one that wrote the most; empty if it does not say."""
        ...
