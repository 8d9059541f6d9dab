"""What can be a limit. Pure."""

import math


def flaw_of_limit(limit: float | None) -> str:
    """Say why so much can not be a limit; empty when it can."""
    if limit is None or 0 < limit < math.inf:
        return ""
    return f"must be more than 0, not {limit}" if math.isfinite(limit) else f"must be a plain number, not {limit}"
