"""The worker: workflows, GitHub calls, and the host that has the worktrees and runs the agents."""

import asyncio
import shlex
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, Worker

from activities.agents.environment import AgentSettings
from activities.agents.runner import AgentActivities
from activities.checks import CheckActivities
from activities.github import GitHubActivities
from activities.github.client import GitHubApp, InstallationClients
from activities.project_config import ProjectConfigActivities
from activities.prompts import PromptActivities
from activities.repo_config import Known
from activities.workspaces import GitAccess, Remote, WorkspaceActivities, WorkspaceSettings
from github_app.settings import HostSettings, WorkerSettings, own_environment
from workflows.branches import slug
from workflows.model import Failure, Source
from workflows.ports import MAIN_QUEUE, WORKSPACES_QUEUE, host_queue
from workflows.processors.build import BuildProcessorWorkflow
from workflows.work_item import WorkItemWorkflow
from workflows.work_loop import WorkLoopWorkflow
from workflows.workstream_unit import WorkstreamChildWorkflow
from workflows.workstreams import WorkstreamOrchestratorWorkflow

WORKFLOWS = (
    WorkItemWorkflow,
    BuildProcessorWorkflow,
    WorkLoopWorkflow,
    WorkstreamOrchestratorWorkflow,
    WorkstreamChildWorkflow,
)
DRAIN = timedelta(seconds=10)
"""How long a stopping worker lets activities finish; an agent that needs longer is stopped, its iteration repeated."""
STICKY = timedelta(seconds=2)
"""After this a workflow whose worker was killed goes to another one; the default of 10 s is most of a failover."""
HEARTBEAT_THROTTLE = timedelta(seconds=1)
"""Also the longest a cancellation takes to reach an agent; the default is a minute."""
GIT_VARIABLES = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "GIT_SSL_CAINFO")
"""What git gets of the operator's environment."""
NO_GITHUB = "This worker was started without GitHub. Set GitHub up and start `aidp up` without --no-github."
EXIT_PAUSE = 0.3
"""Without it, one clean exit in seven crashes in the SDK's native part."""


class Role(StrEnum):
    """Which part of the work a worker takes."""

    ALL = "all"
    DECIDE = "decide"
    """Workflows and GitHub calls."""
    AGENTS = "agents"
    """Worktrees, checks and agents: a host."""


class Stopping(Interceptor):
    """Tells workflows that a host is stopping, so that they repeat the step elsewhere instead of giving up."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap every activity."""
        return _StoppingActivity(next)


class _StoppingActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401
        try:
            return await super().execute_activity(input)
        except asyncio.CancelledError:
            details = activity.cancellation_details()
            if details and details.worker_shutdown:
                raise ApplicationError("the worker is stopping", type=Failure.HOST_STOPPED) from None
            raise


@asynccontextmanager
async def working(client: Client, settings: HostSettings, role: Role = Role.ALL) -> AsyncGenerator[str]:
    """Work for as long as the block lasts, then drain; yields this host's id."""
    host = slug(settings.host_id or socket.gethostname())
    async with AsyncExitStack() as stack:
        for worker in _workers(client, settings, role, host):
            await stack.enter_async_context(worker)
        yield host
    await asyncio.sleep(EXIT_PAUSE)


def _workers(client: Client, settings: HostSettings, role: Role, host: str) -> list[Worker]:
    hands = Hands(settings, host)
    workers: list[Worker] = []
    if role in {Role.ALL, Role.DECIDE}:
        workers.append(_worker(client, MAIN_QUEUE, hands.github(), workflows=WORKFLOWS))
    if role in {Role.ALL, Role.AGENTS}:
        workers.append(_worker(client, WORKSPACES_QUEUE, hands.any_host()))
        workers.append(_worker(client, host_queue(host), hands.this_host()))
    return workers


class NoGitHub:
    """Stands where GitHub would be on a host that works on local repositories only."""

    async def git_access(self, source: Source, *, write: bool) -> Remote:
        """Refuse."""
        del source, write
        raise ApplicationError(NO_GITHUB, type=Failure.CONFIGURATION, non_retryable=True)

    async def author(self, source: Source) -> tuple[str, str]:
        """Refuse."""
        del source
        raise ApplicationError(NO_GITHUB, type=Failure.CONFIGURATION, non_retryable=True)


class Hands:
    """The activities, built from the settings; those that call GitHub only if it is set up."""

    def __init__(self, settings: HostSettings, host: str) -> None:
        known = Known(settings.agents, settings.label_prefix)
        clients = InstallationClients(github_app(settings)) if isinstance(settings, WorkerSettings) else None
        self._github = GitHubActivities(clients, known) if clients else None
        access: GitAccess = clients or NoGitHub()
        environment = own_environment()
        for_git = {name: environment[name] for name in GIT_VARIABLES if name in environment}
        self._workspaces = WorkspaceActivities(WorkspaceSettings(settings.state_dir, host, for_git), access)
        self._project_config = ProjectConfigActivities(known, for_git)
        self._checks = CheckActivities(environment)
        self._prompts = PromptActivities()
        self._agents = AgentActivities(agent_settings(settings))

    def github(self) -> Sequence[Callable[..., Any]]:
        """List the GitHub calls: any worker takes them."""
        hand = self._github
        if not hand:
            return ()
        return (
            hand.read_issue,
            hand.read_permission,
            hand.read_repo_config,
            hand.add_eyes,
            hand.change_labels,
            hand.write_status,
            hand.write_note,
            hand.open_pull_request,
        )

    def any_host(self) -> Sequence[Callable[..., Any]]:
        """List what any host can take."""
        return (self._workspaces.open_workspace, self._project_config.read_project_config)

    def this_host(self) -> Sequence[Callable[..., Any]]:
        """List what needs this host's disk."""
        return (
            self._workspaces.reset_workspace,
            self._workspaces.stage_changes,
            self._workspaces.withdraw_changes,
            self._workspaces.commit_checkpoint,
            self._workspaces.publish_branch,
            self._workspaces.close_workspace,
            self._checks.detect_checks,
            self._checks.run_tests,
            self._checks.run_linters,
            self._checks.run_other_checks,
            self._prompts.write_prompt,
            self._agents.run_agent,
        )


def github_app(settings: WorkerSettings) -> GitHubApp:
    """Say who we are on GitHub."""
    return GitHubApp(
        settings.github_app_id,
        settings.github_private_key.get_secret_value(),
        settings.github_api_url,
        settings.github_url,
    )


def agent_settings(settings: HostSettings) -> AgentSettings:
    """Say what agents may have of the operator's settings and environment."""
    return AgentSettings(shlex.join(settings.agent_command), settings.agent_env, own_environment())


def _worker(
    client: Client, queue: str, activities: Sequence[Callable[..., Any]], workflows: Sequence[type] = ()
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        activities=activities,
        workflows=workflows,
        interceptors=[Stopping()],
        graceful_shutdown_timeout=DRAIN,
        max_cached_workflows=500,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        sticky_queue_schedule_to_start_timeout=STICKY,
    )
