"""Mirrors and worktrees: the git side of the work, behind the port `Workspaces`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.workspaces.changes import change_between
from activities.workspaces.failures import failure
from activities.workspaces.folders import Folders, remove
from activities.workspaces.git import Commit, Git, Remote
from activities.workspaces.mirror import Heads, Mirror, Refs, foreign_push
from activities.workspaces.staging import staged_change
from activities.workspaces.withdrawal import withdraw
from activities.workspaces.worktree import Worktree
from workflows.model import (
    Checkpoint,
    CheckpointRequest,
    Failure,
    Published,
    PublishRequest,
    Source,
    StagedChange,
    Withdrawal,
    Workspace,
    WorkspaceRequest,
)
from workflows.ports import host_queue

__all__ = ["GitAccess", "Remote", "WorkspaceActivities", "WorkspaceSettings"]

MAX_FILES = 100
WRITTEN_LATE = "Something wrote to the worktree after the guards had looked at it. Nothing of it was committed."
LOCAL_AUTHOR = ("aidp", "aidp@localhost")


class GitAccess(Protocol):
    """Whoever knows a repository's address and may open it."""

    async def git_access(self, source: Source, *, write: bool) -> Remote:
        """Return the URL and a token for this one repository, to read or to write."""
        ...

    async def author(self, source: Source) -> tuple[str, str]:
        """Return name and address of whoever signs the commits there."""
        ...


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """This host."""

    root: Path
    """Mirrors, worktrees, prompts and logs live here."""
    host: str
    env: Mapping[str, str] = field(default_factory=lambda: {"PATH": os.defpath})
    """What git gets of the operator's environment: PATH, proxies, certificates."""


class WorkspaceActivities:
    """Implements `workflows.ports.Workspaces` with the git command line."""

    def __init__(self, settings: WorkspaceSettings, access: GitAccess) -> None:
        self._settings = settings
        self._access = access
        self._folders = Folders(settings.root.resolve())

    @activity.defn
    async def open_workspace(self, request: WorkspaceRequest) -> Workspace:
        """Make the loop's worktree on this host, or adopt what an earlier attempt left of it."""
        self._folders.make()
        mirror = self._mirror(request.source, request.loop_id, request.branch, request.start_branch)
        await mirror.check_branch()
        heads = await mirror.fetch(await self._remote(request.source, write=False))
        start = await _start(mirror.git, heads)
        worktree = self._worktree(mirror, request.loop_id)
        worktree.folder.make(request.task)
        await mirror.git.output("update-ref", mirror.refs.local_checkpoint, start)
        await worktree.reset(start)
        return Workspace(
            loop_id=request.loop_id,
            source=request.source,
            host_queue=host_queue(self._settings.host),
            directory=str(worktree.folder.path),
            branch=request.branch,
            base_branch=heads.base_branch,
            base_sha=await _fork_point(mirror.git, heads.base, start),
            start_sha=start,
        )

    @activity.defn
    async def reset_workspace(self, workspace: Workspace) -> None:
        """Throw away what was not checkpointed: an agent died in the middle of its work."""
        mirror, worktree = self._parts(workspace)
        sha, _ = await mirror.checkpoint()
        await worktree.reset(sha)

    @activity.defn
    async def stage_changes(self, workspace: Workspace) -> StagedChange:
        """Stage everything in the worktree and tell what the difference to the base is."""
        mirror, worktree = self._parts(workspace)
        return await staged_change(mirror.git, workspace.base_sha, await worktree.stage())

    @activity.defn
    async def withdraw_changes(self, withdrawal: Withdrawal) -> None:
        """Take paths back to what they were at the base; a new file goes away."""
        _, worktree = self._parts(withdrawal.workspace)
        await withdraw(worktree, withdrawal.workspace.base_sha, withdrawal.paths)

    @activity.defn
    async def commit_checkpoint(self, request: CheckpointRequest) -> Checkpoint:
        """Commit the worktree as a checkpoint, where another host can find it."""
        workspace = request.workspace
        mirror, worktree = self._parts(workspace)
        sha, known = await mirror.checkpoint()
        tree = await worktree.stage()
        if request.tree and tree != request.tree:
            raise failure(Failure.SECURITY_VIOLATION, WRITTEN_LATE)
        if tree != known:
            message = f"aidp: iteration {request.iteration}"
            author = await self._author(workspace.source)
            sha = await mirror.git.commit(Commit(tree, sha, message, request.time, author))
            await mirror.git.output("update-ref", mirror.refs.local_checkpoint, sha)
        await mirror.push(await self._remote(workspace.source, write=True), f"{sha}:{mirror.refs.remote_checkpoint}")
        await worktree.show(sha)
        change, _ = await change_between(mirror.git, workspace.base_sha, sha)
        return Checkpoint(sha, tree, change)

    @activity.defn
    async def publish_branch(self, request: PublishRequest) -> Published:
        """Push the checkpointed work to its branch as one commit, on top of nothing but what we know."""
        workspace = request.workspace
        mirror, _ = self._parts(workspace)
        remote = await self._remote(workspace.source, write=True)
        heads = await mirror.fetch(remote)
        head = await _already_published(mirror.git, heads)
        if not head:
            head = await self._squash(mirror, heads, request)
            await mirror.push(remote, f"{head}:{mirror.refs.remote_branch}", lease=heads.branch)
        change, files = await change_between(mirror.git, workspace.base_sha, head)
        return Published(head, change, files[:MAX_FILES])

    @activity.defn
    async def close_workspace(self, workspace: Workspace) -> str:
        """Remove the worktree; prompts and logs stay until `sweep`. Work that was not published keeps its ref."""
        mirror = self._mirror(workspace.source, workspace.loop_id, workspace.branch)
        await self._worktree(mirror, workspace.loop_id).remove()
        if not mirror.git.directory.exists():
            return ""
        kept = await self._give_back(mirror, workspace)
        await mirror.forget()
        return kept

    async def _give_back(self, mirror: Mirror, workspace: Workspace) -> str:
        """Remove the checkpoint ref, unless it is all there is of some work; return it if it stays."""
        ref = mirror.refs.remote_checkpoint
        try:
            remote = await self._remote(workspace.source, write=True)
            if await _is_unpublished(mirror.git, await mirror.fetch(remote), workspace.base_sha):
                return ref
            await mirror.push(remote, f":{ref}")
        except ApplicationError as error:
            if not error.non_retryable:
                raise
            activity.logger.warning("The checkpoint ref of %s stays: %s", workspace.loop_id, error)
        return ""

    async def sweep(self, older_than: timedelta) -> list[str]:
        """Remove prompts and logs of runs that were closed so long ago; return their names."""
        old = self._folders.closed_before(older_than)
        for path in old:
            await remove(path)
        return [path.name for path in old]

    async def _squash(self, mirror: Mirror, heads: Heads, request: PublishRequest) -> str:
        tree = await mirror.git.tree(heads.checkpoint)
        parent = await _parent(mirror, heads, request.workspace.base_sha)
        if tree == await mirror.git.tree(parent):
            raise failure(Failure.PERMANENT, "There is nothing to publish: the work changed no file.")
        author = await self._author(request.workspace.source)
        return await mirror.git.commit(Commit(tree, parent, request.message, request.time, author))

    async def _remote(self, source: Source, *, write: bool) -> Remote:
        if source.project_dir:
            return Remote(self._folders.project(source))
        return await self._access.git_access(source, write=write)

    async def _author(self, source: Source) -> tuple[str, str]:
        return LOCAL_AUTHOR if source.project_dir else await self._access.author(source)

    def _parts(self, workspace: Workspace) -> tuple[Mirror, Worktree]:
        mirror = self._mirror(workspace.source, workspace.loop_id, workspace.branch)
        worktree = self._worktree(mirror, workspace.loop_id)
        worktree.folder.check()
        mirror.neutralise()
        return mirror, worktree

    def _mirror(self, source: Source, loop_id: str, branch: str, start_branch: str = "") -> Mirror:
        git = Git(self._folders.mirror(source), self._settings.env)
        refs = Refs(self._folders.run(loop_id).slug, branch, start_branch)
        return Mirror(git, refs, self._folders.askpass)

    def _worktree(self, mirror: Mirror, loop_id: str) -> Worktree:
        return Worktree(mirror.git, self._folders.run(loop_id))


