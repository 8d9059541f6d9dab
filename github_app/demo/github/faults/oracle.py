"""What the log of calls proves: no call before the time GitHub named, no more writes than GitHub allows."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from github_app.demo.github.faults.plan import Limits
from github_app.demo.github.model import Call

WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})
NO_CONTENT = re.compile(r"^(/api/v3)?/(app|app-manifests|installation|graphql)(/|$)|\.git/")
"""Where a write creates nothing that people see; what GraphQL does is in `needs`."""
FREE = re.compile(r"\.git/|/rate_limit$")
"""Where GitHub's limits do not count."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def creates_content(call: Call) -> bool:
    """Whether GitHub counts the call against its limits on content."""
    if call.path.endswith("/graphql"):
        return any(need.endswith(":write") for need in call.needs)
    return writes(call.method, call.path)


def writes(method: str, path: str) -> bool:
    """Whether a REST request would create or change what people see."""
    return method in WRITES and not NO_CONTENT.search(path)


def violations(calls: Iterable[Call], grace: timedelta = timedelta()) -> list[Call]:
    """Find calls that an App made although GitHub had told it to wait.

    An App's own calls and those of each installation are limited apart. `grace` is how long the news may take to reach
    other hosts.
    """
    forbidden: dict[tuple[str, int | None], tuple[datetime, datetime]] = {}
    found: list[Call] = []
    for call in calls:
        if FREE.search(call.path):
            continue
        who = call.actor, call.installation_id
        since, until = forbidden.get(who, (call.at, call.at))
        if since + grace < call.at < until:
            found.append(call)
        if call.forbidden_until:
            forbidden[who] = call.at, max(until, call.forbidden_until)
    return found


def most_writes(calls: Iterable[Call], window: timedelta) -> dict[int | None, int]:
    """Count the content writes of each installation in its busiest stretch of this length."""
    times: defaultdict[int | None, list[datetime]] = defaultdict(list)
    for call in calls:
        if creates_content(call):
            times[call.installation_id].append(call.at)
    return {who: _most(sorted(when), window) for who, when in times.items()}


def _most(times: list[datetime], window: timedelta) -> int:
    first, most = 0, 0
    for place, time in enumerate(times):
        while time - times[first] >= window:
            first += 1
        most = max(most, place - first + 1)
    return most


def seconds_to_wait(calls: Iterable[Call], limits: Limits, now: datetime) -> int:
    """Say how long until whoever made these calls may write again; 0 for at once."""
    times = sorted(call.at for call in calls if call.committed and creates_content(call))
    waits = [0]
    for window, most in ((MINUTE, limits.per_minute), (HOUR, limits.per_hour)):
        recent = [time for time in times if time > now - window]
        if len(recent) >= most:
            waits.append(math.ceil((recent[-most] + window - now).total_seconds()))
    return max(waits)
