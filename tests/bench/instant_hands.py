"""Every port a work loop calls, answered at once: what is left to measure is the orchestration."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from workflows.model import (
    AgentResult,
    AgentTask,
    Category,
    ChangedFile,
    ChangeStat,
    Checkpoint,
    CheckpointRequest,
    CheckResult,
    ChecksRequest,
    Claim,
    PromptRequest,
    Published,
    PublishRequest,
    Spending,
    StagedChange,
    Totals,
    Usage,
    Workspace,
    WorkspaceRequest,
)
from workflows.ports import host_queue

HOST = "bench"
SHA = "0" * 40
CHANGE = ChangeStat(files=1, additions=10)
MESSAGE = "I looked at the module, changed what was asked for and ran its tests. " * 5


@activity.defn
async def open_workspace(request: WorkspaceRequest) -> Workspace:
    """Pretend to have a worktree."""
    return Workspace(
        loop_id=request.loop_id,
        source=request.source,
        host_queue=host_queue(HOST),
        directory=f"/var/lib/aidp/workspaces/{request.loop_id}",
        branch=request.branch,
        base_branch="main",
        base_sha=SHA,
        start_sha=SHA,
    )


@activity.defn
async def write_prompt(request: PromptRequest) -> str:
    """Name a prompt."""
    return f"{request.workspace.directory}/prompts/{request.iteration}.md"


@activity.defn
async def run_agent(task: AgentTask) -> AgentResult:
    """Have worked, and not be done."""
    return AgentResult(task.provider, Claim.CONTINUE, MESSAGE, Usage(input_tokens=20_000, output_tokens=1_000))


@activity.defn
async def run_tests(request: ChecksRequest) -> tuple[CheckResult, ...]:
    """Pass."""
    return _passed(request, Category.TEST)


@activity.defn
async def run_linters(request: ChecksRequest) -> tuple[CheckResult, ...]:
    """Pass."""
    return _passed(request, Category.LINT)


@activity.defn
async def stage_changes(workspace: Workspace) -> StagedChange:
    """Have one changed file."""
    del workspace
    return StagedChange(SHA, (ChangedFile("src/answer.py", additions=10, bytes=400),), total_files=1)


@activity.defn
async def commit_checkpoint(request: CheckpointRequest) -> Checkpoint:
    """Have a content that no other iteration has, so that the loop sees progress."""
    return Checkpoint(SHA, f"{request.iteration:040}", CHANGE)


@activity.defn
async def publish_branch(request: PublishRequest) -> Published:
    """Have pushed."""
    del request
    return Published(SHA, CHANGE, ("src/answer.py",))


@activity.defn
async def close_workspace(workspace: Workspace) -> None:
    """Have cleaned up."""
    del workspace


@activity.defn
async def record_spending(spending: Spending) -> Totals:
    """Have counted."""
    return Totals(spending.spent, spending.spent)


@activity.defn
async def step() -> None:
    """Be one step of the bare workflow."""


ANYWHERE: tuple[Callable[..., Any], ...] = (record_spending,)
ANY_HOST: tuple[Callable[..., Any], ...] = (open_workspace,)
THIS_HOST: tuple[Callable[..., Any], ...] = (
    write_prompt,
    run_agent,
    run_tests,
    run_linters,
    stage_changes,
    commit_checkpoint,
    publish_branch,
    close_workspace,
    step,
)


def _passed(request: ChecksRequest, category: Category) -> tuple[CheckResult, ...]:
    log = f"{request.workspace.directory}/logs/{request.iteration}"
    return tuple(
        CheckResult(command.name, category, passed=True, required=True, summary="14 passed", log=log)
        for command in request.commands
    )
