"""What a reader of output gets and gives."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Output:
    """What a check left: its plain output and, where it was pytest, its JUnit report."""

    text: str
    junit: str = ""

    def find(self, pattern: re.Pattern[str]) -> list[str]:
        """Return what the pattern's first group caught, in every place."""
        return [match.group(1) for match in pattern.finditer(self.text)]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the output says: one line, and what failed."""

    summary: str
    failures: tuple[str, ...] = ()


Reader = Callable[[Output], Reading | None]
"""Reads the output of one tool; None when the output is not that tool's."""


def by_name(names: Iterable[str]) -> tuple[str, ...]:
    """Put names of tests into an order that does not depend on when each of them ran."""
    return tuple(sorted(set(names)))


def counted(*counts: tuple[int, str]) -> str:
    """Say "2 failed, 14 passed": only what there is, and something in any case."""
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "no tests ran"


def many(count: int, noun: str) -> str:
    """Say "1 file", "2 files"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
