"""What workflows may ask of the hosts that have the worktrees: workspaces, checks and agents."""

from datetime import timedelta
from typing import Protocol

from temporalio import activity
from temporalio.workflow import ActivityCancellationType, ActivityConfig

from workflows import patience
from workflows.model import (
    AgentResult,
    AgentTask,
    Answer,
    AnswerRequest,
    CheckCommand,
    Checkpoint,
    CheckpointRequest,
    CheckResult,
    ChecksRequest,
    Chunks,
    ChunksRequest,
    Leftovers,
    PromptRequest,
    Published,
    PublishRequest,
    QuestionRequest,
    RepoConfig,
    Source,
    StagedChange,
    SweepRefs,
    SweepWorktrees,
    Withdrawal,
    Workspace,
    WorkspaceRequest,
)
from workflows.ports import NEVER_RETRIED, WORKSPACES_QUEUE


class Projects(Protocol):
    """Local repositories, for jobs without GitHub."""

    @activity.defn
    async def read_project_config(self, source: Source, /) -> RepoConfig:
        """Read `.aidp/aidp.yml` at HEAD; raises as `read_repo_config` does."""
        ...


class Workspaces(Protocol):
    """Mirrors and worktrees: the git side of the work."""

    @activity.defn
    async def open_workspace(self, request: WorkspaceRequest, /) -> Workspace:
        """Make the loop's worktree on this host, or adopt what an earlier attempt left of it."""
        ...

    @activity.defn
    async def reset_workspace(self, workspace: Workspace, /) -> None:
        """Throw away what was not checkpointed: an agent died in the middle of its work."""
        ...

    @activity.defn
    async def stage_changes(self, workspace: Workspace, /) -> StagedChange:
        """Stage everything in the worktree and tell what the difference to the base is."""
        ...

    @activity.defn
    async def withdraw_changes(self, withdrawal: Withdrawal, /) -> None:
        """Take paths back to what they were at the base; a new file goes away."""
        ...

    @activity.defn
    async def list_chunks(self, request: ChunksRequest, /) -> Chunks:
        """Cut the diff against the base into parts for a review."""
        ...

    @activity.defn
    async def commit_checkpoint(self, request: CheckpointRequest, /) -> Checkpoint:
        """Commit the worktree as a checkpoint, where another host can find it."""
        ...

    @activity.defn
    async def publish_branch(self, request: PublishRequest, /) -> Published:
        """Push the checkpointed work to its branch."""
        ...

    @activity.defn
    async def close_workspace(self, workspace: Workspace, /) -> str:
        """Remove the worktree and, if no work is lost with it, the checkpoint ref; return the ref that stays."""
        ...


class Sweeping(Protocol):
    """What loops left that ended without closing their workspace."""

    @activity.defn
    async def list_leftovers(self, source: Source, /) -> Leftovers:
        """List the checkpoint refs of a repository and the worktrees of the host that answers, with their ages."""
        ...

    @activity.defn
    async def sweep_refs(self, request: SweepRefs, /) -> tuple[str, ...]:
        """Remove old checkpoint refs whose loop is over, and return them."""
        ...

    @activity.defn
    async def sweep_worktrees(self, request: SweepWorktrees, /) -> tuple[str, ...]:
        """Remove old worktrees of this host whose loop is over, and return their names."""
        ...


class Checks(Protocol):
    """The repository's own commands. One activity type per step, so that histories tell them apart."""

    @activity.defn
    async def detect_checks(self, workspace: Workspace, /) -> tuple[CheckCommand, ...]:
        """Find the usual test and lint commands of what lies in the worktree."""
        ...

    @activity.defn
    async def run_tests(self, request: ChecksRequest, /) -> tuple[CheckResult, ...]:
        """Run the commands of category test."""
        ...

    @activity.defn
    async def run_linters(self, request: ChecksRequest, /) -> tuple[CheckResult, ...]:
        """Run the commands of category lint."""
        ...

    @activity.defn
    async def run_other_checks(self, request: ChecksRequest, /) -> tuple[CheckResult, ...]:
        """Run the commands of every other category."""
        ...


class Agents(Protocol):
    """Coding agents: command line programs that edit the worktree."""

    @activity.defn
    async def write_prompt(self, request: PromptRequest, /) -> str:
        """Write an iteration's prompt to a file on the host and return its path."""
        ...

    @activity.defn
    async def write_question(self, request: QuestionRequest, /) -> str:
        """Write the prompt of a question to a file on the host and return its path."""
        ...

    @activity.defn
    async def read_answer(self, request: AnswerRequest, /) -> Answer:
        """Read what an agent answered; a flaw says why it is of no use, in words for the agent."""
        ...

    @activity.defn
    async def run_agent(self, task: AgentTask, /) -> AgentResult:
        """Run one agent over one prompt; raises an error with a `Failure` type when the run did not end well."""
        ...


OPEN_WORKSPACE = ActivityConfig(
    task_queue=WORKSPACES_QUEUE,
    start_to_close_timeout=patience.OPEN_WORKSPACE.time,
    heartbeat_timeout=patience.HEARTBEAT.time,
    retry_policy=patience.HOST_RETRY.policy(NEVER_RETRIED),
)


def on_host(workspace: Workspace) -> ActivityConfig:
    """Options of a step that needs the worktree: quick to notice a lost host, patient with a slow one."""
    return ActivityConfig(
        task_queue=workspace.host_queue,
        schedule_to_start_timeout=patience.HOST_ABSENT.time,
        start_to_close_timeout=patience.HOST_STEP.time,
        heartbeat_timeout=patience.HEARTBEAT.time,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        retry_policy=patience.HOST_RETRY.policy(NEVER_RETRIED),
    )


def agent_on_host(task: AgentTask) -> ActivityConfig:
    """Options of an agent run: never retried blindly on a dirty tree; the work loop decides what a failure means."""
    return on_host(task.workspace) | ActivityConfig(
        start_to_close_timeout=timedelta(seconds=task.wall_seconds) + patience.AGENT_SLOT.time,
        retry_policy=patience.AGENT_RETRY.policy(),
    )


def checks_on_host(request: ChecksRequest) -> ActivityConfig:
    """Options of a run of checks: as long as the commands' own limits together."""
    limit = sum(command.timeout_seconds for command in request.commands)
    return on_host(request.workspace) | ActivityConfig(
        start_to_close_timeout=timedelta(seconds=limit) + patience.CHECKS_OVERHEAD.time
    )
