"""Where a work begins, and what its change is counted from: one way for each basis."""

import re
from dataclasses import dataclass, replace

from activities.workspaces.combining import combined
from activities.workspaces.failures import failure
from activities.workspaces.git import Commit, Git, Signature
from activities.workspaces.merging import merge
from activities.workspaces.notes import BASE, Begun, begun, trailer
from activities.workspaces.ownership import is_all_ours
from activities.workspaces.refs import Heads
from activities.workspaces.replay import rebased
from workflows.model import Basis, Failure, WorkspaceRequest

MAX_CONFLICTS = 200
MAX_NAMED = 20
SHA = re.compile(r"[0-9a-f]{7,64}")
NO_BRANCH = "There is no branch `{branch}`. Choose one that exists, and start the work again."
NO_PULL = "Pull request #{pull} was not found in this repository."
NOT_THERE = "Commit `{sha}` is not on {place} (any more). Start the work again from what is there now."
MERGED = "aidp: merge {branches}"
UNMERGED = """

Before that: this work builds on {branches}, which git could not merge by itself. Resolve every conflict that is marked
in the files (`<<<<<<<`, `=======`, `>>>>>>>`): keep what all of them meant, and remove the markers. There are some in
{paths}.
"""
TOO_MANY = "`{branch}` and `{start}` conflict in {count:,} files, too many for an agent. Merge a part of them first."


