"""Read and write a bare repository with the git CLI: refs, commits, files, differences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from activities.process import Command, Finished, run
from github_app.demo.github.seed import mode_of

ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
ZERO = "0" * 40
KEEP_BYTES = 200_000_000
SHA = re.compile(r"[0-9a-f]{40}")
COMMIT_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
COMMIT_FIELDS = 10
CHANGES = {"A": "added", "D": "removed", "M": "modified", "T": "changed"}


class GitError(Exception):
    """A git command ended with an error; the message is git's own."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who made a commit, and when."""

    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git has it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class File:
    """A file at a commit."""

    path: str
    sha: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a folder's listing."""

    path: str
    type: str
    sha: str
    size: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a difference. A rename shows as one file removed and one added."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str = ""


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to make: these files on top of a branch."""

    branch: str
    files: Mapping[str, str | bytes | None]
    """By path; `None` deletes."""
    message: str
    author: str
    seconds: int
    parent: str | None


@dataclass(frozen=True, slots=True)
class Git:
    """One bare repository."""

    path: Path

    async def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Return the refs under a prefix with the objects they point at."""
        text = await self._text("for-each-ref", "--format=%(refname) %(objectname)", prefix)
        return dict(line.split(" ") for line in text.splitlines())

    async def resolve(self, name: str) -> str | None:
        """Find the commit of a branch, a tag, a full ref or a full commit id."""
        full = [name] if SHA.fullmatch(name) else [f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name}"]
        full += [name] if name.startswith("refs/") else []
        for candidate in full:
            found = await self._run("rev-parse", "--verify", "--quiet", candidate + "^{commit}")
            if found.exit_code == 0:
                return found.stdout.decode().strip()
        return None

    async def commits(self, *revisions: str, limit: int = 250) -> list[Commit]:
        """List commits, newest first."""
        log = ("log", "-z", f"--format={COMMIT_FORMAT}", f"--max-count={limit}")
        text = await self._text(*log, *revisions, "--")
        fields = text.removesuffix("\0").split("\0") if text else []
        return [_commit(fields[at : at + COMMIT_FIELDS]) for at in range(0, len(fields), COMMIT_FIELDS)]

    async def commit(self, sha: str) -> Commit:
        """Read one commit."""
        return (await self.commits(sha, limit=1))[0]

    async def count(self, revisions: str) -> int:
        """Count the commits of a range."""
        return int(await self._text("rev-list", "--count", revisions, "--"))

    async def range(self, base: str, head: str) -> set[str]:
        """Return the commits that a head has and its base has not."""
        return set((await self._text("rev-list", f"{base}..{head}", "--")).split())

    async def merge_base(self, one: str, other: str) -> str | None:
        """Find the newest commit that two have in common."""
        found = await self._run("merge-base", one, other)
        return found.stdout.decode().strip() if found.exit_code == 0 else None

    async def file(self, commit: str, path: str) -> File | None:
        """Read a file, or say that there is none."""
        if "\n" in path:
            return None  # it would be a second question to git
        found = await self._run("cat-file", "--batch", stdin=f"{commit}:{path}\n".encode())
        head, _, rest = found.stdout.partition(b"\n")
        match head.decode().split(" "):
            case [sha, "blob", size]:
                return File(path, sha, rest[: int(size)])
            case _:
                return None

    async def folder(self, commit: str, path: str) -> list[Entry]:
        """List a folder; empty when there is none."""
        found = await self._run("ls-tree", "-z", "--long", f"{commit}:{path}")
        lines = found.stdout.decode().split("\0")[:-1] if found.exit_code == 0 else []
        return [_entry(path, line) for line in lines]

    async def changes(self, before: str, after: str) -> list[FileChange]:
        """List what changed between two commits."""
        flags = ("--no-renames", "--no-ext-diff", "--no-color", "--abbrev=40")
        raw = await self._text("diff", *flags, "--raw", "-z", before, after, "--")
        numbers = await self._text("diff", *flags, "--numstat", "-z", before, after, "--")
        patch = await self._text("diff", *flags, before, after, "--")
        return _changes(raw, numbers, patch)

    async def sums(self, base: str, head: str) -> tuple[int, int, int]:
        """Return how many files, added and deleted lines a head has over where it left its base."""
        text = await self._text("diff", "--no-renames", "--no-ext-diff", "--numstat", "-z", f"{base}...{head}", "--")
        counts = _counts(text).values()
        return len(counts), sum(added for added, _ in counts), sum(deleted for _, deleted in counts)

    async def merge_tree(self, base: str, head: str) -> str | None:
        """Merge in memory and return the tree; nothing when there are conflicts."""
        merged = await self._run("merge-tree", "--write-tree", base, head)
        return merged.stdout.decode().split("\n", 1)[0] if merged.exit_code == 0 else None

    async def write_commit(self, new: NewCommit) -> str:
        """Commit files on top of a branch and move the branch there."""
        return (await self._text("fast-import", "--quiet", "--force", stdin=_fast_import(new))).strip()

    async def write_merge(self, tree: str, parents: tuple[str, ...], message: str) -> str:
        """Commit a tree with its parents; no branch moves."""
        heads = [flag for parent in parents for flag in ("-p", parent)]
        who = ("-c", "user.name=GitHub", "-c", "user.email=noreply@github.local")
        return (await self._text(*who, "commit-tree", tree, *heads, stdin=message.encode())).strip()

    async def move(self, ref: str, sha: str, old: str) -> None:
        """Point a ref at a commit, if it is still where it was (`ZERO`: nowhere; to `ZERO`: delete it)."""
        await self._text("update-ref", ref, sha, old)

    async def take(self, source: Path, sha: str) -> None:
        """Fetch a commit from another repository."""
        if source != self.path:
            await self._text("fetch", "--quiet", str(source), sha)

    async def point(self, ref: str, sha: str) -> None:
        """Point a ref at a commit, wherever it was."""
        await self._text("update-ref", ref, sha)

    async def _text(self, *arguments: str, stdin: bytes = b"") -> str:
        done = await self._run(*arguments, stdin=stdin)
        if done.exit_code:
            raise GitError(done.stderr.decode(errors="replace").strip())
        return done.stdout.decode(errors="replace")

    async def _run(self, *arguments: str, stdin: bytes = b"") -> Finished:
        return await run(Command(("git", *arguments), self.path, ENV, stdin=stdin, trusted=True, keep_bytes=KEEP_BYTES))


