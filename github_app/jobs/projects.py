"""What a person points at: a local repository, a prompt, agents. Looked at before anything starts."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.agents import PROVIDERS
from activities.process import Command, Finished, run
from github_app.jobs.errors import InputError
from github_app.settings import own_environment
from workflows.commands.arguments import duration
from workflows.commands.command import Refused

STDIN = "-"
MAX_PROMPT_BYTES = 300_000
INHERITED = ("PATH", "HOME", "XDG_CONFIG_HOME")
"""Where a person's git is, and what it was told: whose repositories are safe."""
NO_SUCH_PROGRAM = 127
NO_GIT = "git was not found. Install it, then start again."
NO_REPOSITORY = "{directory} is not in the working tree of a git repository. Make one with: git init"
REFUSED = "git does not take {directory} for a repository to work in. It says: {said}"


@dataclass(frozen=True, slots=True)
class Project:
    """A local repository that can be worked on."""

    path: Path
    is_dirty: bool
    """It has changes that are not committed; agents do not see them."""


async def find_project(directory: Path) -> Project:
    """Find the repository of a directory; raises `InputError` when agents could not begin there."""
    try:
        found = await _git(directory, "rev-parse", "--show-toplevel")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{directory} is no directory.") from error
    if found.exit_code:
        raise InputError(_why_not(directory, found))
    path = Path(os.fsdecode(found.stdout.removesuffix(b"\n")))
    if (await _git(path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")).exit_code:
        raise InputError(f"{path} has no commit yet. Make a first one, then start again.")
    if (await _git(path, "symbolic-ref", "--quiet", "HEAD")).exit_code:
        raise InputError(f"{path} has no branch checked out. Switch to the one to begin at, then start again.")
    changes = await _git(path, "status", "--porcelain", "--untracked-files=no")
    return Project(path, is_dirty=bool(changes.stdout))


def read_prompt(name: str) -> str:
    """Read a prompt from a file, or from stdin for `-`."""
    try:
        data = sys.stdin.buffer.read(MAX_PROMPT_BYTES + 1) if name == STDIN else _read(Path(name))
        text = data.decode()
    except OSError as error:
        raise InputError(f"Cannot read the prompt {name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The prompt {name} is not UTF-8 text.") from error
    if len(data) > MAX_PROMPT_BYTES:
        raise InputError(f"The prompt is larger than {MAX_PROMPT_BYTES // 1000} KB. Put the rest into the repository.")
    if not text.strip():
        raise InputError(f"The prompt {name} is empty.")
    return text


def read_time(text: str) -> float:
    """Read `1h` or `90m` as seconds; nothing is no time."""
    try:
        time = duration(text)
    except Refused as refused:
        raise InputError(f"`{text}` is no time. Write it like 1h or 90m, at most 30 days.") from refused
    return time.total_seconds() if time else 0.0


def check_providers(names: Sequence[str]) -> tuple[str, ...]:
    """Refuse an agent that there is none of; a model is what its command line makes of it."""
    known = [provider.profile.name for provider in PROVIDERS]
    for name in names:
        if name.partition("/")[0] not in known:
            raise InputError(f"There is no agent {name}. There is {', '.join(known)}.")
    return tuple(names)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_PROMPT_BYTES + 1)


def _why_not(directory: Path, found: Finished) -> str:
    """Tell what git has against a directory, in its own words unless there is just no repository."""
    said = found.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
    if found.exit_code == NO_SUCH_PROGRAM:
        return NO_GIT
    if said.startswith("not a git repository (or any"):
        return NO_REPOSITORY.format(directory=directory)
    return REFUSED.format(directory=directory, said=said)


async def _git(directory: Path, *arguments: str) -> Finished:
    mine = own_environment()
    env = {name: mine[name] for name in INHERITED if name in mine} | {"LC_ALL": "C"}
    return await run(Command(("git", *arguments), directory, env))
