"""How many calls of this hour somebody has made, and how many are left."""

from dataclasses import dataclass
from datetime import UTC, datetime

from github_app.demo.github.world import World

CORE, GRAPHQL = "core", "graphql"
"""What GitHub counts apart."""
RATE_LIMIT = 5000
HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Rate:
    """An account of calls: each installation has its own, and the App."""

    account: str
    hour: int
    used: int
    limit: int = RATE_LIMIT

    @property
    def remaining(self) -> int:
        """What is left."""
        return max(0, self.limit - self.used)

    @property
    def reset(self) -> int:
        """When it is filled up again, in seconds since the epoch."""
        return self.hour + HOUR_SECONDS

    @property
    def reset_at(self) -> datetime:
        """The same as a time."""
        return datetime.fromtimestamp(self.reset, UTC)


def rate_of(world: World, account: str, resource: str, calls: int = 0) -> Rate:
    """Look at an account, after these many more calls."""
    now = int(world.now().timestamp())
    hour = now - now % HOUR_SECONDS
    world.spent[f"{account} {resource}", hour] += calls
    return Rate(account, hour, world.spent[f"{account} {resource}", hour])
