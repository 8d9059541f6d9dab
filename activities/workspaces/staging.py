"""What would be committed: the difference between the base and the staged content, told so that guards can judge it.

Everything is read from git's objects by the mirror, which has no worktree: no attribute, configuration or link that
an agent left in the worktree has a say in what the guards get to see.
"""

import json
from dataclasses import dataclass
from itertools import accumulate
from pathlib import PureWindowsPath

import anyio.to_thread

from activities.workspaces.blobs import contents, sizes, smallest
from activities.workspaces.changes import NUMSTAT, lines_by_path
from activities.workspaces.failures import failure
from activities.workspaces.git import OUTPUT_BYTES, Git
from activities.workspaces.secrets_scan import added, find_secrets
from workflows.model import ChangedFile, Failure, FileKind, StagedChange

RAW = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--ignore-submodules=none")
MAX_FILES = 2000
NAMES_BYTES = 700_000  # with all that is told of each file this stays below Temporal's 2 MB
SEARCHED_BYTES = 32_000_000
LINK_BYTES = 4096
NOTHING = "000000"
SYMLINK = "120000"
SUBMODULE = "160000"
TOO_LARGE = "too large to be searched"


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a difference, as git tells it."""

    path: bytes
    modes: tuple[str, str]
    """Before and after; `NOTHING` where the path does not exist."""
    ids: tuple[str, str]
    """The same for the objects."""

    @property
    def name(self) -> str:
        """The path in words; two that are no UTF-8 may share one, and the guards let neither pass."""
        return self.path.decode(errors="replace")

    @property
    def kind(self) -> FileKind:
        """What it is, or was when it is gone; what touches a submodule is one."""
        if SUBMODULE in self.modes:
            return FileKind.SUBMODULE
        mode = self.modes[0] if self.deleted else self.modes[1]
        return FileKind.SYMLINK if mode == SYMLINK else FileKind.FILE

    @property
    def deleted(self) -> bool:
        """Whether it is gone."""
        return self.modes[1] == NOTHING

    @property
    def content(self) -> str:
        """The object with its new content; empty if there is none."""
        return "" if self.deleted or self.kind is FileKind.SUBMODULE else self.ids[1]

    @property
    def before(self) -> str:
        """The object with its old content; empty if there is none."""
        return "" if self.modes[0] == NOTHING or self.kind is FileKind.SUBMODULE else self.ids[0]


async def staged_change(git: Git, base: str, tree: str) -> StagedChange:
    """Describe the way from the base to the staged content."""
    entries = await difference(git, base, tree)
    if len(listed := _listed(entries)) < len(entries):  # refused in any case: which files they are is enough
        return StagedChange(tree, tuple(map(ChangedFile, listed)), len(entries))
    lines = lines_by_path(await git.output(*NUMSTAT, "--end-of-options", base, tree))
    known = await sizes(git, [entry.content for entry in entries if entry.content])
    links = await _links(git, entries, known)
    secrets = await _secrets(git, entries, known)
    files = [
        ChangedFile(
            path=entry.name,
            additions=lines[entry.path][0],
            deletions=lines[entry.path][1],
            kind=entry.kind,
            bytes=known.get(entry.content, 0),
            deleted=entry.deleted,
            secrets=secrets.get(entry.path, ()),
            escapes=entry.content in links and escapes(entry.name, links[entry.content]),
        )
        for entry in entries
    ]
    return StagedChange(tree, tuple(files), len(files))


async def difference(git: Git, base: str, tree: str) -> list[Entry]:
    """List the paths that differ; a renamed file is two."""
    output = await git.output(*RAW, "--end-of-options", base, tree)
    if len(output) >= OUTPUT_BYTES:
        raise failure(Failure.PERMANENT, "Far too many files changed to look at. Keep them out with `.gitignore`.")
    fields = output.split(b"\0")[:-1]
    return [_entry(*pair) for pair in zip(fields[::2], fields[1::2], strict=True)]


def escapes(path: str, target: str) -> bool:
    """Whether a link leads out of the repository, or to git's own files, by its text alone.

    `..` counts only at its beginning, where real folders are left: behind a name it may leave another link.
    """
    where = PureWindowsPath(target)  # on Windows it would be read like that, and it knows `/` as well
    steps = where.parts
    up = next((count for count, step in enumerate(steps) if step != ".."), len(steps))
    return bool(where.anchor or up > path.count("/") or {"..", ".git"} & {step.casefold() for step in steps[up:]})


def _listed(entries: list[Entry]) -> list[str]:
    """Choose the names that fit into a history, where each is written as JSON."""
    names = [entry.name for entry in entries[:MAX_FILES]]
    lengths = accumulate(len(json.dumps(name)) for name in names)
    return [name for name, length in zip(names, lengths, strict=True) if length <= NAMES_BYTES]


def _entry(header: bytes, path: bytes) -> Entry:
    before, after, old, new, _ = header.decode().removeprefix(":").split(" ")
    return Entry(path, (before, after), (old, new))


async def _links(git: Git, entries: list[Entry], known: dict[str, int]) -> dict[str, str]:
    """Read where links lead; one that is longer than any path leads nowhere, and out is where that is."""
    ids = {entry.content for entry in entries if entry.modes[1] == SYMLINK}
    short = [name for name in sorted(ids) if known[name] <= LINK_BYTES]
    read = await contents(git, short) if short else {}
    return {name: read.get(name, b"/").decode(errors="replace") for name in sorted(ids)}


async def _secrets(git: Git, entries: list[Entry], known: dict[str, int]) -> dict[bytes, tuple[str, ...]]:
    """Tell which paths give away what, in lines that the base does not have."""
    changed = [entry for entry in entries if entry.content and entry.content != entry.before]
    small = smallest({entry.content: known[entry.content] for entry in changed}, SEARCHED_BYTES)
    now = await contents(git, sorted(small)) if small else {}
    found = {name: await anyio.to_thread.run_sync(find_secrets, content) for name, content in now.items()}
    suspects = [entry for entry in changed if found.get(entry.content)]
    before = await _contents_before(git, suspects)
    told = {entry.path: added(found[entry.content], before.get(entry.before, b"")) for entry in suspects}
    unseen = {entry.path: (TOO_LARGE,) for entry in changed if entry.content not in small}
    return told | unseen


async def _contents_before(git: Git, entries: list[Entry]) -> dict[str, bytes]:
    """Read what suspicious files held before; one that was too large counts as new."""
    ids = sorted({entry.before for entry in entries if entry.before})
    if not ids:
        return {}
    small = smallest(await sizes(git, ids), SEARCHED_BYTES)
    return await contents(git, sorted(small))
