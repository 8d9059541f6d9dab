"""Mirrors and worktrees: the git side of the work, behind the port `Workspaces`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import anyio.to_thread
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import process
from activities.workspaces.access import GitAccess, Origin
from activities.workspaces.beginning import Opening
from activities.workspaces.changes import change_between
from activities.workspaces.failures import failure
from activities.workspaces.folders import Folders, remove
from activities.workspaces.git import Commit, Git, Remote, Signature
from activities.workspaces.mirror import Mirror
from activities.workspaces.notes import BASE
from activities.workspaces.patches import positions
from activities.workspaces.publishing import Landing, is_unpublished
from activities.workspaces.quota import Housekeeper, Quota
from activities.workspaces.refs import Refs
from activities.workspaces.reviewing import Diff, read_chunk, write_chunks
from activities.workspaces.staging import staged_change
from activities.workspaces.withdrawal import withdraw
from activities.workspaces.worktree import Worktree
from workflows.model import (
    Basis,
    Checkpoint,
    CheckpointRequest,
    Chunks,
    ChunksRequest,
    Failure,
    Published,
    PublishRequest,
    QuestionRequest,
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


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """This host."""

    root: Path
    """Mirrors, worktrees, prompts and logs live here."""
    host: str
    env: Mapping[str, str] = field(default_factory=lambda: {"PATH": os.defpath})
    """What git gets of the operator's environment: PATH, proxies, certificates."""
    quota: Quota = field(default_factory=Quota)


