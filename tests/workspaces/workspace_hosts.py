"""Agent hosts, and git as people use it."""

import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

from activities.workspaces import Remote, WorkspaceActivities, WorkspaceSettings
from workflows.host_ports import Workspaces
from workflows.model import (
    Basis,
    Checkpoint,
    CheckpointRequest,
    Published,
    PublishRequest,
    Source,
    Task,
    Withdrawal,
    Workspace,
    WorkspaceRequest,
)

GITHUB = Source(installation_id=1, repository_id=42)
BRANCH = "aidp/issue-7-add-a-greeting"
TIME = "2026-11-23T10:00:00.123456+00:00"
PERSON = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main")


def git(directory: Path, *arguments: str) -> str:
    """Run git the way a person does."""
    done = subprocess.run(("git", *PERSON, *arguments), cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit_all(directory: Path, message: str) -> str:
    """Commit everything, the way a person does."""
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", message)
    return git(directory, "rev-parse", "HEAD")


@dataclass(frozen=True, slots=True)
class Door:
    """A `GitAccess` that leads to one place."""

    remote: Remote

    async def git_access(self, source: Source, *, write: bool) -> Remote:
        """Let everybody in."""
        del source, write
        return self.remote

    def refused(self, remote: Remote) -> None:
        """Have no other token."""
        del remote

    async def author(self, source: Source) -> tuple[str, str]:
        """Sign as the App's bot."""
        del source
        return "aidp[bot]", "aidp@example.com"


@dataclass(frozen=True, slots=True)
class Host:
    """One agent host and the loop it works on, which remembers its last checkpoint."""

    activities: WorkspaceActivities
    source: Source = GITHUB
    checkpoints: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def port(self) -> Workspaces:
        """What a workflow sees of it."""
        return self.activities

    async def open(self, loop_id: str = "loop:42#7", branch: str = BRANCH) -> Workspace:
        """Open the loop's workspace."""
        return await self.open_for(replace(self.request(), loop_id=loop_id, branch=branch))

    async def open_for(self, request: WorkspaceRequest) -> Workspace:
        """Open a workspace of any kind."""
        workspace = await self.port.open_workspace(request)
        self.checkpoints.pop(workspace.directory, None)
        return workspace

    def known(self, workspace: Workspace) -> Workspace:
        """Tell of a workspace what the loop does."""
        sha = self.checkpoints.get(workspace.directory, workspace.checkpoint_sha)
        return replace(workspace, checkpoint_sha=sha)

    def request(self, basis: Basis = Basis.BUILD) -> WorkspaceRequest:
        """Ask for the loop's workspace."""
        task = Task("Add a greeting", "Say hello.")
        return WorkspaceRequest("loop:42#7", self.source, BRANCH, task, basis=basis)

    async def checkpoint(self, workspace: Workspace, iteration: int = 1) -> Checkpoint:
        """Take a checkpoint."""
        checkpoint = await self.port.commit_checkpoint(CheckpointRequest(self.known(workspace), iteration, TIME))
        self.checkpoints[workspace.directory] = checkpoint.sha
        return checkpoint

    async def reset(self, workspace: Workspace) -> None:
        """Go back to the last checkpoint."""
        await self.port.reset_workspace(self.known(workspace))

    async def take_out(self, workspace: Workspace, *paths: str) -> None:
        """Withdraw changes."""
        await self.port.withdraw_changes(Withdrawal(workspace, paths))

    async def publish(self, workspace: Workspace, message: str = "Add a greeting") -> Published:
        """Publish what was checkpointed."""
        return await self.port.publish_branch(PublishRequest(self.known(workspace), message, TIME))


def host_of(root: Path, remote: Remote) -> Host:
    """Set up a host."""
    settings = WorkspaceSettings(root, root.name)
    return Host(WorkspaceActivities(settings, Door(remote)))


def tree(workspace: Workspace) -> Path:
    """Where the agent works."""
    return Path(workspace.directory) / "tree"


def mirror_of(workspace: Workspace) -> Path:
    """Find the only mirror of the host."""
    return next((Path(workspace.directory).parents[1] / "mirrors").glob("*.git"))
