"""Taking changes out of a worktree: paths go back to what they were at the base, the rest of the work stays."""

import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from activities.workspaces.failures import failure
from activities.workspaces.staging import NOTHING, Entry, difference
from activities.workspaces.worktree import Worktree
from workflows.model import Failure


async def withdraw(worktree: Worktree, base: str, names: Collection[str]) -> None:
    """Take these paths back, whatever lies in their way; what has gone back already stays so."""
    unwanted = frozenset(names)
    staged = await worktree.stage()
    entries = [entry for entry in await difference(worktree.mirror, base, staged) if entry.name in unwanted]
    if not entries:
        return
    wanted = await _without(worktree, entries)
    await worktree.become(wanted)
    if await worktree.stage() != wanted:
        raise failure(
            Failure.SECURITY_VIOLATION, "Something keeps writing to the worktree while changes are taken out."
        )


async def _without(worktree: Worktree, entries: list[Entry]) -> str:
    """Write down the staged content with these paths as they were, in an index of its own."""
    with tempfile.TemporaryDirectory(dir=worktree.folder.path) as folder:
        index = Path(folder) / "index"
        shutil.copyfile(worktree.folder.index, index)
        git = worktree.mirror.with_env(GIT_INDEX_FILE=str(index))
        lines = [_removed(entry) for entry in entries] + [_as_before(entry) for entry in entries]
        await git.output("update-index", "-z", "--index-info", stdin=b"".join(lines))
        return await git.line("write-tree")


def _removed(entry: Entry) -> bytes:
    return b"0 %s\t%s\0" % (b"0" * len(entry.ids[0]), entry.path)


def _as_before(entry: Entry) -> bytes:
    """Put the path back; where a folder or a file took its place, that goes."""
    mode = entry.modes[0]
    return b"" if mode == NOTHING else f"{mode} {entry.ids[0]}\t".encode() + entry.path + b"\0"
