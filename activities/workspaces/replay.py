"""Rebasing without a worktree: the commits of a branch made once more, on top of another commit."""

from dataclasses import dataclass

from activities.workspaces.git import Commit, Git, Signature
from activities.workspaces.merging import Merge, carried_over, merge

MAX_COMMITS = 250
FORMAT = "%an%x00%ae%x00%ad%x00%cd%x00%B"


@dataclass(frozen=True, slots=True)
class Rebased:
    """What came of a rebase."""

    tip: str
    """The last commit of the branch, made anew; the new base if the commits did not fit there one by one."""
    content: Merge


async def rebased(git: Git, head: str, onto: str, committer: tuple[str, str]) -> Rebased:
    """Put a branch onto a commit: each of its commits if that works out, else all of it as one content."""
    lines = (await git.line("rev-list", "--reverse", "--topo-order", "--parents", f"{onto}..{head}")).splitlines()
    commits = [line.split() for line in lines]
    linear = all(len(commit) == 2 for commit in commits)  # noqa: PLR2004 - itself and one parent
    whole = await merge(git, head, onto)
    tip = await _replayed(git, commits, onto, committer) if len(commits) <= MAX_COMMITS else ""
    tree = await git.tree(tip) if tip else ""
    if tip and (linear or (tree == whole.tree and not whole.conflicts)):
        return Rebased(tip, Merge(tree))
    return Rebased(onto, whole)  # a merge on the branch may have decided what its commits alone do not tell


async def _replayed(git: Git, commits: list[list[str]], onto: str, committer: tuple[str, str]) -> str:
    """Make each commit that is no merge once more, keeping author and message; empty if one does not fit."""
    tip, tree = onto, await git.tree(onto)
    for sha, *parents in commits:
        if len(parents) != 1:
            continue
        merged = await carried_over(git, await git.tree(parents[0]), await git.tree(sha), tree)
        if merged.conflicts:
            return ""
        if merged.tree != tree:  # else it is there already
            tip, tree = await _again(git, sha, tip, merged.tree, committer), merged.tree
    return tip


async def _again(git: Git, sha: str, parent: str, tree: str, committer: tuple[str, str]) -> str:
    """Make a commit like another one; its times are kept, so that a repeated rebase is the same one."""
    output = await git.output("log", "-1", "--date=raw", f"--format={FORMAT}", sha)
    name, email, authored, committed, message = output.decode(errors="replace").split("\0", 4)
    author = Signature(name or email or "unknown", email, authored)
    return await git.commit(Commit(tree, (parent,), message, author, Signature(*committer, committed)))
