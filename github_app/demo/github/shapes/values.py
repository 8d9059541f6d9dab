"""How single values look in GitHub's JSON."""

from datetime import datetime


def stamp(time: datetime | None) -> str | None:
    """Write a time: UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def node_id(kind: str, number: int) -> str:
    """Return an opaque global id, as GraphQL knows things."""
    return f"{kind}_{number:012d}"