class WorkspaceActivities:
    """Implements `workflows.host_ports.Workspaces` with the git command line."""

    def __init__(self, settings: WorkspaceSettings, access: GitAccess) -> None:
        self._settings = settings
        self._access = access
        self._folders = Folders(settings.root.resolve())
        self._housekeeper = Housekeeper(self._folders, settings.quota)

    @activity.defn
    async def open_workspace(self, request: WorkspaceRequest) -> Workspace:
        """Make the loop's worktree on this host, or adopt what an earlier attempt left of it."""
        self._folders.make()
        if not self._folders.run(request.loop_id).tree.exists():
            await self._housekeeper.make_room()
        mirror = self._mirror_for(request)
        if request.branch or request.basis is not Basis.READ:
            await mirror.check_branch()
        with process.heartbeating():  # a long branch is replayed by many short commands
            heads = await mirror.fetch(self._origin(request.source))
            author = await self._author(request.source)
            beginning = await Opening(mirror.git, heads, request, author).begin()
            worktree = self._worktree(mirror, request.loop_id)
            worktree.folder.make(replace(request.task, text=request.task.text + beginning.advice), beginning.notes)
            await mirror.git.output("update-ref", mirror.refs.local_checkpoint, beginning.start_sha)
            await worktree.reset(beginning.start_sha)
        return Workspace(
            loop_id=request.loop_id,
            source=request.source,
            host_queue=host_queue(self._settings.host),
            directory=str(worktree.folder.path),
            branch=request.branch,
            base_branch=beginning.base_branch,
            base_sha=beginning.base_sha,
            start_sha=beginning.start_sha,
            basis=beginning.basis or request.basis,
            conflicts=beginning.conflicts,
        )

    @activity.defn
    async def reset_workspace(self, workspace: Workspace) -> None:
        """Throw away what was not checkpointed: an agent died in the middle of its work."""
        _, worktree = self._parts(workspace)
        await worktree.reset(workspace.head)

    @activity.defn
    async def stage_changes(self, workspace: Workspace) -> StagedChange:
        """Stage everything in the worktree and tell what the difference to the base is."""
        mirror, worktree = self._parts(workspace)
        with process.heartbeating():  # searching a large change is work of our own
            tree = await worktree.stage()
            return await staged_change(mirror.git, workspace.base_sha, tree, workspace.conflicts)

    @activity.defn
    async def withdraw_changes(self, withdrawal: Withdrawal) -> None:
        """Take paths back to what they were at the base; a new file goes away."""
        _, worktree = self._parts(withdrawal.workspace)
        await withdraw(worktree, withdrawal.workspace.base_sha, withdrawal.paths)

    @activity.defn
    async def list_chunks(self, request: ChunksRequest) -> Chunks:
        """Cut the diff against the base into parts for a review, and lay them down beside the worktree."""
        mirror, worktree = self._parts(request.workspace)
        with process.heartbeating():
            result = await Diff(mirror.git, request.workspace.base_sha, request.workspace.head).cut(request)
        write_chunks(worktree.folder.path, result.texts)
        return result.chunks

    async def chunk_text(self, request: QuestionRequest) -> str:
        """Read the part of the diff that a question is about, with the line numbers of the new side."""
        return await anyio.to_thread.run_sync(read_chunk, Path(request.workspace.directory), request.question.chunk)

    async def positions(self, workspace: Workspace) -> frozenset[tuple[str, int]]:
        """List paths and lines of the diff on which GitHub takes a comment, as they are after the change."""
        mirror, _ = self._parts(workspace)
        return positions(await Diff(mirror.git, workspace.base_sha, workspace.head).patches())

    @activity.defn
    async def commit_checkpoint(self, request: CheckpointRequest) -> Checkpoint:
        """Commit the worktree as a checkpoint, where another host can find it."""
        workspace = request.workspace
        mirror, worktree = self._parts(workspace)
        sha = workspace.head
        tree = await worktree.stage()
        if request.tree and tree != request.tree:
            raise failure(Failure.SECURITY_VIOLATION, WRITTEN_LATE)
        if tree != await mirror.git.tree(sha):
            message = f"aidp: iteration {request.iteration}\n\n{BASE}: {workspace.base_sha}\n"
            author = Signature.at(request.time, await self._author(workspace.source))
            sha = await mirror.git.commit(Commit(tree, (sha,), message, author))
            await mirror.git.output("update-ref", mirror.refs.local_checkpoint, sha)
        if workspace.basis is not Basis.READ:
            await mirror.push(self._origin(workspace.source, write=True), sha, mirror.refs.remote_checkpoint)
        await worktree.show(sha)
        change, _ = await change_between(mirror.git, workspace.base_sha, sha)
        return Checkpoint(sha, tree, change)

    @activity.defn
    async def publish_branch(self, request: PublishRequest) -> Published:
        """Push the checkpointed work to its branch, on top of whatever that has by now; a rebase replaces it."""
        workspace = request.workspace
        mirror, _ = self._parts(workspace)
        origin = self._origin(workspace.source, write=True)
        with process.heartbeating():
            heads = await mirror.fetch(origin)
            author = await self._author(workspace.source)
            head = await Landing(mirror.git, heads, request, workspace.head, author).commit()
            if head != heads.branch:
                await mirror.push(origin, head, mirror.refs.remote_branch, lease=heads.branch)
        change, files = await change_between(mirror.git, workspace.base_sha, workspace.head)
        return Published(head, change, files[:MAX_FILES], workspace.basis)

    @activity.defn
    async def close_workspace(self, workspace: Workspace) -> str:
        """Remove the worktree; prompts and logs stay until `sweep`. Work that was not published keeps its ref."""
        mirror = self._mirror(workspace)
        await self._worktree(mirror, workspace.loop_id).remove()
        if not mirror.git.directory.exists():
            return ""
        kept = "" if workspace.basis is Basis.READ else await self._give_back(mirror, workspace)
        await mirror.forget()
        return kept

    async def _give_back(self, mirror: Mirror, workspace: Workspace) -> str:
        """Remove the checkpoint ref, unless it is all there is of some work; return it if it stays."""
        ref, origin = mirror.refs.remote_checkpoint, self._origin(workspace.source, write=True)
        try:
            if await is_unpublished(mirror.git, await mirror.fetch(origin), workspace):
                return ref
            await mirror.push(origin, "", ref)
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

    def _origin(self, source: Source, *, write: bool = False) -> Origin:
        return Origin(self._access, self._folders, source, write)

    async def _author(self, source: Source) -> tuple[str, str]:
        return LOCAL_AUTHOR if source.project_dir else await self._access.author(source)

    def _parts(self, workspace: Workspace) -> tuple[Mirror, Worktree]:
        mirror = self._mirror(workspace)
        worktree = self._worktree(mirror, workspace.loop_id)
        worktree.folder.check()
        mirror.neutralise()
        return mirror, worktree

    def _mirror(self, workspace: Workspace | WorkspaceRequest) -> Mirror:
        git = Git(self._folders.mirror(workspace.source), self._settings.env)
        refs = Refs(self._folders.run(workspace.loop_id).slug, workspace.branch)
        return Mirror(git, refs, self._folders.askpass)

    def _mirror_for(self, request: WorkspaceRequest) -> Mirror:
        mirror = self._mirror(request)
        starts = {"start_branch": request.start_branch, "start_branches": request.start_branches}
        return replace(mirror, refs=replace(mirror.refs, pull=request.pull, **starts))

    def _worktree(self, mirror: Mirror, loop_id: str) -> Worktree:
        return Worktree(mirror.git, self._folders.run(loop_id))
