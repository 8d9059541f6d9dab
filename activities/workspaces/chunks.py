"""A diff in parts for a review, each small enough for one prompt, with the numbers that comments refer to. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from activities.workspaces.patches import Hunk, Line, Patch
from workflows.guards import LOCK_FILES
from workflows.model import Chunk, Chunks

GENERATED_PATHS = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|__snapshots__|dist)/"
    r"|\.(?:min\.(?:js|css)|map|snap|lock|svg|pb\.go|pb\.cc|pb\.h|g\.dart)$|_pb2(?:_grpc)?\.pyi?$|\.designer\.cs$",
    re.IGNORECASE,
)
GENERATED = re.compile(rb"@generated\b|Code generated .{0,200}DO NOT EDIT|automatically generated", re.IGNORECASE)
GENERATED_WITHIN = 1000
"""Whoever generates a file says so at its beginning."""
LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or as much of one as fits into a part."""

    path: str
    text: str

    @property
    def bytes(self) -> int:
        """How much room it takes."""
        return len(self.text.encode())


@dataclass(frozen=True, slots=True)
class Cut:
    """All parts, and the text of each."""

    chunks: Chunks
    texts: tuple[str, ...]


def is_generated(path: str, content: bytes = b"") -> bool:
    """Whether nobody has written this file by hand."""
    named = path.rpartition("/")[2] in LOCK_FILES or GENERATED_PATHS.search(path)
    return bool(named or GENERATED.search(content[:GENERATED_WITHIN]))


def cut(patches: Iterable[Patch], left_out: Iterable[str], max_chunks: int, max_bytes: int) -> Cut:
    """Put the files into parts, in their order; what has no room in the last one is left out."""
    parts: list[list[Piece]] = []
    room, beyond = 0, list[str]()
    for piece in (piece for patch in patches for piece in pieces(patch, max_bytes)):
        if room < piece.bytes <= max_bytes and len(parts) < max_chunks:
            parts.append([])
            room = max_bytes
        if piece.bytes > room:
            beyond.append(piece.path)
            continue
        parts[-1].append(piece)
        room -= piece.bytes
    chunks = [
        Chunk(tuple(dict.fromkeys(each.path for each in part)), sum(each.bytes for each in part)) for part in parts
    ]
    texts = tuple("".join(piece.text for piece in part) for part in parts)
    return Cut(Chunks(tuple(chunks), tuple(dict.fromkeys((*left_out, *beyond)))), texts)


def pieces(patch: Patch, max_bytes: int) -> Iterator[Piece]:
    """Write a file; one that is larger than a part comes in several, cut between hunks or else between lines."""
    title = _title(patch)
    text = title
    for block in _blocks(patch, max_bytes - len(title.encode())):
        if len((text + block).encode()) > max_bytes and text != title:
            yield Piece(patch.path, text)
            text = title
        text += block
    yield Piece(patch.path, text)


def _title(patch: Patch) -> str:
    told = {"A": " (new)", "D": " (deleted)", "R": f" (was {patch.before})", "C": f" (copied from {patch.before})"}
    return "\n### " + " ".join(f"{patch.path}{told.get(patch.status, '')}".split()) + "\n"


def _blocks(patch: Patch, room: int) -> Iterator[str]:
    """Write the hunks, each as one text if it fits."""
    if patch.status == "D":
        yield f"Lines gone with it: {sum(len(hunk.lines) for hunk in patch.hunks)}\n"
        return
    for hunk in patch.hunks:
        text = _heading(hunk)
        for line in map(_shown, hunk.lines):
            if text and len((text + line).encode()) > room:
                yield text
                text = ""
            text += line
        yield text


def _heading(hunk: Hunk) -> str:
    where = f" {_plain(hunk.heading)}" if hunk.heading else ""
    return f"@@{where}\n"


def _shown(line: Line) -> str:
    number = str(line.number) if line.number else ""
    return f"{number:>6} {line.sign} {_plain(line.text)}\n"


def _plain(text: bytes) -> str:
    """Show a line in one line, whatever ends lines for others, and only so much of it."""
    line = text.decode(errors="replace").rstrip("\r")
    line = "".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in line[: LONGEST_LINE + 1])
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
