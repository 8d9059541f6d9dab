"""Finds out how long a limit lasts, from the ways in which agent CLIs say so."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONGEST = timedelta(days=32)
"""Limits are hourly to monthly; what lasts longer was misread."""
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
AMOUNT = r"\d{1,7}(?:\.\d{1,6})?\s*(?:ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)\b"

DURATION = re.compile(
    rf"\b(?:retry|try\ again|resets?|wait)\ (?:in|after|for)?\s*({AMOUNT}(?:[\s,]+(?:and\s+)?{AMOUNT}){{0,3}})",
    re.IGNORECASE | re.VERBOSE,
)
PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|milli|[smhd])", re.IGNORECASE)
HEADER = re.compile(r"retry-after\W{1,5}(\d{1,7}(?:\.\d{1,6})?)", re.IGNORECASE)
EPOCH = re.compile(r"(?:resets?(?:\s*at)?|limit reached)\W{1,3}(\d{10})(?:\d{3})?\b", re.IGNORECASE)
INSTANT = re.compile(
    r"(?:resets?|try again)\s*(?:at)?\s*(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d{1,6})?Z?)", re.IGNORECASE
)
CLOCK = re.compile(
    r"""(?:resets?|try\ again)\s*(?:at\s*)?
    (?:(?P<month>[a-z]{3})[a-z]*\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?:\d{4},?\s+)?(?:at\s+)?)?
    (?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s*(?P<half>[ap]m)
    (?:\s*\((?P<zone>[\w/+\-]{1,40})\))?""",
    re.IGNORECASE | re.VERBOSE,
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def seconds_until_reset(text: str, now: datetime) -> float | None:
    """Return the seconds from `now` to the first reset that the text names, if it names a believable one."""
    for seconds in _readings(text, now):
        if 0 < seconds <= LONGEST.total_seconds():
            return seconds
    return None


def _readings(text: str, now: datetime) -> Iterator[float]:
    if found := HEADER.search(text):
        yield float(found[1])
    if found := DURATION.search(text):
        yield sum(float(amount) * _unit(name) for amount, name in PART.findall(found[1]))
    if found := EPOCH.search(text):
        yield float(found[1]) - now.timestamp()
    yield from _instants(text, now)
    if found := CLOCK.search(text):
        yield from _on_the_clock(found, now)


def _unit(name: str) -> float:
    return UNITS["ms" if name.lower() in {"ms", "milli"} else name.lower()]


def _instants(text: str, now: datetime) -> Iterator[float]:
    for found in INSTANT.finditer(text):
        try:
            instant = datetime.fromisoformat(found[1].removesuffix("Z"))
        except ValueError:  # digits that are no date
            continue
        yield (instant.replace(tzinfo=UTC) - now).total_seconds()


def _on_the_clock(found: re.Match[str], now: datetime) -> Iterator[float]:
    """Read "5am (UTC)" as the next 5am there; with a date, as that day's."""
    zone = _zone(found["zone"])
    local = now.astimezone(zone)
    hour = int(found["hour"]) % 12 + (12 if found["half"].lower() == "pm" else 0)
    try:
        reset = local.replace(hour=hour, minute=int(found["minute"] or 0), second=0, microsecond=0)
        if found["month"]:
            reset = reset.replace(month=MONTHS.index(found["month"].lower()) + 1, day=int(found["day"]))
        if reset <= local:
            reset = reset.replace(year=reset.year + 1) if found["month"] else reset + timedelta(days=1)
    except ValueError:  # a 61st minute, a 31st of June, a month that is none
        return
    yield (reset - local).total_seconds()


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
