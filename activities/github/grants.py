"""What our tokens may do: what each kind of step needs, and no more."""

from enum import StrEnum


class Grant(StrEnum):
    """What a step needs a token for; the value is everything the token may do."""

    READ_ITEM = "issues:read"
    WRITE_ITEM = "issues:write"
    READ_COLLABORATOR = "metadata:read"
    READ_CODE = "contents:read"
    PUSH = "contents:write"
    READ_PULL_REQUEST = "pull_requests:read"
    PULL_REQUEST = "pull_requests:write"
    SETTLE = "pull_requests:write contents:write"  # GitHub wants both to resolve a thread, or to end a draft
    READ_CHECKS = "checks:read"
    WRITE_CHECKS = "checks:write"
    READ_STATUSES = "statuses:read"
    READ_ACTIONS = "actions:read"
    WRITE_ACTIONS = "actions:write"
    RECONCILE = "issues:read pull_requests:read checks:read statuses:read"
    RECONCILE_BLINDLY = "issues:read pull_requests:read"

    @property
    def permissions(self) -> dict[str, str]:
        """The grant as GitHub's API spells it."""
        return dict(permission.split(":", 1) for permission in self.split())

    @property
    def lesser(self) -> "Grant | None":
        """What is still of use where not all of it was granted to the App."""
        return Grant.RECONCILE_BLINDLY if self is Grant.RECONCILE else None
