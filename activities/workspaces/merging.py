"""Merging without a worktree: two commits into one content, or one change onto another content."""

from collections.abc import Iterator
from dataclasses import dataclass

from activities.workspaces.failures import git_failure
from activities.workspaces.git import Commit, Git, Signature
from activities.workspaces.notes import one_line

NOBODY = Signature("aidp", "aidp@localhost", "0 +0000")
"""Signs commits that are only there to be merged, and are the same each time."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What came of a merge."""

    tree: str
    """The content, with conflict markers where git could not decide."""
    conflicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What git says of each conflict; of some, such as a deleted file, the content shows nothing."""


async def merge(git: Git, ours: str, theirs: str) -> Merge:
    """Merge two commits, as `git merge` would."""
    finished = await git.run("merge-tree", "--write-tree", "-z", "--name-only", "--messages", ours, theirs)
    if finished.exit_code > 1:
        raise git_failure("merge-tree", finished)
    merged = parse_merge(finished.stdout)
    return merged if finished.exit_code else Merge(merged.tree)


async def carried_over(git: Git, before: str, after: str, onto: str) -> Merge:
    """Make the change between two contents to a third one."""
    if onto in {before, after}:
        return Merge(after)
    if before == after:
        return Merge(onto)
    root = await git.commit(Commit(before, (), "", NOBODY))
    ours = await git.commit(Commit(onto, (root,), "", NOBODY))
    return await merge(git, ours, await git.commit(Commit(after, (root,), "", NOBODY)))


def parse_merge(output: bytes) -> Merge:
    """Read what `merge-tree -z --name-only --messages` printed: the content, the paths, an empty field, the words."""
    tree, _, rest = output.partition(b"\0")
    fields = iter(rest.split(b"\0"))
    paths = tuple(dict.fromkeys(path.decode(errors="replace") for path in iter(lambda: next(fields, b""), b"")))
    return Merge(tree.decode(), paths, tuple(_messages(fields)))


def _messages(fields: Iterator[bytes]) -> Iterator[str]:
    """Read the messages that tell of conflicts: each comes behind its number of paths, these paths, and its kind."""
    for count in fields:
        if not count.isdigit():
            return
        for _ in range(int(count)):
            next(fields, b"")
        kind, message = next(fields, b""), next(fields, b"")
        if kind.startswith(b"CONFLICT"):
            yield one_line(message.decode(errors="replace"))
