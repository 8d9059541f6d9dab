"""Whose commits a branch has: what is not all ours is never replaced."""

from activities.workspaces.git import Git
from activities.workspaces.notes import RUN

FORMAT = f"%ae%x00%ce%x00%(trailers:key={RUN},valueonly,separator=%x20)"
"""NUL stands in no address, so that nobody can pretend with one."""


async def is_all_ours(git: Git, span: str, address: str) -> bool:
    """Whether each commit was written and committed by us, and says which loop pushed it."""
    lines = (await git.output("log", f"--format={FORMAT}", span)).decode(errors="replace").splitlines()
    return all(_is_ours(line.split("\0"), address) for line in lines if line)


def _is_ours(fields: list[str], address: str) -> bool:
    *people, run = fields
    return bool(run) and people == [address, address]
