"""Putting work on its branch: on top of what is there, whoever put it there, and only once.

What an attempt pushed is found again by its trailer, which names the loop and the content that the work had then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from activities.workspaces.failures import failure
from activities.workspaces.git import Commit, Git, Signature
from activities.workspaces.markers import unresolved
from activities.workspaces.merging import carried_over
from activities.workspaces.notes import RUN, Begun, begun, one_line, with_trailers
from activities.workspaces.refs import Heads
from workflows.model import Basis, Failure, PublishRequest, Workspace

MAX_COMMITS = 500
"""How far back on the branch we look for what we know."""
MAX_NAMED = 10
READ_ONLY = "This work only reads; nothing of it is published."
NOTHING = "There is nothing to publish: the work changed no file."
ALL_THERE = "There is nothing left to publish: all of it is in the start branch already."
UNRESOLVED = "Conflicts are left in {paths}; nothing was pushed."
GONE = "The branch `{branch}` is gone. Restore it, or start the work again from where it should begin."
BOTH_CHANGED = "Somebody else pushed to `{branch}` meanwhile, and both changed {paths}."
REPLACED = "Somebody else pushed to `{branch}` meanwhile, or removed it; it was not replaced."


@dataclass(frozen=True, slots=True)
class Row:
    """A commit on the way to a head."""

    sha: str
    tree: str
    run: str
    """Its trailer, if we pushed it: the loop, and the content the work had then."""


@dataclass(frozen=True, slots=True)
class Known:
    """The newest commit of the branch whose content is in our work."""

    tree: str
    """That content; of what we pushed over somebody else's change, our part alone."""
    pushed: bool = False
    """Whether it came from us, and not from where we began."""


