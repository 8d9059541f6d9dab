"""The size of a change, as `git diff-tree --numstat -z` counts it."""

from activities.workspaces.git import Git
from workflows.model import ChangeStat

NUMSTAT = ("diff-tree", "-r", "-z", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv")


async def change_between(git: Git, old: str, new: str) -> tuple[ChangeStat, tuple[str, ...]]:
    """Return the size of a change and the paths it touches."""
    return parse_numstat(await git.output(*NUMSTAT, "--end-of-options", old, new))


def parse_numstat(output: bytes) -> tuple[ChangeStat, tuple[str, ...]]:
    """Sum up the entries."""
    entries = _entries(output)
    stat = ChangeStat(
        files=len(entries),
        additions=sum(added for added, _, _ in entries),
        deletions=sum(deleted for _, deleted, _ in entries),
    )
    return stat, tuple(path.decode(errors="replace") for _, _, path in entries)


def lines_by_path(output: bytes) -> dict[bytes, tuple[int, int]]:
    """Return the added and the deleted lines of each path."""
    return {path: (added, deleted) for added, deleted, path in _entries(output)}


def _entries(output: bytes) -> list[tuple[int, int, bytes]]:
    """Read the entries; a binary file is one without lines."""
    entries = [entry.split(b"\t", 2) for entry in output.split(b"\0") if entry]
    return [(_count(added), _count(deleted), path) for added, deleted, path in entries]


def _count(lines: bytes) -> int:
    return 0 if lines == b"-" else int(lines)
