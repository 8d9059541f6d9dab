"""What workflows may ask of the world, and how long they wait for it.

Each port is a `Protocol` of activities; the hands implement them under the same names. The options beside a port are
the only place for its task queue, time-outs and retries.
"""

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
    Authority,
    CheckCommand,
    Checkpoint,
    CheckpointRequest,
    CheckResult,
    ChecksRequest,
    Chunks,
    ChunksRequest,
    Failure,
    Issue,
    Item,
    LabelChange,
    Leftovers,
    Note,
    Permission,
    PromptRequest,
    Published,
    PublishRequest,
    PullRequest,
    PullRequestDraft,
    QuestionRequest,
    RepoConfig,
    Source,
    Spending,
    StagedChange,
    StatusReport,
    SweepRefs,
    SweepWorktrees,
    Totals,
    Withdrawal,
    Workspace,
    WorkspaceRequest,
)

MAIN_QUEUE = "aidp"
"""Workflows and GitHub calls: any worker."""
WORKSPACES_QUEUE = "aidp-workspaces"
"""Opening a workspace: any host that runs agents."""


def host_queue(host: str) -> str:
    """Task queue of everything that needs this host's disk."""
    return f"aidp-host-{host}"


NEVER_RETRIED = [
    Failure.AUTH_EXPIRED,
    Failure.CONFIGURATION,
    Failure.CONFLICT,
    Failure.PERMANENT,
    Failure.QUOTA_EXHAUSTED,
    Failure.SECURITY_VIOLATION,
]
"""Trying these again changes nothing until somebody acts."""


class GitHub(Protocol):
    """The GitHub API. Every write finds what an earlier attempt left before it creates anything."""

    @activity.defn
    async def read_issue(self, item: Item, /) -> Issue:
        """Read the issue or pull request as it is now."""
        ...

    @activity.defn
    async def read_permission(self, authority: Authority, /) -> Permission:
        """Ask what an actor may do in the repository, now, by numeric id."""
        ...

    @activity.defn
    async def read_repo_config(self, source: Source, /) -> RepoConfig:
        """Read `.aidp/aidp.yml` of the default branch; raises `Failure.CONFIGURATION` with what is wrong where."""
        ...

    @activity.defn
    async def add_eyes(self, item: Item, /) -> None:
        """React with 👀 to say that the item was seen."""
        ...

    @activity.defn
    async def change_labels(self, change: LabelChange, /) -> None:
        """Add and remove labels; what is already so stays so."""
        ...

    @activity.defn
    async def define_labels(self, source: Source, /) -> None:
        """Make all our labels known to a repository; those it knows keep their look."""
        ...

    @activity.defn
    async def write_status(self, report: StatusReport, /) -> int:
        """Write the item's one status comment and return its id."""
        ...

    @activity.defn
    async def write_note(self, note: Note, /) -> None:
        """Write a comment, unless one with the same key is there."""
        ...

    @activity.defn
    async def open_pull_request(self, draft: PullRequestDraft, /) -> PullRequest:
        """Open a draft pull request, or bring the open one of the same branch up to date."""
        ...


API = ActivityConfig(
    task_queue=MAIN_QUEUE,
    start_to_close_timeout=patience.API_CALL.time,
    retry_policy=patience.API_RETRY.policy(NEVER_RETRIED),
)
IN_ORDER = API | ActivityConfig(cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
"""A write that must not come after the one that takes its place."""


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


class Ledger(Protocol):
    """What all runs of a repository have spent together."""

    @activity.defn
    async def record_spending(self, spending: Spending, /) -> Totals:
        """Count what was spent, once however often it is recorded, and return the totals of its issue and day."""
        ...


LEDGER = ActivityConfig(
    task_queue=MAIN_QUEUE,
    start_to_close_timeout=patience.LEDGER_CALL.time,
    retry_policy=patience.LEDGER_RETRY.policy(),
)