@dataclass(frozen=True, slots=True)
class Landing:
    """One attempt to publish."""

    git: Git
    heads: Heads
    request: PublishRequest
    checkpoint: str
    author: tuple[str, str]

    async def commit(self) -> str:
        """Make the commit the branch should have now, and return it; the branch's own head if that is it already."""
        if self._workspace.basis is Basis.READ:
            raise failure(Failure.PERMANENT, READ_ONLY)
        if left := await unresolved(self.git, self.checkpoint, self._workspace.conflicts):
            raise failure(Failure.CONFLICT, UNRESOLVED.format(paths=_named(left)))
        start = await self._begun()
        if self._workspace.basis is Basis.REBASE and start:
            return await self._instead_of(start)
        return await self._on_top(start)

    async def _on_top(self, start: Begun | None) -> str:
        """Add our change to whatever the branch has by now."""
        head, base, ours = self.heads.branch, self._workspace.base_sha, await self._tree()
        if self._workspace.basis is Basis.BUILD and (not head or await self.git.is_ancestor(head, base)):
            return await self._first(base)
        if not head:
            raise failure(Failure.PERMANENT, GONE.format(branch=self._workspace.branch))
        known = await self._known(head) or Known(await self.git.tree(start.head if start else base))
        if known.pushed and known.tree == ours:
            return head
        if start and head == start.head and self._workspace.basis is Basis.MERGE:
            return await self._commit(ours, (head, start.onto))
        return await self._added(head, known.tree, start)

    async def _first(self, base: str) -> str:
        """Begin the branch; where branches did not fit together, with the commit that merges them."""
        if await self._tree() == await self.git.tree(base):
            return self._nothing_new(base)
        parents = (await self.git.line("rev-parse", f"{base}^@")).split() if self._workspace.conflicts else [base]
        return await self._commit(await self._tree(), tuple(parents))

    async def _added(self, head: str, before: str, start: Begun | None = None) -> str:
        """Carry the change from one content to ours over to the branch's head."""
        ours = await self._tree()
        if ours == before and not start:
            return self._nothing_new(head)
        there = await self.git.tree(head)
        merged = await carried_over(self.git, before, ours, there)
        if merged.conflicts:
            raise failure(Failure.CONFLICT, self._both_changed(merged.conflicts))
        parents = (head,)
        if start and self._workspace.basis is Basis.MERGE and not await self.git.is_ancestor(start.onto, head):
            parents = (head, start.onto)
        if merged.tree == there and len(parents) == 1:
            return head  # somebody made the very same change
        return await self._commit(merged.tree, parents)

    def _nothing_new(self, head: str) -> str:
        """Leave a branch that was up to date before as it is; a change that is none helps nobody."""
        if self._workspace.basis in {Basis.MERGE, Basis.REBASE}:
            return head
        raise failure(Failure.PERMANENT, NOTHING)

    async def _instead_of(self, start: Begun) -> str:
        """Replace the branch that was there when we began, and no other."""
        head, ours = self.heads.branch, await self._tree()
        tip = await self.git.line("rev-parse", f"{self._workspace.base_sha}^")
        if head != start.head:
            return await self._after_replacing(start, tip)
        if ours == await self.git.tree(start.onto):
            raise failure(Failure.PERMANENT, ALL_THERE)
        return tip if ours == await self.git.tree(tip) else await self._commit(ours, (tip,))

    async def _after_replacing(self, start: Begun, tip: str) -> str:
        """Go on from what we replaced the branch with, if that is what it has now."""
        head = self.heads.branch
        if head and await self._known(head):
            return await self._on_top(start)
        if not head or tip == start.onto or not await self.git.is_ancestor(tip, head):
            raise failure(Failure.CONFLICT, REPLACED.format(branch=self._workspace.branch))
        return await self._added(head, await self.git.tree(tip), start)

    async def _known(self, head: str) -> Known | None:
        """Find the newest commit of the branch whose content is in our work: pushed by us, or where we began."""
        ours = await history(self.git, f"{self._workspace.base_sha}..{self.checkpoint}")
        trees = frozenset(row.tree for row in ours)
        if await self._began_at(head):
            return Known(await self.git.tree(head))
        for row in await history(self.git, f"{self._workspace.base_sha}..{head}"):
            name, _, content = row.run.rpartition(" ")
            if name == self._run:
                return Known(content, pushed=True)
            begun_with = await self.git.is_ancestor(row.sha, self.checkpoint)
            if begun_with or row.tree in trees:
                return Known(row.tree, pushed=not begun_with)
        return None

    async def _began_at(self, head: str) -> bool:
        """Whether the branch is where it was when we began, and not before that."""
        base = self._workspace.base_sha
        if head == base:
            return True
        return await self.git.is_ancestor(head, self.checkpoint) and not await self.git.is_ancestor(head, base)

    async def _begun(self) -> Begun | None:
        """Read how a merge or rebase began; what can be reached from the branch is no such note of ours."""
        base, head = self._workspace.base_sha, self.heads.branch
        if self._workspace.basis not in {Basis.MERGE, Basis.REBASE}:
            return None
        return None if head and await self.git.is_ancestor(base, head) else await begun(self.git, base)

    async def _commit(self, tree: str, parents: tuple[str, ...]) -> str:
        run = f"{RUN}: {self._run} {await self._tree()}"
        message = await with_trailers(self.git, self.request.message, run)
        return await self.git.commit(Commit(tree, parents, message, Signature.at(self.request.time, self.author)))

    async def _tree(self) -> str:
        return await self.git.tree(self.checkpoint)

    def _both_changed(self, paths: tuple[str, ...]) -> str:
        return BOTH_CHANGED.format(branch=self._workspace.branch, paths=_named(paths))

    @property
    def _run(self) -> str:
        return one_line(self._workspace.loop_id)

    @property
    def _workspace(self) -> Workspace:
        return self.request.workspace


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - MAX_NAMED} more" if len(paths) > MAX_NAMED else ""
    return ", ".join(f"`{path}`" for path in paths[:MAX_NAMED]) + more


async def history(git: Git, span: str) -> list[Row]:
    """List commits, the newest first."""
    trailers = f"%(trailers:key={RUN},valueonly,separator=%x20)"
    output = await git.output("log", f"--max-count={MAX_COMMITS}", f"--format=%H%x09%T%x09{trailers}", span)
    return [Row(*line.split("\t", 2)) for line in output.decode(errors="replace").split("\n") if line]


async def is_unpublished(git: Git, heads: Heads, workspace: Workspace) -> bool:
    """Tell whether the checkpoint holds work that no branch has."""
    if not heads.checkpoint:
        return False
    tree = await git.tree(heads.checkpoint)
    if tree == await git.tree(workspace.base_sha):
        return False
    return not heads.branch or tree not in await _contents(git, heads.branch, workspace)


async def _contents(git: Git, head: str, workspace: Workspace) -> set[str]:
    """List the contents that a branch has, or has got from this loop."""
    run = one_line(workspace.loop_id)
    rows = await history(git, f"{workspace.base_sha}..{head}")
    return {await git.tree(head), *(row.run.removeprefix(f"{run} ") for row in rows)}
