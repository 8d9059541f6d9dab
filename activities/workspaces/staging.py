"""What would be committed: the difference between the base and the staged content, told so that guards can judge it.

Everything is read from git's objects by the mirror, which has no worktree: no attribute, configuration or link that
an agent left in the worktree has a say in what the guards get to see.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import PureWindowsPath

import anyio.to_thread

from activities.workspaces.blobs import contents, sizes, smallest
from activities.workspaces.changes import NUMSTAT, lines_by_path
from activities.workspaces.failures import failure
from activities.workspaces.git import OUTPUT_BYTES, Git
from activities.workspaces.markers import conflicts, unresolved
from activities.workspaces.secrets_scan import added, find_secrets
from activities.workspaces.weakening import Edit, is_watched, weakened
from workflows.model import ChangedFile, Failure, FileKind, StagedChange

RAW = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--ignore-submodules=none")
MAX_FILES = 2000
NAMES_BYTES = 700_000  # with all that is told of each file this stays below Temporal's 2 MB
SEARCHED_BYTES = 32_000_000
TEST_BYTES = 8_000_000
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


async def staged_change(git: Git, base: str, tree: str, merged: Sequence[str] = ()) -> StagedChange:
    """Describe the way from the base to the staged content; of `merged` also what is still as git left it."""
    entries = await difference(git, base, tree)
    if len(listed := _listed(entries)) < len(entries):  # refused in any case: which files they are is enough
        return StagedChange(tree, tuple(map(ChangedFile, listed)), len(entries))
    lines = lines_by_path(await git.output(*NUMSTAT, "--end-of-options", base, tree))
    known = await sizes(git, [entry.content for entry in entries if entry.content])
    links = await _links(git, entries, known)
    looked = await _Contents.read(git, entries, known)
    secrets = await anyio.to_thread.run_sync(looked.secrets)
    left = frozenset(await unresolved(git, tree, merged))
    marked = await anyio.to_thread.run_sync(looked.marked) | left
    weak = await anyio.to_thread.run_sync(looked.weakened)
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
            weakened=weak.get(entry.name, ()),
            unresolved=entry.name in marked,
        )
        for entry in entries
    ]
    untouched = sorted(left - {entry.name for entry in entries})
    files += [ChangedFile(path, unresolved=True) for path in untouched]
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


@dataclass(frozen=True, slots=True)
class _Contents:
    """What is in the changed files, as far as it is small enough to be searched."""

    changed: list[Entry]
    blobs: dict[str, bytes]

    @classmethod
    async def read(cls, git: Git, entries: list[Entry], known: dict[str, int]) -> "_Contents":
        """Read the new contents, and the old ones that they are compared with; of each the smallest first."""
        changed = [entry for entry in entries if entry.content != entry.before]
        now = {entry.content: known[entry.content] for entry in changed if entry.content}
        before = await sizes(git, sorted({entry.before for entry in changed if entry.before}))
        blobs = dict[str, bytes]()
        for some in (now, before):
            if small := smallest(some, SEARCHED_BYTES):
                blobs |= await contents(git, sorted(small))
        return cls(changed, blobs)

    def secrets(self) -> dict[bytes, tuple[str, ...]]:
        """Tell which paths give away what, in lines that the base does not have."""
        new = {entry.content for entry in self.changed if entry.content in self.blobs}
        found = {name: find_secrets(self.blobs[name]) for name in new}
        suspects = [entry for entry in self.changed if found.get(entry.content)]
        told = {entry.path: added(found[entry.content], self.blobs.get(entry.before, b"")) for entry in suspects}
        unseen = {entry.path: (TOO_LARGE,) for entry in self.changed if entry.content and entry.content not in new}
        return told | unseen

    def marked(self) -> frozenset[str]:
        """Name the files that have got conflict markers."""
        known = {name: Counter(conflicts(blob)) for name, blob in self.blobs.items()} | {"": Counter[bytes]()}
        pairs = ((entry.name, known.get(entry.content), known.get(entry.before)) for entry in self.changed)
        return frozenset(name for name, now, before in pairs if now and now - (before or Counter()))

    def weakened(self) -> dict[str, tuple[str, ...]]:
        """Tell which files lost tests; one that is too large to be searched may have."""
        seen, unseen, room = list[Edit](), list[str](), TEST_BYTES
        for entry in filter(lambda entry: is_watched(entry.name), self.changed):
            edit = Edit(entry.name, self.blobs.get(entry.before), self.blobs.get(entry.content))
            room -= len(edit.before or b"") + len(edit.after or b"")
            read = {entry.before, entry.content} - {""} <= self.blobs.keys()
            if read and room >= 0:
                seen.append(edit)
            else:
                unseen.append(entry.name)
        return dict.fromkeys(unseen, (TOO_LARGE,)) | weakened(seen)