async def _start(git: Git, heads: Heads) -> str:
    """Choose where to begin: where this loop was, else where its branch is, else the default branch."""
    if heads.checkpoint:
        return heads.checkpoint
    if heads.branch and not await git.is_ancestor(heads.branch, heads.base):
        return heads.branch
    return heads.base


async def _fork_point(git: Git, base: str, start: str) -> str:
    """Return the commit both have in common; without one, all of the work is change."""
    if start == base:
        return base
    finished = await git.run("merge-base", base, start)
    return finished.stdout.decode().strip() or base


async def _already_published(git: Git, heads: Heads) -> str:
    """Return the branch's head if an earlier attempt put it there: our content, in a commit that is no checkpoint."""
    if not heads.checkpoint:
        raise failure(Failure.PERMANENT, "There is nothing to publish: no checkpoint was found.")
    if not heads.branch or await git.is_ancestor(heads.branch, heads.checkpoint):
        return ""
    return heads.branch if await git.tree(heads.branch) == await git.tree(heads.checkpoint) else ""


async def _is_unpublished(git: Git, heads: Heads, base_sha: str) -> bool:
    """Tell whether the checkpoint holds work that no branch has."""
    if not heads.checkpoint:
        return False
    tree = await git.tree(heads.checkpoint)
    return tree not in [await git.tree(commit) for commit in (base_sha, heads.branch) if commit]


async def _parent(mirror: Mirror, heads: Heads, base_sha: str) -> str:
    """Choose what to build on: the branch if its content is in our work, else the base; never over somebody else's."""
    if not heads.branch or await mirror.git.is_ancestor(heads.branch, base_sha):
        return base_sha
    if await mirror.git.is_ancestor(heads.branch, heads.checkpoint):
        return heads.branch
    ours = await mirror.git.line("log", "--format=%T", f"{base_sha}..{heads.checkpoint}")
    if await mirror.git.tree(heads.branch) in ours.split():
        return heads.branch
    raise failure(Failure.PERMANENT, foreign_push(mirror.refs.branch))
