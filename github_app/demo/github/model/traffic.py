"""What went over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver one webhook."""

    id: int
    guid: str
    event: str
    action: str | None
    delivered_at: datetime
    duration: float
    status: str
    status_code: int
    redelivery: bool
    installation_id: int | None
    repository_id: int | None
    headers: Mapping[str, str]
    payload: bytes
    response: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request the App made, as it was answered."""

    method: str
    path: str
    status: int
    actor: str
    """`app`, `installation`, or empty for a request that proved nothing."""
    needs: tuple[str, ...]
    """The permissions that open this endpoint, any of them; empty when it needs none."""
    permissions: Mapping[str, str]
    """Of the token that was used."""
    at: datetime
    """When it came, to the microsecond."""
    index: int = 0
    """Its place in the log, counted from 1."""
    installation_id: int | None = None
    """Of the token that was used."""
    fault: str = ""
    """What went wrong with it on purpose; `status` is then what the caller saw, 0 for nothing."""
    committed: bool = False
    """Whether it changed anything, whatever the caller saw."""
    forbidden_until: datetime | None = None
    """The time before which the answer forbade further calls."""
