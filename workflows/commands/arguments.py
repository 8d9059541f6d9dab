"""What is written behind a verb, read strictly; what cannot be read is refused with an example."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from workflows.commands.command import Refused
from workflows.globs import as_meant, can_match
from workflows.model import Guards, Limits

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
TIME = r"([0-9]{1,6})\s*(d|h|m|s)(?:ays?|ours?|rs?|in(?:ute)?s?|ec(?:ond)?s?)?(?![a-z])"
DURATION = re.compile(rf"(?:\s*{TIME})+", re.IGNORECASE | re.ASCII)
PART = re.compile(TIME, re.IGNORECASE | re.ASCII)
LONGEST = timedelta(days=30)
MONEY = re.compile(
    r"\+?\s*\$\s*(\d{1,6}(?:\.\d{1,2})?)|\+?\s*(\d{1,6}(?:\.\d{1,2})?)\s*(?:\$|usd|dollars?)",
    re.IGNORECASE | re.ASCII,
)
AMOUNT = re.compile(r"\+?\s*(\d{1,9})\s*(k?)\s*(iterations?|minutes?|tokens?)", re.IGNORECASE | re.ASCII)
MAX_LINES = 1_000_000

NO_DURATION = "`{text}` is no time. Write it like `/aidp pause 2h` or `/aidp pause 90m`, at most 30 days."
NO_BUDGET = "`{text}` is no budget. Write it like `/aidp budget +$5`, `+10 iterations`, `+30 minutes`, `+9k tokens`."
NO_GUARD = "`{text}` changes no guard. Write it like `/aidp guard exclude docs/**`, `confirm GLOB` or `max-lines 300`."
NO_PATH = "`{text}` is no path in the repository, so it changes no guard. Write it like `/aidp guard exclude docs/**`."


def duration(text: str) -> timedelta | None:
    """Read `2h`, `1h 30m`, `90 minutes`; `None` for no text at all."""
    if not text.strip():
        return None
    if not DURATION.fullmatch(text.strip()):
        raise Refused(NO_DURATION.format(text=_shown(text)))
    time = sum((timedelta(**{UNITS[unit.lower()]: int(number)}) for number, unit in PART.findall(text)), timedelta(0))
    if not timedelta(0) < time <= LONGEST:
        raise Refused(NO_DURATION.format(text=_shown(text)))
    return time


def budget(text: str) -> Limits:
    """Read `+$5`, `+10 iterations`, `+30 minutes`, `+100k tokens`."""
    if found := MONEY.fullmatch(text.strip()):
        limits = Limits(usd=float(found[1] or found[2]))
    elif found := AMOUNT.fullmatch(text.strip()):
        number = int(found[1]) * (1000 if found[2] else 1)
        limits = _limits(found[3][0].lower(), number)
    else:
        raise Refused(NO_BUDGET.format(text=_shown(text)))
    if limits in {Limits(usd=0.0), Limits(iterations=0), Limits(minutes=0.0), Limits(tokens=0)}:
        raise Refused(NO_BUDGET.format(text=_shown(text)))
    return limits


def guards(text: str, now: Guards) -> Guards:
    """Read a change of guards: `exclude GLOB`, `confirm GLOB`, `include GLOB`, `max-lines N`, `allow GLOB`."""
    word, _, rest = text.strip().partition(" ")
    change, rest = CHANGES.get(word.lower()), rest.strip()
    if not change or not rest or any(char.isspace() for char in rest):
        raise Refused(NO_GUARD.format(text=_shown(text)))
    return change(now, rest)


def _limits(kind: str, number: int) -> Limits:
    match kind:
        case "i":
            return Limits(iterations=number)
        case "m":
            return Limits(minutes=float(number))
        case _:
            return Limits(tokens=number)


def _max_lines(now: Guards, text: str) -> Guards:
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) <= MAX_LINES:
        raise Refused(NO_GUARD.format(text=f"max-lines {_shown(text)}"))
    return replace(now, max_changed_lines=int(text))


def _meant(glob: str) -> tuple[str, ...]:
    if not can_match(glob):
        raise Refused(NO_PATH.format(text=_shown(glob)))
    return as_meant(glob)


CHANGES: Mapping[str, Callable[[Guards, str], Guards]] = MappingProxyType(
    {
        "exclude": lambda now, glob: replace(now, exclude=(*now.exclude, *_meant(glob))),
        "confirm": lambda now, glob: replace(now, confirm=(*now.confirm, *_meant(glob))),
        "include": lambda now, glob: replace(now, include=(*now.include, *_meant(glob))),
        "allow": lambda now, glob: replace(now, allow_protected=(*now.allow_protected, *_meant(glob))),
        "max-lines": _max_lines,
    }
)


def _shown(text: str) -> str:
    return " ".join(text.replace("`", "'").split())[:60]
