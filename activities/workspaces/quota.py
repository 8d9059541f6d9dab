"""The disk quota: before a host takes on more work there has to be room, and what nobody needs any more makes it.

First runs go that were closed, the oldest first: only their prompts and logs are left. Then mirrors that no run uses:
they are fetched again when somebody needs them.
"""

import asyncio
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from activities import process
from activities.workspaces.failures import failure
from activities.workspaces.folders import Folders, remove
from workflows.model import Failure

GB = 1_000_000_000
LEAST_FREE = 2 * GB
"""A clone and what its tests install."""
MEASURED_FOR_SECONDS = 60
"""Looking through large worktrees takes seconds; they grow by little in a minute."""
AT_REST = timedelta(minutes=10)
"""Whoever has used a mirror since may be about to make a worktree of it."""
TOO_MUCH = "{root} holds {used:.1f} GB of the {limit:g} GB that AIDP_DISK_QUOTA_GB allows. Raise it, or let work end."
TOO_FULL = "Only {free:.1f} GB are free on the disk of {root}, which is too little to begin. Free some."


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of a disk may be used, in bytes."""

    limit: int | None = None
    """Of the whole state directory."""
    least_free: int = LEAST_FREE


@dataclass(frozen=True, slots=True)
class _Usage:
    """How large everything was at some time."""

    at: float
    sizes: dict[Path, int]


class Housekeeper:
    """Keeps a host's folders within its quota."""

    def __init__(self, folders: Folders, quota: Quota) -> None:
        self._folders = folders
        self._quota = quota
        self._usage: _Usage | None = None
        self._turn = asyncio.Lock()

    async def make_room(self) -> None:
        """Remove what nobody needs until there is room; raises `Failure.TRANSIENT` when there is not enough of it."""
        with process.heartbeating():
            async with self._turn:
                await self._make_room()

    async def _make_room(self) -> None:
        problem = await self._problem()
        leftovers = self._leftovers()
        while problem:
            path = next(leftovers, None)
            if not path:
                raise failure(Failure.TRANSIENT, problem)
            await self._remove(path)
            problem = await self._problem()

    async def _problem(self) -> str:
        """Say what there is too little of; empty when there is room."""
        root, limit = self._folders.root, self._quota.limit
        free = shutil.disk_usage(root).free
        if free < self._quota.least_free:
            return TOO_FULL.format(free=free / GB, root=root)
        used = await self._used() if limit is not None else 0
        return (
            TOO_MUCH.format(root=root, used=used / GB, limit=limit / GB) if limit is not None and used > limit else ""
        )

    async def _used(self) -> int:
        if not self._usage or time.monotonic() - self._usage.at > MEASURED_FOR_SECONDS:
            self._usage = _Usage(time.monotonic(), await _sizes(self._folders.root))
        return self._usage.sizes.get(self._folders.root, 0)

    def _leftovers(self) -> Iterator[Path]:
        """Find what can go, the least missed first."""
        yield from sorted(self._folders.closed_before(timedelta(0)), key=_last_used)
        yield from sorted(self._unused_mirrors(), key=_last_used)

    def _unused_mirrors(self) -> list[Path]:
        mirrors = (self._folders.root / "mirrors").glob("*.git")
        limit = time.time() - AT_REST.total_seconds()
        return [it for it in mirrors if _last_used(it) < limit and not self._has_worktrees(it)]

    def _has_worktrees(self, mirror: Path) -> bool:
        runs = self._folders.root / "runs"
        return any((runs / note.name / "tree").exists() for note in (mirror / "worktrees").glob("*"))

    async def _remove(self, path: Path) -> None:
        if path.suffix == ".git":
            with path.with_suffix(".lock").open("ab") as lock:
                if not _is_free(lock.fileno()):
                    return
                await remove(path)
        else:
            await remove(path)
        if self._usage:
            sizes, root = self._usage.sizes, self._folders.root
            sizes[root] = sizes.get(root, 0) - sizes.pop(path, 0)


async def _sizes(root: Path) -> dict[Path, int]:
    """Measure the root, and each run and mirror in it; what vanishes meanwhile is no matter."""
    command = process.Command(("du", "-k", "-d", "2", str(root)), root, {"PATH": os.defpath, "LC_ALL": "C"})
    lines = (await process.run(command)).stdout.decode(errors="surrogateescape").splitlines()
    pairs = (line.partition("\t") for line in lines)
    return {Path(name): int(size) * 1024 for size, _, name in pairs if size.isdecimal()}


def _last_used(path: Path) -> float:
    return path.lstat().st_mtime


def _is_free(lock: int) -> bool:
    """Take a mirror's lock, unless somebody is fetching."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
