"""Credentials on disk: settings in `.env` and a private key in a file, both for their owner's eyes alone."""

import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream

PLAIN = re.compile(r"[A-Za-z0-9_./:@+-]+")
DOLLAR = "${:-$}"  # variables count even between single quotes; this one has no name, and a dollar for its default


class AlreadySetError(Exception):
    """There are credentials already, and nobody said to replace them."""


@dataclass(frozen=True, slots=True)
class CredentialFiles:
    """Where an App's credentials are kept."""

    env_file: Path
    key_file: Path

    def check_free(self, names: Iterable[str]) -> None:
        """Raise `AlreadySetError` if any of these settings, or the key, is there."""
        there = sorted(set(names) & set(_names(_read(self.env_file))))
        if there:
            raise AlreadySetError(f"{self.env_file} has {', '.join(there)} already.")
        if self.key_file.exists():
            raise AlreadySetError(f"{self.key_file} exists already.")

    def prepare(self) -> None:
        """Make sure that both can be written later; raises `OSError` if not."""
        self.key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.env_file.resolve().parent, self.key_file.parent):
            tempfile.TemporaryFile(dir=folder).close()

    def write(self, settings: Mapping[str, str], private_key: str, obsolete: Iterable[str] = ()) -> None:
        """Write the key, then the settings in place of theirs and the obsolete ones; other lines stay as they are."""
        write_privately(self.key_file, private_key)
        kept = _without({*settings, *obsolete}, _read(self.env_file))
        new = "".join(f"{name}={quoted(value)}\n" for name, value in settings.items())
        write_privately(self.env_file.resolve(), kept + ("\n" if kept and not kept.endswith("\n") else "") + new)


def write_privately(file: Path, text: str) -> None:
    """Replace a file in one step; at no moment can anybody else read it."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def quoted(value: str) -> str:
    """Write a value so that it is read back as it is."""
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped.replace('${', DOLLAR + '{')}'"


def _read(file: Path) -> str:
    return file.read_bytes().decode() if file.exists() else ""  # read_text would change the ends of lines


def _names(text: str) -> Iterator[str]:
    """List what is set; settings are found whatever their case."""
    for binding in parse_stream(io.StringIO(text, newline="")):
        if binding.key and binding.value:
            yield binding.key.upper()


def _without(names: set[str], text: str) -> str:
    """Drop the settings of these names; a value may span lines."""
    kept: list[str] = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        line = binding.original.string
        gone = binding.key is not None and binding.key.upper() in names
        kept.append(line[: len(line) - len(line.lstrip())] if gone else line)
    return "".join(kept)
