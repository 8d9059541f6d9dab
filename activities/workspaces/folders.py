"""Where everything lies on a host, and the guarantee that it lies there: never outside the root or behind a link."""

import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from activities import process
from activities.workspaces.failures import failure
from workflows.branches import slug
from workflows.model import Failure, Source, Task

REMOVE = 'chmod -R u+rwX -- "$1"; rm -rf -- "$1"'  # some tools leave folders that even their owner may not empty


@dataclass(frozen=True, slots=True)
class RunFolder:
    """What one loop has on this host."""

    path: Path

    @property
    def slug(self) -> str:
        """Name of the loop in paths and refs."""
        return self.path.name

    @property
    def tree(self) -> Path:
        """The worktree."""
        return self.path / "tree"

    @property
    def index(self) -> Path:
        """Our own git index of the worktree; the agent's git has another."""
        return self.path / "index"

    def make(self, task: Task, conflicts: Iterable[str] = ()) -> None:
        """Make the folders, and write down the task and what git said of conflicts."""
        for path in (self.path, self.tree, self.path / "prompts", self.path / "logs"):
            make_folder(path)
        replace_file(self.path / "task.md", f"# {task.title}\n\n{task.text}\n")
        if told := "".join(f"- {line}\n" for line in conflicts):
            replace_file(self.path / "conflicts.md", told)

    def check(self) -> None:
        """Refuse a worktree that is gone or leads elsewhere."""
        if self.tree.is_symlink() or self.path.is_symlink():
            raise failure(Failure.SECURITY_VIOLATION, "The worktree was replaced by a link to another place.")
        if not self.tree.is_dir():
            raise failure(Failure.PERMANENT, "The worktree is gone from this host.")


@dataclass(frozen=True, slots=True)
class Folders:
    """The root of a host's mirrors and runs."""

    root: Path

    @property
    def askpass(self) -> Path:
        """The program git asks for the password."""
        return self.root / "askpass"

    def run(self, loop_id: str) -> RunFolder:
        """Find a loop's folder."""
        return RunFolder(self.root / "runs" / loop_slug(loop_id))

    def mirror(self, source: Source) -> Path:
        """Find a repository's mirror."""
        name = f"local-{sha256(source.project_dir.encode()).hexdigest()[:16]}" if source.project_dir else ""
        return self.root / "mirrors" / f"{name or source.repository_id}.git"

    def project(self, source: Source) -> str:
        """Find a local repository; an absolute path can not be read as an option or another host."""
        return str(Path(source.project_dir).resolve())

    def make(self) -> None:
        """Make the root, for our own eyes only."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("mirrors", "runs"):
            make_folder(self.root / name)

    def closed_before(self, age: timedelta) -> list[Path]:
        """List the runs that were closed so long ago."""
        limit = time.time() - age.total_seconds()
        runs = sorted((self.root / "runs").glob("*"))  # nothing yet on a new host
        return [run for run in runs if not (run / "tree").exists() and run.lstat().st_mtime < limit]


def loop_slug(loop_id: str) -> str:
    """Name a loop so that it fits a path and a ref; the hash keeps apart what the alphabet makes equal."""
    return f"{slug(loop_id)}-{sha256(loop_id.encode()).hexdigest()[:10]}".lstrip("-")


def make_folder(path: Path) -> None:
    """Make a real folder where something else may lie."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    path.mkdir(exist_ok=True, parents=True)


def replace_file(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file anew, whatever lies there, and never through a link."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    remove_small(fresh)
    fresh.write_text(text)
    fresh.chmod(mode)
    if _is_folder(path):
        remove_small(path)
    fresh.replace(path)


def remove_small(path: Path) -> None:
    """Remove whatever lies there, at once; a link goes, what it leads to stays."""
    if _is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


async def remove(path: Path) -> None:
    """Remove whatever lies there, however much of it and however protected."""
    if _is_folder(path):
        argv = ("sh", "-c", REMOVE, "sh", str(path))
        await process.run(process.Command(argv, path.parent, {"PATH": os.defpath}))
    remove_small(path)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
