"""Times and other people's texts, as a terminal shows them."""

import unicodedata
from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86400


def lasted(seconds: float) -> str:
    """Say how long something takes: `42 s`, `3 min`, `2 h 5 min`, `3 d 1 h`."""
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return _pair(whole // HOUR, "h", whole % HOUR // MINUTE, "min")
    return _pair(whole // DAY, "d", whole % DAY // HOUR, "h")


def ago(moment: datetime) -> str:
    """Say how long ago something was."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return f"{lasted(seconds)} ago" if seconds >= 1 else "just now"


def plain(text: str) -> str:
    """Take out what a terminal would obey instead of showing it."""
    return "".join(character for character in text if character in "\n\t" or unicodedata.category(character) != "Cc")


def _pair(many: int, unit: str, few: int, smaller: str) -> str:
    return f"{many} {unit} {few} {smaller}" if few else f"{many} {unit}"
