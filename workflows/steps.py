"""The ports, called with their options: what a workflow writes when it wants something done."""

from temporalio import workflow
from temporalio.workflow import ActivityConfig

from workflows import host_ports, ports
from workflows.host_ports import Agents, Checks, Projects, Sweeping, Workspaces
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
from workflows.ports import GitHub, Ledger

run_activity = workflow.execute_activity_method


async def read_issue(item: Item) -> Issue:
    """Read the item as GitHub has it now."""
    return await run_activity(GitHub.read_issue, item, **ports.API)


async def read_permission(authority: Authority) -> Permission:
    """Ask what somebody may do, now."""
    return await run_activity(GitHub.read_permission, authority, **ports.API)


async def read_config(source: Source) -> RepoConfig:
    """Read the repository's configuration."""
    if source.project_dir:
        return await run_activity(Projects.read_project_config, source, **host_ports.OPEN_WORKSPACE)
    return await run_activity(GitHub.read_repo_config, source, **ports.API)


async def add_eyes(item: Item) -> None:
    """Show that the item was seen."""
    await run_activity(GitHub.add_eyes, item, **ports.API)


async def change_labels(change: LabelChange) -> None:
    """Add and remove labels."""
    await run_activity(GitHub.change_labels, change, **ports.API)


async def define_labels(source: Source) -> None:
    """Make all our labels known to a repository."""
    await run_activity(GitHub.define_labels, source, **ports.API)


async def write_status(report: StatusReport) -> int:
    """Write the item's one status comment; when cancelled, no attempt is under way any more."""
    return await run_activity(GitHub.write_status, report, **ports.IN_ORDER)


async def write_note(note: Note) -> None:
    """Write a comment once."""
    await run_activity(GitHub.write_note, note, **ports.API)


async def open_pull_request(draft: PullRequestDraft) -> PullRequest:
    """Open a pull request, or bring the open one up to date."""
    return await run_activity(GitHub.open_pull_request, draft, **ports.API)


async def record_spending(spending: Spending) -> Totals:
    """Tell the repository's ledger what was spent."""
    return await run_activity(Ledger.record_spending, spending, **ports.LEDGER)


async def open_workspace(request: WorkspaceRequest) -> Workspace:
    """Take a workspace on any host."""
    return await run_activity(Workspaces.open_workspace, request, **host_ports.OPEN_WORKSPACE)


async def reset_workspace(workspace: Workspace) -> None:
    """Go back to the last checkpoint."""
    await run_activity(Workspaces.reset_workspace, workspace, **host_ports.on_host(workspace))


async def stage_changes(workspace: Workspace) -> StagedChange:
    """Tell what would be committed."""
    return await run_activity(Workspaces.stage_changes, workspace, **host_ports.on_host(workspace))


async def withdraw_changes(withdrawal: Withdrawal) -> None:
    """Take paths back to what they were at the base."""
    await run_activity(Workspaces.withdraw_changes, withdrawal, **host_ports.on_host(withdrawal.workspace))


async def list_chunks(request: ChunksRequest) -> Chunks:
    """Cut the diff against the base into parts for a review."""
    return await run_activity(Workspaces.list_chunks, request, **host_ports.on_host(request.workspace))


async def list_leftovers(source: Source) -> Leftovers:
    """List what loops of a repository may have left behind."""
    return await run_activity(Sweeping.list_leftovers, source, **host_ports.OPEN_WORKSPACE)


async def sweep_refs(request: SweepRefs) -> tuple[str, ...]:
    """Remove the checkpoint refs of loops that are over."""
    return await run_activity(Sweeping.sweep_refs, request, **host_ports.OPEN_WORKSPACE)


async def sweep_worktrees(request: SweepWorktrees, host_queue: str) -> tuple[str, ...]:
    """Remove the worktrees of loops that are over from one host."""
    options = host_ports.OPEN_WORKSPACE | ActivityConfig(task_queue=host_queue)
    return await run_activity(Sweeping.sweep_worktrees, request, **options)


async def commit_checkpoint(request: CheckpointRequest) -> Checkpoint:
    """Keep what the iteration brought."""
    return await run_activity(Workspaces.commit_checkpoint, request, **host_ports.on_host(request.workspace))


async def publish_branch(request: PublishRequest) -> Published:
    """Push the work to its branch."""
    return await run_activity(Workspaces.publish_branch, request, **host_ports.on_host(request.workspace))


async def close_workspace(workspace: Workspace) -> str:
    """Give the workspace back; return the ref under which unpublished work stays."""
    return await run_activity(Workspaces.close_workspace, workspace, **host_ports.on_host(workspace))


async def detect_checks(workspace: Workspace) -> tuple[CheckCommand, ...]:
    """Find the repository's usual check commands."""
    return await run_activity(Checks.detect_checks, workspace, **host_ports.on_host(workspace))


async def run_tests(request: ChecksRequest) -> tuple[CheckResult, ...]:
    """Run the tests, if there are any."""
    if not request.commands:
        return ()
    return await run_activity(Checks.run_tests, request, **host_ports.checks_on_host(request))


async def run_linters(request: ChecksRequest) -> tuple[CheckResult, ...]:
    """Run the linters, if there are any."""
    if not request.commands:
        return ()
    return await run_activity(Checks.run_linters, request, **host_ports.checks_on_host(request))


async def run_other_checks(request: ChecksRequest) -> tuple[CheckResult, ...]:
    """Run builds, formatters and the rest, if there are any."""
    if not request.commands:
        return ()
    return await run_activity(Checks.run_other_checks, request, **host_ports.checks_on_host(request))


async def write_prompt(request: PromptRequest) -> str:
    """Write an iteration's prompt and return its path on the host."""
    return await run_activity(Agents.write_prompt, request, **host_ports.on_host(request.workspace))


async def write_question(request: QuestionRequest) -> str:
    """Write the prompt of a question and return its path on the host."""
    return await run_activity(Agents.write_question, request, **host_ports.on_host(request.workspace))


async def read_answer(request: AnswerRequest) -> Answer:
    """Read what an agent answered."""
    return await run_activity(Agents.read_answer, request, **host_ports.on_host(request.workspace))


async def run_agent(task: AgentTask) -> AgentResult:
    """Run one agent over one prompt."""
    return await run_activity(Agents.run_agent, task, **host_ports.agent_on_host(task))
