"""What a loop has written on this host: prompts, the agent's output, the output of checks."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from activities.workspaces.folders import Folders

NAME = re.compile(r"iteration-(\d+)(?:-(.+))?\.(?:md|log)")
POLL_SECONDS = 0.2
CHUNK_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of one iteration."""

    iteration: int
    what: str
    """`prompt`, `agent-claude`, or a check's name."""
    path: Path

    def described(self) -> Mapping[str, object]:
        """Describe it as JSON."""
        return asdict(self) | {"path": str(self.path), "bytes": self.path.stat().st_size}


@dataclass(frozen=True, slots=True)
class Logs:
    """The files of one loop."""

    directory: Path

    @classmethod
    def of(cls, job_id: str, state_dir: Path) -> "Logs":
        """Find a loop's files; the directory need not be there yet, or may be on another host."""
        return cls(Folders(state_dir.resolve()).run(job_id).path)

    def files(self, iteration: int | None = None) -> list[LogFile]:
        """List the files of an iteration, or of the newest, in the order in which they were begun."""
        found = sorted(self._all(), key=lambda file: (file.iteration, file.what != "prompt", _begun(file.path)))
        wanted = iteration or max((file.iteration for file in found), default=0)
        return [file for file in found if file.iteration == wanted]

    def _all(self) -> Iterator[LogFile]:
        for path in (*self.directory.glob("prompts/*"), *self.directory.glob("logs/*")):
            if (name := NAME.fullmatch(path.name)) and path.is_file() and not path.is_symlink():
                yield LogFile(int(name[1]), name[2] or "prompt", path)


@dataclass(slots=True)
class Reader:
    """Reads what is new in a loop's logs, in whole lines as long as more may come."""

    logs: Logs
    offsets: dict[Path, int] = field(default_factory=dict[Path, int])

    def news(self, *, over: bool) -> Iterator[tuple[LogFile, str]]:
        """Return what was written since the last time."""
        for file in self.logs.files():
            while text := self._read(file, over=over):
                yield file, text

    def _read(self, file: LogFile, *, over: bool) -> str:
        offset = self.offsets.get(file.path, 0)
        with file.path.open("rb") as log:
            log.seek(offset)
            data = log.read(CHUNK_BYTES)
        if not over and len(data) < CHUNK_BYTES:
            data = data[: data.rfind(b"\n") + 1]
        self.offsets[file.path] = offset + len(data)
        return data.decode(errors="replace")


async def follow(logs: Logs, is_over: Callable[[], bool]) -> AsyncGenerator[tuple[LogFile, str]]:
    """Yield what is written, from the newest iteration on, until the job is over."""
    reader = Reader(logs)
    while True:
        over = is_over()  # asked first: what was written before the end is still read
        for news in reader.news(over=over):
            yield news
        if over:
            return
        await asyncio.sleep(POLL_SECONDS)


def _begun(path: Path) -> int:
    return path.stat().st_ctime_ns
