"""Durations as people write them."""

UNITS = {"h": 3600, "m": 60, "s": 1}


def format_duration(seconds: int) -> str:
    """Write a number of seconds as hours, minutes and seconds: 5400 is "1h 30m"."""
    if seconds < 0:
        raise ValueError("a duration is not negative")
    parts = []
    for unit, size in UNITS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"
