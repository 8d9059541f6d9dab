"""The diff between two commits, file by file and line by line, as GitHub shows it: renames told, three lines around."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from activities.workspaces.failures import failure
from activities.workspaces.git import OUTPUT_BYTES, Git
from workflows.model import Failure

OPTIONS = ("diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none")
HEADER = b"diff --git "
HUNK = re.compile(rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)")
FILES = frozenset({"100644", "100755", "120000"})
TYPE_CHANGED = "T"
TOO_LARGE = "The diff is too large to be looked at. Split the change into several."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk."""

    sign: str
    """`+`, `-`, or a space for a line that only stands around."""
    text: bytes
    number: int
    """In the file as it is now; 0 for one that is gone."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that belong together."""

    heading: bytes
    """The function or section they are in, as git guesses it."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """What happened to one file."""

    path: str
    before: str = ""
    """Its old path, if it was renamed or copied."""
    status: str = "M"
    """git's letter: Added, Deleted, Modified, Renamed, Type changed."""
    blob: str = ""
    """The object with its content, if it is a file."""
    hunks: tuple[Hunk, ...] = field(default=(), repr=False)
    binary: bool = False


async def patches(git: Git, old: str, new: str) -> list[Patch]:
    """Read the diff of two commits."""
    listed = await git.output(*OPTIONS, "-z", "--raw", "--no-abbrev", "--end-of-options", old, new)
    text = await git.output(*OPTIONS, "-p", "--unified=3", "--end-of-options", old, new)
    if len(text) >= OUTPUT_BYTES:
        raise failure(Failure.PERMANENT, TOO_LARGE)
    return list(parse_patches(listed, text))


def positions(found: list[Patch]) -> frozenset[tuple[str, int]]:
    """List the lines on which GitHub takes a comment: those of the new side that the diff shows."""
    return frozenset(
        (patch.path, line.number) for patch in found for hunk in patch.hunks for line in hunk.lines if line.number
    )


def parse_patches(listed: bytes, text: bytes) -> Iterator[Patch]:
    """Bring the list of paths and the patches together: both have the same order."""
    sections = _sections(text)
    nothing = list[bytes]()
    fields = iter(listed.split(b"\0")[:-1])
    for header in fields:
        _, mode, _, blob, letter = header.decode().split(" ")
        status, path = letter[0], next(fields).decode(errors="replace")
        before, path = (path, next(fields).decode(errors="replace")) if status in "RC" else ("", path)
        if status == TYPE_CHANGED:
            next(sections, nothing)  # told as a file that goes and another one that comes
        section = next(sections, nothing)
        binary = any(line.startswith((b"Binary files ", b"GIT binary patch")) for line in section[:8])
        yield Patch(path, before, status, blob if mode in FILES else "", tuple(_hunks(section)), binary)


def _sections(text: bytes) -> Iterator[list[bytes]]:
    """Cut the text at the headers: no line of a file's content begins like one, each has its sign before it."""
    section = list[bytes]()
    for line in text.split(b"\n"):
        if line.startswith(HEADER):
            if section:
                yield section
            section = []
        section.append(line)
    yield section


def _hunks(section: list[bytes]) -> Iterator[Hunk]:
    starts = [at for at, line in enumerate(section) if line.startswith(b"@@ ")]
    for start, end in pairwise([*starts, len(section)]):
        if found := HUNK.match(section[start]):
            yield Hunk(found[2].strip(), tuple(_lines(section[start + 1 : end], int(found[1]))))


def _lines(body: list[bytes], number: int) -> Iterator[Line]:
    for line in body:
        sign, text = line[:1].decode(errors="replace"), line[1:]
        if sign == "-":
            yield Line(sign, text, 0)
        elif sign and sign in "+ ":  # the rest is "\ No newline at end of file", and the end of the text
            yield Line(sign, text, number)
            number += 1
