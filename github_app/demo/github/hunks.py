"""Reading patches: which lines a difference shows, and where a line went."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

HEADER = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a patch: its number before and after, and how far below the first `@@` it is."""

    old: int | None
    new: int | None
    position: int
    hunk: int
    """Which hunk, counted from one."""

    def number(self, side: str) -> int | None:
        """Return its number in one of the two versions."""
        return self.old if side == "LEFT" else self.new


def read(patch: str) -> Iterator[Line]:
    """Read the lines of a patch that begins with its first hunk."""
    old = new = hunk = 0
    for position, text in enumerate(patch.splitlines()):
        if header := HEADER.match(text):
            old, new, hunk = int(header[1]), int(header[2]), hunk + 1
            continue
        before, after = text[:1] in ("-", " "), text[:1] in ("+", " ")
        if before or after:
            yield Line(old if before else None, new if after else None, position, hunk)
        old, new = old + before, new + after


def find(patch: str, side: str, number: int) -> Line | None:
    """Find a line that the patch shows."""
    return next((line for line in read(patch) if line.number(side) == number), None)


def excerpt(patch: str, line: Line) -> str:
    """Return the hunk of a line, down to the line."""
    shown = patch.splitlines()[: line.position + 1]
    start = max(at for at, text in enumerate(shown) if HEADER.match(text))
    return "\n".join(shown[start:])


def moved(patch: str, number: int) -> int | None:
    """Return the number that a line has after the patch; nothing, if it was changed."""
    shift = 0
    for line in read(patch):
        if line.old == number:
            return line.new
        if line.old is not None and line.old > number:
            break
        shift += (line.new is not None) - (line.old is not None)
    return number + shift
