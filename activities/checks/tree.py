"""Reads files that a stranger or an agent may have put there: bounded, and never outside of their root."""

import os
from pathlib import Path

from activities.checks.plain import decoded

NEVER_WAIT = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
"""A named pipe must not hang the worker, and a link put there after the look must not be followed."""


def read_inside(root: Path, name: str, limit: int = 1_000_000) -> str | None:
    """Return the beginning of a file under `root` as plain text, or None where there is no such file."""
    path = _file_inside(root, name)
    if path is None:
        return None
    try:
        descriptor = os.open(path, NEVER_WAIT)
    except OSError:  # removed or replaced since, or not ours to read: as good as not there
        return None
    with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor has no path to open
        return decoded(file.read(limit))


def has(root: Path, *names: str) -> bool:
    """Say whether one of these files is under `root`."""
    return any(_file_inside(root, name) for name in names)


def _file_inside(root: Path, name: str) -> Path | None:
    """Resolve links as far as they stay inside: `AGENTS.md -> CLAUDE.md` is common, `-> ~/.ssh` is not ours."""
    try:
        path = (root / name).resolve(strict=True)
        inside = path.is_relative_to(root.resolve()) and path.is_file()
    except (OSError, RuntimeError, ValueError):  # a loop of links, no such file, or a name that is none
        return None
    return path if inside else None
