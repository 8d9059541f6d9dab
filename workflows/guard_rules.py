"""The guards of a running loop: what the configuration says, and what people have changed about it. Pure."""

from dataclasses import dataclass, field, replace

from workflows.model import Guards
from workflows.tightening import EVERYTHING, tighten

NOTHING_TIGHTER = Guards(allow_protected=(EVERYTHING,), max_changed_lines=None, max_file_bytes=None)
"""Tightening by it changes nothing."""


@dataclass(frozen=True, slots=True)
class GuardRules:
    """Who wants which guards."""

    configured: Guards = field(default_factory=Guards)
    tightened: Guards = NOTHING_TIGHTER
    """What people have tightened holds whatever the configuration says, now and when it is read again."""
    by_admin: Guards | None = None
    """Put by an admin in place of the configured ones, until somebody has the configuration read again."""

    @property
    def now(self) -> Guards:
        """The guards that hold."""
        return tighten(self.by_admin or self.configured, self.tightened)

    def tightened_by(self, wanted: Guards) -> "GuardRules":
        """Add what somebody has tightened."""
        return replace(self, tightened=tighten(self.tightened, _beyond(self.now, wanted)))

    def replaced_by(self, wanted: Guards) -> "GuardRules":
        """Take an admin's word for all that was said before."""
        return GuardRules(self.configured, by_admin=wanted)

    def first_read(self, configured: Guards) -> "GuardRules":
        """Learn the configuration; what people have said before it was known holds."""
        return replace(self, configured=configured)

    def read_again(self, configured: Guards) -> "GuardRules":
        """Let the configuration loosen what it had tightened itself; of an admin's word stays what is tighter."""
        admins = _beyond(self.configured, self.by_admin) if self.by_admin else NOTHING_TIGHTER
        return GuardRules(configured, tighten(self.tightened, admins))


def _beyond(now: Guards, wanted: Guards) -> Guards:
    """Keep of the wanted guards only what is not so already: callers send all fields, also those they do not mean."""
    closes = not set(now.allow_protected) <= set(wanted.allow_protected)
    return Guards(
        include=wanted.include if wanted.include != now.include else (),
        exclude=tuple(glob for glob in wanted.exclude if glob not in now.exclude),
        confirm=tuple(glob for glob in wanted.confirm if glob not in now.confirm),
        allow_protected=wanted.allow_protected if closes else NOTHING_TIGHTER.allow_protected,
        max_changed_lines=_if_lower(wanted.max_changed_lines, now.max_changed_lines),
        max_file_bytes=_if_lower(wanted.max_file_bytes, now.max_file_bytes),
        keep_tests=wanted.keep_tests and not now.keep_tests,
    )


def _if_lower(wanted: int | None, now: int | None) -> int | None:
    return wanted if wanted is not None and (now is None or wanted < now) else None
