"""The git command line, run so that nothing but our own words decides what it does."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from activities import process
from activities.workspaces.failures import git_failure
from activities.workspaces.folders import replace_file

ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "http:https:file",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "true",
    "GIT_SSH_COMMAND": "false",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "HOME": "/nonexistent",  # a folder that exists could be filled
    "LC_ALL": "C",
}
OPTIONS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.autocrlf=false",
    "credential.helper=",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
)
WALL_SECONDS = 14 * 60
OUTPUT_BYTES = 64_000_000
ASKPASS = Path(__file__).with_name("askpass.py")


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a repository is and the token that opens it; none for a local one."""

    url: str
    token: str = field(default="", repr=False)
    username: str = "x-access-token"
    is_new: bool = False
    """Whether the token was made for this very use."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a commit, and when."""

    name: str
    email: str
    time: str
    """As git writes it: seconds and time zone."""

    @classmethod
    def at(cls, time: str, author: tuple[str, str]) -> "Signature":
        """Sign at an ISO time, which git would take with fractions and ambiguity."""
        moment = datetime.fromisoformat(time)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return cls(*author, f"{int(seconds)} +0000")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that is the same, id and all, whenever it is made again."""

    tree: str
    parents: tuple[str, ...]
    message: str
    author: Signature
    committer: Signature | None = None
    """Who put it there, if that is not its author."""


@dataclass(frozen=True, slots=True)
class Git:
    """git on one repository, which is always named: a `.git` that lies on the way is never believed."""

    directory: Path
    env: Mapping[str, str]

    def with_env(self, **more: str) -> "Git":
        """Give the same git more environment."""
        return replace(self, env={**self.env, **more})

    async def run(self, *arguments: str, stdin: bytes = b"") -> process.Finished:
        """Run one git command to its end, however it ends."""
        options = [word for option in OPTIONS for word in ("-c", option)]
        return await process.run(
            process.Command(
                argv=("git", *options, *arguments),
                cwd=Path(self.env.get("GIT_WORK_TREE", self.directory)),
                env={**self.env, **ENVIRONMENT, "GIT_DIR": str(self.directory)},
                stdin=stdin,
                trusted=True,
                wall_seconds=WALL_SECONDS,
                keep_bytes=OUTPUT_BYTES,
            )
        )

    async def output(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run one git command that must succeed, and return what it printed."""
        finished = await self.run(*arguments, stdin=stdin)
        if finished.exit_code or finished.ended is not process.Ended.EXITED:
            raise git_failure(arguments[0], finished, self.env.get("AIDP_GIT_TOKEN", ""))
        return finished.stdout

    async def line(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run one git command that must succeed and prints one line."""
        return (await self.output(*arguments, stdin=stdin)).decode(errors="replace").strip()

    async def tree(self, commit: str) -> str:
        """Return the hash of a commit's content."""
        return await self.line("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")

    async def is_ancestor(self, old: str, new: str) -> bool:
        """Tell whether `new` contains `old`."""
        finished = await self.run("merge-base", "--is-ancestor", old, new)
        if finished.exit_code > 1:
            raise git_failure("merge-base", finished)
        return finished.exit_code == 0

    async def commit(self, commit: Commit) -> str:
        """Write a commit object and return its id."""
        author, committer = commit.author, commit.committer or commit.author
        git = self.with_env(
            GIT_AUTHOR_NAME=author.name,
            GIT_AUTHOR_EMAIL=author.email,
            GIT_AUTHOR_DATE=f"@{author.time}",
            GIT_COMMITTER_NAME=committer.name,
            GIT_COMMITTER_EMAIL=committer.email,
            GIT_COMMITTER_DATE=f"@{committer.time}",
        )
        parents = [word for parent in commit.parents for word in ("-p", parent)]
        return await git.line("commit-tree", commit.tree, *parents, "-F", "-", stdin=commit.message.encode())


def authorized(git: Git, remote: Remote, askpass: Path) -> Git:
    """Let one git answer for the token, at the origin of the remote and nowhere else."""
    if not remote.token:
        return git
    _write_askpass(askpass)
    url = urlsplit(remote.url)
    return git.with_env(
        GIT_ASKPASS=str(askpass),
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="credential.username",
        GIT_CONFIG_VALUE_0=remote.username,
        AIDP_GIT_ORIGIN=f"{url.scheme}://{remote.username}@{url.netloc}",
        AIDP_GIT_TOKEN=remote.token,
    )


def _write_askpass(path: Path) -> None:
    """Make the program git starts; written anew each time, since what lies on disk may have been touched."""
    script = shlex.join([sys.executable, "-I", "-S", str(ASKPASS)])
    replace_file(path, f'#!/bin/sh\nexec {script} "$@"\n', mode=0o700)
