"""Secrets out of the environment: what stands in `/proc/<pid>/environ` at the start stays there, so start once more.

The values travel to the second start in anonymous memory; in their variables stand references (`fd:5`). There each is
read once and closed.
"""

import ctypes
import os
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping

REFERENCE = re.compile(r"fd:([0-9]{1,9})")
PR_SET_DUMPABLE = 4


def start_again_sealed(environment: Mapping[str, str], names: Iterable[str]) -> None:
    """Replace this process by a new run of itself whose environment only refers to the named values."""
    references = {name: f"fd:{_in_memory(name, environment[name])}" for name in names}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**environment, **references})  # noqa: S606  # a shell is the last thing wanted here


def open_seals(environment: MutableMapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Take the references out of the environment and return what they refer to; `OSError` if one is not open."""
    return {name: _read_once(int(reference[1])) for name in names if (reference := _take_reference(environment, name))}


def is_reference(value: str) -> bool:
    """Tell a reference from a value."""
    return REFERENCE.fullmatch(value) is not None


def forbid_inspection() -> None:
    """Keep other processes of the same user out of this one's memory, environment and open files."""
    if sys.platform == "linux" and os.geteuid() != 0:  # root is kept out of nothing
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _in_memory(name: str, value: str) -> int:
    descriptor = os.memfd_create(name, 0)  # no flag: it is to outlive the exec
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(os.fsencode(value))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _take_reference(environment: MutableMapping[str, str], name: str) -> re.Match[str] | None:
    reference = REFERENCE.fullmatch(environment.get(name, ""))
    if reference:
        del environment[name]
    return reference


def _read_once(descriptor: int) -> str:
    with os.fdopen(descriptor, "rb") as file:
        return os.fsdecode(file.read())
