"""What a child says, kept within bounds: its end in memory, and its beginning in a file."""

import contextlib
import itertools
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO


@dataclass(slots=True)
class Tail:
    """The last bytes of a stream."""

    limit: int
    data: bytearray = field(default_factory=bytearray)

    def add(self, chunk: bytes) -> None:
        """Take more, and let go of what is too old."""
        self.data += chunk
        if len(self.data) > 2 * self.limit:
            del self.data[: -self.limit]

    def bytes(self) -> bytes:
        """Return them."""
        return bytes(self.data[-self.limit :])


@dataclass(slots=True)
class Log:
    """A file that stops growing at its limit and says so."""

    file: BinaryIO | None
    room: int

    def add(self, chunk: bytes) -> None:
        """Write more of it, as far as there is room."""
        if not self.file or self.room <= 0:
            return
        self.file.write(chunk[: self.room])
        self.room -= len(chunk)
        if self.room <= 0:
            self.file.write(b"\n[output cut here: it was longer than the log may be]\n")
        self.file.flush()


def new_log(path: Path) -> Path:
    """Make an empty log of this name; where there is one already, a number tells them apart, and both are kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain([path], names) if _is_made(name))


def _is_made(path: Path) -> bool:
    """Whether a file could be made where nothing was, not even a link."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@contextlib.contextmanager
def open_log(path: Path | None, room: int) -> Generator[Log]:
    """Begin a log of so many bytes at most; without a path it keeps nothing."""
    if not path:
        yield Log(None, 0)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        yield Log(file, room)
