"""Finding and removing what loops left that ended without closing their workspace."""

import time
from collections.abc import Collection
from pathlib import Path

from temporalio import activity

from activities import process
from activities.workspaces import GitAccess, WorkspaceSettings
from activities.workspaces.access import Origin
from activities.workspaces.folders import Folders, RunFolder, loop_slug
from activities.workspaces.git import Git
from activities.workspaces.mirror import Kept, Mirror
from activities.workspaces.refs import CHECKPOINTS, Refs
from activities.workspaces.worktree import Worktree
from workflows.model import Leftover, Leftovers, Source, SweepRefs, SweepWorktrees

MAX_LISTED = 500
MAX_REMOVED = 100
"""At a time: each ref is a push of its own, and whoever sweeps comes again."""


class LeftoverActivities:
    """Implements `workflows.host_ports.Sweeping`, on any host or on the one whose disk it is."""

    def __init__(self, settings: WorkspaceSettings, access: GitAccess) -> None:
        self._settings = settings
        self._access = access
        self._folders = Folders(settings.root.resolve())

    @activity.defn
    async def list_leftovers(self, source: Source, /) -> Leftovers:
        """List the checkpoint refs of a repository and the worktrees of this host, with their ages."""
        with process.heartbeating():
            kept = await self._mirror(source).kept(self._origin(source))
        refs = [Leftover(each.ref, each.age_seconds) for each in _oldest(kept)]
        runs = [Leftover(run.slug, age) for run, age in self._worktrees()]
        return Leftovers(tuple(refs[:MAX_LISTED]), tuple(runs[:MAX_LISTED]))

    @activity.defn
    async def sweep_refs(self, request: SweepRefs, /) -> tuple[str, ...]:
        """Remove old checkpoint refs whose loop is over, and return them; one that moves meanwhile stays."""
        mirror, origin = self._mirror(request.source), self._origin(request.source, write=True)
        running = {CHECKPOINTS + loop_slug(loop) for loop in request.known_running}
        with process.heartbeating():
            kept = await mirror.kept(origin)
            old = [each for each in _oldest(kept) if each.age_seconds >= request.older_than_seconds]
            over = [each for each in old if each.ref not in running][:MAX_REMOVED]
            return tuple([each.ref for each in over if await mirror.drop(origin, each)])

    @activity.defn
    async def sweep_worktrees(self, request: SweepWorktrees, /) -> tuple[str, ...]:
        """Remove old worktrees of this host whose loop is over, and return their names; prompts and logs stay."""
        running = {loop_slug(loop) for loop in request.known_running}
        old = [run for run, age in self._worktrees() if age >= request.older_than_seconds and run.slug not in running]
        with process.heartbeating():
            for run in old:
                await self._remove(run)
        return tuple(run.slug for run in old)

    async def _remove(self, run: RunFolder) -> None:
        """Remove a worktree from whichever mirror it belongs to: what it says of that itself is not to be believed."""
        mirrors = self._folders.root / "mirrors"
        for path in sorted(mirrors.glob("*.git")) or [mirrors / "none.git"]:
            git = Git(path, self._settings.env)
            if (path / "worktrees" / run.slug).exists():
                await Mirror(git, Refs(run.slug, ""), self._folders.askpass).forget()
            await Worktree(git, run).remove()

    def _worktrees(self) -> list[tuple[RunFolder, int]]:
        """List the worktrees here and the seconds since something was done for them, the longest first."""
        now = time.time()
        runs = [RunFolder(path) for path in sorted((self._folders.root / "runs").glob("*")) if (path / "tree").exists()]
        return sorted(((run, int(now - _touched(run.path))) for run in runs), key=lambda pair: -pair[1])

    def _mirror(self, source: Source) -> Mirror:
        return Mirror(Git(self._folders.mirror(source), self._settings.env), Refs("", ""), self._folders.askpass)

    def _origin(self, source: Source, *, write: bool = False) -> Origin:
        return Origin(self._access, self._folders, source, write)


def _oldest(kept: Collection[Kept]) -> list[Kept]:
    return sorted(kept, key=lambda each: (-each.age_seconds, each.ref))


def _touched(run: Path) -> float:
    """Tell when a step was last done: each writes a file beside the worktree."""
    paths = (run, *(run / name for name in ("prompts", "logs", "index")))
    return max(path.lstat().st_mtime for path in paths if path.exists())
