"""One bare mirror per repository on a host: fetched once, shared by all its worktrees.

Agents run as the same user and could write to it, so what steers git in here is made new before each use.
"""

import asyncio
import contextlib
import fcntl
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from temporalio import activity

from activities.workspaces.access import Origin
from activities.workspaces.failures import failure, git_failure
from activities.workspaces.folders import remove_small, replace_file
from activities.workspaces.git import Git, Remote, authorized
from activities.workspaces.refs import CHECKPOINTS, Heads, Refs
from workflows.model import Failure

CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[gc]
\tauto = 0
[user]
\tname = {name}
\temail = {email}
"""
PLANTED = ("commondir", "config.worktree", "hooks", "info", "objects/info/alternates")
"""What a mirror does not have by itself, and what would steer git if somebody put it there."""
DEAD_LOCK_SECONDS = 10
LOCK_POLL_SECONDS = 0.1
STALE_LEASE = "stale info"
SEEN = "refs/seen/"
"""Where the mirror has them while they are looked through."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that the remote keeps for some loop."""

    ref: str
    sha: str
    age_seconds: int


@dataclass(frozen=True, slots=True)
class Mirror:
    """A repository's mirror, as one loop sees it."""

    git: Git
    refs: Refs
    askpass: Path

    async def fetch(self, origin: Origin) -> Heads:
        """Bring the default branch, the loop's branch and its checkpoint up to date."""
        async with self._locked(), origin.opened() as remote:
            await self._ready()
            listed = await self._list(remote)
            wanted = {name: local for name, local in self._tracked(listed).items() if name in listed.shas}
            specs = [f"+{name}:{local}" for name, local in wanted.items()]
            await self._authorized(remote).output(
                "fetch", "--quiet", "--no-write-fetch-head", "--update-shallow", "--", remote.url, *specs
            )
            names = [f"{listed.shas[name]}^{{commit}}" for name in wanted]  # by now anybody may have moved the refs
            shas = (await self.git.line("rev-parse", *names)).split()
        found = dict(zip(wanted, shas, strict=True))
        return Heads(
            base_branch=listed.default.removeprefix("refs/heads/"),
            base=found.get(self.refs.remote_start) or found[listed.default],
            branch=found.get(self.refs.remote_branch, ""),
            checkpoint=found.get(self.refs.remote_checkpoint, ""),
            start=found.get(self.refs.remote_start, ""),
            pull=found.get(self.refs.remote_pull, ""),
            starts=tuple(found.get(name, "") for name in self.refs.remote_starts),
        )

    async def check_branch(self) -> None:
        """Refuse a branch that git would not take for one."""
        git = Git(self.git.directory.parent, self.git.env)
        if (await git.run("check-ref-format", f"refs/heads/{self.refs.branch}")).exit_code:
            raise failure(Failure.PERMANENT, f"`{self.refs.branch}` can not name a branch. Choose another name.")

    async def push(self, origin: Origin, sha: str, ref: str, lease: str | None = None) -> None:
        """Push a commit to a ref, or none to remove it, by force; with a lease only if it still is what it was."""
        spec = f"{sha}^{{commit}}:{ref}" if sha else f":{ref}"  # a bare sha could be the name of some ref in here
        force = "--force" if lease is None else f"--force-with-lease={ref}:{lease}"
        if not await self._pushes(origin, force, spec):
            raise failure(Failure.TRANSIENT, f"Somebody pushed to `{self.refs.branch}` at the same moment.")

    async def kept(self, origin: Origin) -> list[Kept]:
        """List the checkpoints of all loops; what is fetched for it is dropped with the next listing."""
        spec = f"+{CHECKPOINTS}*:{SEEN}*"
        async with self._locked(), origin.opened() as remote:
            await self._ready()
            await self._authorized(remote).output(
                "fetch", "--quiet", "--no-write-fetch-head", "--prune", "--update-shallow", "--", remote.url, spec
            )
            output = await self.git.output(
                "for-each-ref", "--format=%(refname) %(objectname) %(committerdate:unix)", SEEN
            )
        now = int(time.time())
        rows = [line.split() for line in output.decode(errors="replace").splitlines()]
        return [Kept(CHECKPOINTS + row[0].removeprefix(SEEN), row[1], max(now - int(row[2]), 0)) for row in rows]

    async def drop(self, origin: Origin, kept: Kept) -> bool:
        """Remove a checkpoint from the remote; one that has moved stays, and that is told."""
        return await self._pushes(origin, f"--force-with-lease={kept.ref}:{kept.sha}", f":{kept.ref}")

    async def forget(self) -> None:
        """Drop the loop's own refs."""
        async with self._locked():
            deletes = await self.git.output("for-each-ref", "--format=delete %(refname)", self.refs.local)
            await self.git.output("update-ref", "--stdin", stdin=deletes)

    def neutralise(self) -> None:
        """Put back what steers git in here."""
        if self.git.directory.is_symlink():
            raise failure(Failure.SECURITY_VIOLATION, "The mirror was replaced by a link to another place.")
        for name in PLANTED:
            remove_small(self.git.directory / name)
        replace_file(self.git.directory / "config", CONFIG)
        replace_file(self.git.directory / "HEAD", "ref: refs/heads/none\n")

    async def _pushes(self, origin: Origin, force: str, spec: str) -> bool:
        """Push; False when the ref is not any more what the lease says."""
        async with origin.opened() as remote:
            self.neutralise()
            git = self._authorized(remote)
            finished = await git.run("push", "--quiet", "--no-verify", force, "--", remote.url, spec)
            if finished.exit_code and STALE_LEASE not in finished.stderr.decode(errors="replace"):
                raise git_failure("push", finished, remote.token)
        return finished.exit_code == 0

    async def _ready(self) -> None:
        if not (self.git.directory / "HEAD").exists():
            self.git.directory.mkdir(parents=True, exist_ok=True)
            await self.git.output("init", "--quiet", "--bare", "--template=")
        self.neutralise()

    async def _list(self, remote: Remote) -> "_Listing":
        refs = self.refs
        wanted = (refs.remote_branch, refs.remote_checkpoint, refs.remote_start, refs.remote_pull, *refs.remote_starts)
        names = ("HEAD", *filter(None, wanted))
        output = await self._authorized(remote).output("ls-remote", "--symref", "--", remote.url, *names)
        listing = _Listing.parse(output.decode(errors="replace"))
        if not listing.shas:
            raise failure(Failure.PERMANENT, "The repository is empty. Push a first commit and try again.")
        if not listing.default:
            raise failure(Failure.PERMANENT, "No branch is checked out in the repository. Switch to one and try again.")
        return listing

    def _tracked(self, listed: "_Listing") -> dict[str, str]:
        """Where the mirror keeps which ref of the remote."""
        return {
            listed.default: listed.default.replace("refs/heads/", "refs/remotes/origin/", 1),
            self.refs.remote_branch: self.refs.local_branch,
            self.refs.remote_checkpoint: self.refs.local_checkpoint,
            self.refs.remote_start: self.refs.local_start,
            self.refs.remote_pull: self.refs.local_pull,
            **self.refs.local_starts,
        }

    def _authorized(self, remote: Remote) -> Git:
        return authorized(self.git, remote, self.askpass)

    @contextlib.asynccontextmanager
    async def _locked(self) -> AsyncGenerator[None]:
        """Hold the mirror against every other fetch, in this process and in others."""
        with _open_lock(self.git.directory.with_suffix(".lock")) as file:
            while not _try_lock(file):
                if activity.in_activity():
                    activity.heartbeat()  # somebody's first clone may take minutes
                await asyncio.sleep(LOCK_POLL_SECONDS)
            _remove_dead_locks(self.git.directory)
            yield


@dataclass(frozen=True, slots=True)
class _Listing:
    """What `ls-remote --symref` says."""

    default: str
    shas: dict[str, str]

    @classmethod
    def parse(cls, output: str) -> "_Listing":
        default, shas = "", dict[str, str]()
        for line in output.splitlines():
            value, _, name = line.partition("\t")
            if value.startswith("ref: refs/heads/") and name == "HEAD":
                default = value.removeprefix("ref: ")
            elif not value.startswith("ref: "):
                shas[default if name == "HEAD" and default else name] = value
        return cls(default, shas)


def _open_lock(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab")


def _try_lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_dead_locks(directory: Path) -> None:
    """Remove what a killed git left locked; a living one holds these for moments only."""
    limit = time.time() - DEAD_LOCK_SECONDS
    for lock in (*directory.glob("*.lock"), *directory.glob("refs/**/*.lock")):
        with contextlib.suppress(FileNotFoundError):
            if lock.lstat().st_mtime < limit:
                lock.unlink()