def _commit(fields: list[str]) -> Commit:
    sha, tree, parents, an, ae, ai, cn, ce, ci, message = fields
    author, committer = Signature(an, ae, ai), Signature(cn, ce, ci)
    return Commit(sha, tree, tuple(parents.split()), author, committer, message.rstrip("\n"))


def _entry(folder: str, line: str) -> Entry:
    facts, name = line.split("\t", 1)
    _, kind, sha, size = facts.split()
    path = f"{folder}/{name}" if folder else name
    return Entry(path, {"blob": "file", "tree": "dir"}.get(kind, "submodule"), sha, 0 if size == "-" else int(size))


def _changes(raw: str, numbers: str, patch: str) -> list[FileChange]:
    counts = _counts(numbers)
    patches = _patches(patch)
    found: list[FileChange] = []
    parts = raw.split("\0")[:-1]
    for facts, path in zip(parts[::2], parts[1::2], strict=True):
        *_, old, new, letter = facts.split(" ")
        sha = old if letter == "D" else new
        found.append(FileChange(path, CHANGES[letter], sha, *counts[path], patches.get(path, "")))
    return found


def _counts(numbers: str) -> dict[str, tuple[int, int]]:
    """Read `--numstat`: added and deleted lines by file; a binary file has none."""
    lines = (line.split("\t", 2) for line in numbers.split("\0")[:-1])
    return {path: (0, 0) if added == "-" else (int(added), int(deleted)) for added, deleted, path in lines}


def _patches(patch: str) -> dict[str, str]:
    """Cut a patch into hunks by file; without renames a header is `a/PATH b/PATH`, the same path twice."""
    _, *sections = re.split(r"^diff --git a/", patch, flags=re.MULTILINE)
    found: dict[str, str] = {}
    for section in sections:
        header, _, rest = section.partition("\n")
        _, marker, hunks = rest.partition("\n@@")
        found[header[: (len(header) - 3) // 2]] = (marker + hunks).lstrip("\n")
    return found


def _fast_import(new: NewCommit) -> bytes:
    message = new.message.encode()
    who = f"{new.author} <{new.author}@users.noreply.github.local> {new.seconds} +0000"
    head = f"commit refs/heads/{new.branch}\nmark :1\ncommitter {who}\ndata {len(message)}\n"
    origin = f"from {new.parent}\n" if new.parent else ""
    files = b"".join(map(_fast_import_file, new.files.items()))
    return head.encode() + message + b"\n" + origin.encode() + files + b"get-mark :1\n"


def _fast_import_file(item: tuple[str, str | bytes | None]) -> bytes:
    path, content = item
    if content is None:
        return f"D {path}\n".encode()
    data = content.encode() if isinstance(content, str) else content
    return f"M {mode_of(data)} inline {path}\ndata {len(data)}\n".encode() + data + b"\n"
