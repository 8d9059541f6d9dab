"""Several branches as one place to begin at: all of them merged, conflicts and all."""

from collections.abc import Sequence
from dataclasses import dataclass

from activities.workspaces.git import Commit, Git
from activities.workspaces.merging import NOBODY, Merge, merge


@dataclass(frozen=True, slots=True)
class Combined:
    """What came of it."""

    parents: tuple[str, ...]
    """Those of the commits that are in no other of them; with just one, there was nothing to merge."""
    merge: Merge


async def combined(git: Git, heads: Sequence[str]) -> Combined:
    """Merge commits one after the other; what is part of another one needs no merge."""
    tips = (await git.line("merge-base", "--independent", *heads)).split()
    parents = tuple(head for head in dict.fromkeys(heads) if head in tips)
    sofar, conflicts, notes = parents[0], list[str](), list[str]()
    for head in parents[1:]:
        merged = await merge(git, sofar, head)
        sofar = await git.commit(Commit(merged.tree, (sofar, head), "", NOBODY))
        conflicts += merged.conflicts
        notes += merged.notes
    return Combined(parents, Merge(await git.tree(sofar), tuple(dict.fromkeys(conflicts)), tuple(notes)))
