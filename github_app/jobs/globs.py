"""Globs that people give: what could never match is refused, for a guard that guards nothing looks like one."""

from github_app.jobs.errors import InputError
from workflows.globs import can_match
from workflows.model import Guards

NO_PATH = "`{glob}` is no path in the repository, so it guards nothing. Write it like `src/**`."


def check_globs(guards: Guards) -> None:
    """Refuse guards with a glob that no path could match."""
    for glob in (*guards.include, *guards.exclude, *guards.confirm, *guards.allow_protected):
        if not can_match(glob):
            raise InputError(NO_PATH.format(glob=glob))
