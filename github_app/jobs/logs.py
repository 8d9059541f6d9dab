"""What a loop has written on this host: prompts, the agent's output, the output of checks."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from activities.workspaces.folders import Folders

NAME = re.compile(r"iteration-(\d+)(?:-(.+))?\.(?:md|log)")
POLL_SECONDS = 0.2
CHUNK_BYTES = 1_000_000
REMEMBERED_BYTES = 256


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of one iteration."""

    iteration: int
    what: str
    """`prompt`, `agent-claude`, or a check's name."""
    path: Path

    def lines(self, text: str) -> Iterator[Mapping[str, object]]:
        """Describe lines of it as JSON."""
        for line in text.removesuffix("\n").split("\n"):
            yield {"iteration": self.iteration, "what": self.what, "path": str(self.path), "line": line}


@dataclass(frozen=True, slots=True)
class Logs:
    """The files of one loop."""

    directory: Path

    @classmethod
    def of(cls, job_id: str, state_dir: Path) -> "Logs":
        """Find a loop's files; the directory need not be there yet, or may be on another host."""
        return cls(Folders(state_dir.resolve()).run(job_id).path)

    def files(self, iteration: int | None = None) -> list[LogFile]:
        """List the files of an iteration, or of the newest."""
        found = self.since(1)
        wanted = iteration or max((file.iteration for file in found), default=0)
        return [file for file in found if file.iteration == wanted]

    def since(self, iteration: int) -> list[LogFile]:
        """List the files of an iteration and all later ones, in the order in which they were begun."""
        found = sorted(self._all(), key=lambda file: (file.iteration, file.what != "prompt", _begun(file.path)))
        return [file for file in found if file.iteration >= iteration]

    def _all(self) -> Iterator[LogFile]:
        for path in (*self.directory.glob("prompts/*"), *self.directory.glob("logs/*")):
            if (name := NAME.fullmatch(path.name)) and path.is_file() and not path.is_symlink():
                yield LogFile(int(name[1]), name[2] or "prompt", path)


@dataclass(slots=True)
class Place:
    """How far a file was read, and what stood right before: when that has changed, it was written anew."""

    offset: int = 0
    before: bytes = b""


@dataclass(slots=True)
class Reader:
    """Reads what is new in a loop's logs from an iteration on, in whole lines as long as more may come."""

    logs: Logs
    first: int | None = None
    """The iteration to begin with; else the one that is the newest when there are any."""
    places: dict[Path, Place] = field(default_factory=dict[Path, Place])

    def news(self, *, over: bool) -> Iterator[tuple[LogFile, str]]:
        """Return what was written since the last time."""
        if self.first is None:
            self.first = max((file.iteration for file in self.logs.files()), default=None)
        files = self.logs.since(self.first or 1)
        newest = max((file.iteration for file in files), default=0)
        for file in files:
            while text := self._read(file, over=over or file.iteration < newest):
                yield file, text

    def _read(self, file: LogFile, *, over: bool) -> str:
        place = self.places.setdefault(file.path, Place())
        with file.path.open("rb") as log:
            log.seek(place.offset - len(place.before))
            if log.read(len(place.before)) != place.before:
                self.places[file.path] = place = Place()
                log.seek(0)
            data = log.read(CHUNK_BYTES)
        if not over and len(data) < CHUNK_BYTES:
            data = data[: data.rfind(b"\n") + 1]
        place.offset += len(data)
        place.before = (place.before + data)[-REMEMBERED_BYTES:]
        return data.decode(errors="replace")


async def follow(reader: Reader, is_over: Callable[[], bool]) -> AsyncGenerator[tuple[LogFile, str]]:
    """Yield what is written until the job is over."""
    while True:
        over = is_over()  # asked first: what was written before the end is still read
        for news in reader.news(over=over):
            yield news
        if over:
            return
        await asyncio.sleep(POLL_SECONDS)


def _begun(path: Path) -> int:
    return path.stat().st_ctime_ns
