"""How many calls GitHub leaves an installation this hour: REST says so with each answer, GraphQL where it is asked."""

from collections.abc import Mapping
from datetime import UTC, datetime

from workflows.model.reconciling import Quota

CORE = "core"
"""What GitHub counts REST calls by, but for searches and the like."""


def rest_quota(headers: Mapping[str, str]) -> Quota | None:
    """Read what is left by an answer; `None` where nothing, or something else, is counted."""
    if headers.get("x-ratelimit-resource") != CORE:
        return None
    limit, remaining, reset = (int(headers.get(f"x-ratelimit-{it}", "0")) for it in ("limit", "remaining", "reset"))
    return Quota(limit, remaining, datetime.fromtimestamp(reset, UTC).isoformat())


def scarcest(*quotas: Quota | None) -> Quota | None:
    """Choose the one of which the smallest share is left."""
    return min((it for it in quotas if it and it.limit), key=lambda it: it.remaining / it.limit, default=None)
