"""What a repository's command may know of the host it runs on: where programs are, and nothing else."""

import shutil
from collections.abc import Mapping
from pathlib import Path

INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "JAVA_HOME", "GOROOT", "RUSTUP_HOME")
"""Where programs and their data lie. Whatever else the operator has is not the repository's business."""

FIXED = {
    "CI": "1",  # tools neither ask nor watch
    "TERM": "dumb",
    "NO_COLOR": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "PYTHONDONTWRITEBYTECODE": "1",  # the worktree is committed as it is found
}


def environment(operator: Mapping[str, str], directory: Path, temporary: Path) -> dict[str, str]:
    """Build the whole environment of a command in the workspace, with a home and a temporary folder of its own."""
    inherited = {name: operator[name] for name in INHERITED if name in operator}
    private = {"HOME": str(directory / "home"), "TMPDIR": str(temporary)}
    return {"LANG": "C.UTF-8"} | inherited | FIXED | private


def make_room(directory: Path, temporary: Path) -> None:
    """Make the private folders; the temporary one starts empty, so that no run sees what another one left."""
    shutil.rmtree(temporary, ignore_errors=True)
    for folder in (directory / "home", directory / "logs", temporary):
        folder.mkdir(parents=True, exist_ok=True)
