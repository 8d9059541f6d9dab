"""Takes from a log what shows why a check failed: the places where failures are told, and the end."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

TOLD = r"^_{3,} .+ _{3,}$|^E  |^=+ (?:FAILURES|ERRORS) |--- FAIL|\bpanicked\b|^ *(?:not ok|✖|✗|●) |^Traceback"
"""How the well-known tools begin to tell of a failure."""
SOUNDS_WRONG = r"(?i:\b(?:error|fatal|panic|exception|fail(?:ed|ure)?)\b)"
MIN_NAME = 5
"""A shorter word names nothing: it is on too many lines."""
BEFORE, AFTER = 2, 15
END_SHARE = 4
"""The last quarter of the room is for the end of the log: that is where tools sum up."""
MAX_LINE = 400


def excerpt(log: str, failures: tuple[str, ...], limit: int) -> str:
    """Return at most `limit` characters of the log; what is left out between them is marked."""
    if len(log.strip()) <= limit:
        return log.strip("\n").rstrip()
    lines = [line[:MAX_LINE] for line in log.strip().splitlines()]
    end = _fitting(reversed(range(len(lines))), lines, limit // END_SHARE)
    telling = chain(_around(_naming(failures), lines), _around(re.compile(SOUNDS_WRONG), lines))
    return _joined(lines, end | _fitting(telling, lines, limit - limit // END_SHARE))[:limit]


def _naming(failures: tuple[str, ...]) -> re.Pattern[str]:
    """Match lines that tell of a failure in the manner of a tool, or by its name."""
    return re.compile("|".join((TOLD, *(re.escape(_name(failure)) for failure in failures))))


def _name(failure: str) -> str:
    """Return what a log calls the failure: the last part of an id, or the whole of a sentence."""
    last = re.split(r"::|[./]", failure)[-1]
    return failure if " " in failure or len(last) < MIN_NAME else last


def _around(pattern: re.Pattern[str], lines: list[str]) -> Iterator[int]:
    """Yield the lines near each match, in order."""
    for number, line in enumerate(lines):
        if pattern.search(line):
            yield from range(max(0, number - BEFORE), min(len(lines), number + AFTER))


def _fitting(numbers: Iterable[int], lines: list[str], room: int) -> set[int]:
    """Take lines as long as there is room, counting a mark for every gap."""
    taken: set[int] = set()
    for number in numbers:
        if number in taken:
            continue
        room -= len(lines[number]) + 1 + (0 if number - 1 in taken else len(_gap(len(lines))))
        if room < 0:
            break
        taken.add(number)
    return taken


def _joined(lines: list[str], numbers: set[int]) -> str:
    parts: list[str] = []
    expected = 0
    for number in sorted(numbers):
        if number > expected:
            parts.append(_gap(number - expected))
        parts.append(lines[number])
        expected = number + 1
    return "\n".join(parts)


def _gap(count: int) -> str:
    return f"[… {count} lines left out …]"
