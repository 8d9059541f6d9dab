"""The lines that review threads are about: found in a difference, and followed from one head to the next."""

from collections.abc import Iterable
from dataclasses import replace

from github_app.demo.github import hunks
from github_app.demo.github.model import Excerpt, Repository, Spot, Thread
from github_app.demo.github.world import World, unprocessable

NO_HUNK = "Pull request review thread diff hunk can't be blank"


async def carry(world: World, repository: Repository, threads: Iterable[Thread], ends: tuple[str, str]) -> None:
    """Move threads along from one head to the next; those whose lines changed become outdated."""
    living = [thread for thread in threads if thread.here]
    patches = await patches_between(world, repository, ends) if living else {}
    for thread in living:
        here = _moved(patches, thread.here) if thread.here else None
        head_id = ends[1] if here else thread.head_id
        repository.threads[thread.id] = replace(repository.threads[thread.id], here=here, head_id=head_id)


def _moved(patches: dict[str, str], spot: Spot) -> Spot | None:
    if spot.path not in patches or spot.side == "LEFT":
        return spot
    patch = patches[spot.path]
    line = hunks.moved(patch, spot.line)
    start = hunks.moved(patch, spot.start_line) if spot.start_line else None
    lost = not line or bool(spot.start_line and not start)
    return None if lost or not line else replace(spot, line=line, start_line=start)


async def patches_between(world: World, repository: Repository, ends: tuple[str, str]) -> dict[str, str]:
    """Return what changed between two commits, by file."""
    return {change.path: change.patch for change in await world.git(repository).changes(*ends)}


def excerpt_of(patches: dict[str, str], spot: Spot) -> Excerpt:
    """Look a comment's lines up in the difference; GitHub takes comments nowhere else."""
    if spot.path not in patches:
        raise unprocessable("Pull request review thread path is invalid", NO_HUNK)
    patch = patches[spot.path]
    line = hunks.find(patch, spot.side, spot.line)
    if not line:
        raise unprocessable("Pull request review thread line must be part of the diff", NO_HUNK)
    if spot.start_line:
        _refuse_start(line, hunks.find(patch, spot.start_side or spot.side, spot.start_line))
    return Excerpt(hunks.excerpt(patch, line), line.position)


def _refuse_start(line: hunks.Line, start: hunks.Line | None) -> None:
    if start and start.position >= line.position:
        raise unprocessable("Pull request review thread start line must precede the end line.")
    if not start or start.hunk != line.hunk:
        raise unprocessable("Pull request review thread start line must be part of the same hunk as the line.")