@dataclass(frozen=True, slots=True)
class Beginning:
    """The commit the worktree shows first, and what is known of it."""

    base_branch: str
    base_sha: str
    start_sha: str
    conflicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What git said of the conflicts."""
    advice: str = ""
    """What the agent is told beside its task."""
    basis: Basis | None = None
    """Where it is another than asked for: a branch with other people's commits is not rebased, but merged."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A request, and what the remote has for it."""

    git: Git
    heads: Heads
    request: WorkspaceRequest
    author: tuple[str, str]

    async def begin(self) -> Beginning:
        """Choose where to begin: where this loop was, else where its basis says."""
        if self.heads.checkpoint and self.request.basis is not Basis.READ:
            return await self._resumed(self.heads.checkpoint)
        match self.request.basis:
            case Basis.BUILD:
                starts = self.request.start_branches
                return await (self._combined() if starts else self._compared(await self._build_start()))
            case Basis.READ:
                return await self._compared(self.heads.pull or (self._head() if self.request.branch else ""))
            case Basis.AMEND:
                return self._at(self._head())
            case Basis.MERGE:
                return await self._merged()
            case Basis.REBASE:
                return await self._rebased_or_merged()

    async def _resumed(self, checkpoint: str) -> Beginning:
        """Go on from a checkpoint, with the same base, wherever the branches are by now."""
        base = await trailer(self.git, checkpoint, BASE) or await _fork_point(self.git, self.heads.base, checkpoint)
        start = await begun(self.git, base)
        conflicts = start.conflicts if start else ()
        basis = await self._basis(start) if start else None
        return Beginning(self._base_branch, base, checkpoint, conflicts, advice=self._advice(conflicts), basis=basis)

    async def _compared(self, start: str) -> Beginning:
        """Begin at a commit, counting from where it left the start branch."""
        base = await self._onto()
        if self.request.pull and not self.heads.pull:
            raise failure(Failure.PERMANENT, NO_PULL.format(pull=self.request.pull))
        if start and start == self.heads.pull:
            start = await self._pinned(start, f"pull request #{self.request.pull}")
        return Beginning(self._base_branch, await _fork_point(self.git, base, start or base), start or base)

    async def _build_start(self) -> str:
        """Go on where the branch is, unless its work is in the start branch already."""
        heads = self.heads
        if heads.branch and not await self.git.is_ancestor(heads.branch, await self._onto()):
            return heads.branch
        return heads.pull

    async def _combined(self) -> Beginning:
        """Begin on several branches at once; where the work is on its own branch already, go on from there."""
        for branch, sha in zip(self.request.start_branches, self.heads.starts, strict=True):
            if not sha:
                raise failure(Failure.PERMANENT, NO_BRANCH.format(branch=branch))
        start, own = await self._combination(), self.heads.branch
        if own and not await self.git.is_ancestor(own, start.start_sha):
            return Beginning(self._base_branch, await _fork_point(self.git, start.start_sha, own), own)
        return start

    async def _combination(self) -> Beginning:
        result = await combined(self.git, self.heads.starts)
        parents, merged = result.parents, result.merge
        if len(parents) == 1:
            return self._at(parents[0])
        conflicts = self._bounded(merged.conflicts)
        note = str(Begun(parents[0], parents[-1], conflicts)) if conflicts else MERGED.format(branches=self._starts)
        sha = await self._signed(merged.tree, parents, note, parents[-1])
        return Beginning(self._base_branch, sha, sha, conflicts, merged.notes, self._advice(conflicts))

    def _advice(self, conflicts: tuple[str, ...]) -> str:
        """Tell the agent what is to be done before its task; a merge or rebase has nothing else for its task."""
        if not conflicts or not self.request.start_branches:
            return ""
        return UNMERGED.format(branches=self._starts, paths=", ".join(conflicts[:MAX_NAMED]))

    @property
    def _starts(self) -> str:
        return ", ".join(self.request.start_branches)

    async def _merged(self) -> Beginning:
        head, onto = self._head(), await self._onto()
        if await self.git.is_ancestor(onto, head):
            return self._at(head)
        merged = await merge(self.git, head, onto)
        parents, conflicts = (head, onto), self._bounded(merged.conflicts)
        sha = await self._noted(merged.tree, parents, Begun(head, onto, conflicts))
        return Beginning(self._base_branch, sha, sha, conflicts, merged.notes)

    async def _rebased_or_merged(self) -> Beginning:
        basis = await self._basis(Begun(self._head(), await self._onto()))
        return replace(await self._merged(), basis=basis) if basis is Basis.MERGE else await self._rebased()

    async def _basis(self, start: Begun) -> Basis:
        """Choose how the branch may be brought up to date: only what is all ours is replaced."""
        wanted = self.request.basis
        if wanted is not Basis.REBASE or await is_all_ours(self.git, f"{start.onto}..{start.head}", self.author[1]):
            return wanted
        return Basis.MERGE

    async def _rebased(self) -> Beginning:
        head, onto = self._head(), await self._onto()
        if await self.git.is_ancestor(onto, head):
            return self._at(head)
        result = await rebased(self.git, head, onto, self.author)
        conflicts = self._bounded(result.content.conflicts)
        sha = await self._noted(result.content.tree, (result.tip,), Begun(head, onto, conflicts))
        return Beginning(self._base_branch, sha, sha, conflicts, result.content.notes)

    async def _noted(self, tree: str, parents: tuple[str, ...], note: Begun) -> str:
        """Write down how the work began, as the commit it begins with."""
        return await self._signed(tree, parents, str(note), note.onto)

    async def _signed(self, tree: str, parents: tuple[str, ...], message: str, time_of: str) -> str:
        """Make a commit at the time of another one: begun again, it is the same."""
        time = await self.git.line("log", "-1", "--format=%cd", "--date=raw", time_of)
        return await self.git.commit(Commit(tree, parents, message, Signature(*self.author, time)))

    async def _onto(self) -> str:
        """Find the commit of the start branch that counts."""
        named, request = self.request.start_branch, self.request
        if named and not self.heads.start and request.basis in {Basis.MERGE, Basis.REBASE}:
            raise failure(Failure.PERMANENT, NO_BRANCH.format(branch=named))
        if request.pull:
            return self.heads.base  # the commit asked for is one of the pull request
        return await self._pinned(self.heads.base, f"`{named or self.heads.base_branch}`")

    async def _pinned(self, tip: str, place: str) -> str:
        """Return the commit asked for, which must be part of what was fetched."""
        wanted = self.request.start_sha
        if not wanted or wanted == tip:
            return tip
        found = SHA.fullmatch(wanted) and await self.git.run("rev-parse", "--verify", "--quiet", f"{wanted}^{{commit}}")
        if found and not found.exit_code:
            sha = found.stdout.decode().strip()
            if await self.git.is_ancestor(sha, tip):
                return sha
        raise failure(Failure.PERMANENT, NOT_THERE.format(sha=wanted[:12], place=place))

    def _at(self, sha: str) -> Beginning:
        return Beginning(self._base_branch, sha, sha)

    def _head(self) -> str:
        if not self.heads.branch:
            raise failure(Failure.PERMANENT, NO_BRANCH.format(branch=self.request.branch))
        return self.heads.branch

    def _bounded(self, conflicts: tuple[str, ...]) -> tuple[str, ...]:
        if len(conflicts) > MAX_CONFLICTS:
            start = self.request.start_branch or self.heads.base_branch
            names = {"branch": self.request.branch, "start": start, "count": len(conflicts)}
            raise failure(Failure.CONFLICT, TOO_MANY.format(**names))
        return conflicts

    @property
    def _base_branch(self) -> str:
        """The branch this is compared with; a build is proposed to the default branch, wherever it began."""
        request = self.request
        named = request.start_branch if request.pull or request.basis is not Basis.BUILD else ""
        return named or self.heads.base_branch


async def _fork_point(git: Git, base: str, start: str) -> str:
    """Return the commit both have in common; without one, all of the work is change."""
    if start == base:
        return base
    finished = await git.run("merge-base", base, start)
    return finished.stdout.decode().strip() or base
