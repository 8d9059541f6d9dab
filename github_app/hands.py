"""The hands of a worker: every activity it takes, built from the settings."""

import asyncio
import logging
import shlex
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from httpx import AsyncBaseTransport
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.agents.environment import AgentSettings
from activities.agents.runner import AgentActivities
from activities.answers import AnswerActivities
from activities.checks import CheckActivities
from activities.github import GitHubActivities
from activities.github.ci_activities import CiActivities
from activities.github.client import GitHubApp, InstallationClients
from activities.github.comment_activities import CommentActivities
from activities.github.deliveries import DeliveryActivities
from activities.github.delivery_log import DeliveryLog
from activities.github.limiter import SharedLimiter
from activities.github.plan_activities import PlanActivities
from activities.github.pull_request_activities import PullRequestActivities
from activities.github.reconciling import ReconcilingActivities
from activities.github.repositories import RepositoryActivities
from activities.ledger import LedgerActivities
from activities.mailboxes import MailboxActivities
from activities.project_config import ProjectConfigActivities
from activities.prompts import PromptActivities
from activities.repo_config import Known
from activities.running import RunningActivities
from activities.workspaces import GitAccess, Remote, WorkspaceActivities, WorkspaceSettings
from activities.workspaces.leftovers import LeftoverActivities
from activities.workspaces.quota import GB, Quota
from github_app.events import EVENTS
from github_app.settings import HostSettings, WorkerSettings, own_environment
from workflows.model import Failure, Source
from workflows.ports import MAIN_QUEUE, host_queue
from workflows.sweep import WorktreeSweepWorkflow
from workflows.write_limiter import LimiterState
from workflows.write_slots import BOUNDS, SlotState

GIT_VARIABLES = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "GIT_SSL_CAINFO")
"""What git gets of the operator's environment."""
HEARD = frozenset(EVENTS)
"""Webhooks of other kinds are no loss."""
NO_GITHUB = "This worker was started without GitHub. Set GitHub up and start `aidp up` without --no-github."

logger = logging.getLogger(__name__)


class NoGitHub:
    """Stands where GitHub would be on a host that works on local repositories only."""

    async def git_access(self, source: Source, *, write: bool) -> Remote:
        """Refuse."""
        del source, write
        raise ApplicationError(NO_GITHUB, type=Failure.CONFIGURATION, non_retryable=True)

    def refused(self, remote: Remote) -> None:
        """Know no better: nobody was let in."""
        del remote

    async def author(self, source: Source) -> tuple[str, str]:
        """Refuse."""
        del source
        raise ApplicationError(NO_GITHUB, type=Failure.CONFIGURATION, non_retryable=True)


class Hands:
    """The activities, built from the settings; those that call GitHub only if it is set up."""

    def __init__(
        self, client: Client, settings: HostSettings, host: str, connections: AsyncBaseTransport | None
    ) -> None:
        known = Known(settings.agents, settings.label_prefix, settings.budget)
        clients = installation_clients(client, settings, connections) if isinstance(settings, WorkerSettings) else None
        self._github = github_activities(clients, known, settings.trusted_bots) if clients else ()
        access: GitAccess = clients or NoGitHub()
        environment = own_environment()
        for_git = {name: environment[name] for name in GIT_VARIABLES if name in environment}
        quota = Quota(int(settings.disk_quota_gb * GB) if settings.disk_quota_gb else None)
        self._settings = settings
        place = WorkspaceSettings(settings.state_dir, host, for_git, quota)
        self._workspaces = WorkspaceActivities(place, access)
        self._leftovers = LeftoverActivities(place, access)
        self._project_config = ProjectConfigActivities(known, for_git)
        self._checks = CheckActivities(environment)
        self._prompts = PromptActivities(self._workspaces)
        self._answers = AnswerActivities(self._workspaces)
        self._agents = AgentActivities(agent_settings(settings))
        self._ledger = LedgerActivities(client)
        self._mailboxes = MailboxActivities(client)
        self._running = RunningActivities(client)
        self._client, self._host = client, host

    def any_worker(self) -> Sequence[Callable[..., Any]]:
        """List what needs no host: the ledger, the mailboxes, and the GitHub calls."""
        return (
            self._ledger.record_spending,
            self._mailboxes.deliver,
            self._mailboxes.steer,
            self._running.find_working,
            self._running.find_idle,
            self._running.find_loops,
            self._running.list_busy,
            self._running.wake_watches,
            self._running.is_told,
            self._running.tell_repository,
            self._running.adopt_orphans,
            *self._github,
        )

    async def keep_house(self) -> None:
        """Remove what runs left that ended long ago, for as long as the worker lives."""
        kept = timedelta(days=self._settings.logs_kept_days)
        while True:
            try:
                removed = await self._workspaces.sweep(kept)
            except OSError as error:
                logger.warning("Closed runs are not swept this time: %s", error)
            else:
                logger.info("Swept %d closed runs", len(removed))
            await self._sweep_worktrees()
            await asyncio.sleep(self._settings.sweep_minutes * 60)

    async def _sweep_worktrees(self) -> None:
        """Have the worktrees removed of loops that were ended from outside."""
        try:
            await self._client.start_workflow(
                WorktreeSweepWorkflow.run,
                host_queue(self._host),
                id=f"sweep:worktrees:{self._host}",
                task_queue=MAIN_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
        except RPCError as error:
            logger.warning("Worktrees are not swept this time: %s", error)

    def any_host(self) -> Sequence[Callable[..., Any]]:
        """List what any host can take."""
        return (
            self._workspaces.open_workspace,
            self._leftovers.list_leftovers,
            self._leftovers.sweep_refs,
            self._project_config.read_project_config,
        )

    def this_host(self) -> Sequence[Callable[..., Any]]:
        """List what needs this host's disk."""
        return (
            self._workspaces.reset_workspace,
            self._workspaces.stage_changes,
            self._workspaces.withdraw_changes,
            self._workspaces.list_chunks,
            self._workspaces.commit_checkpoint,
            self._workspaces.publish_branch,
            self._workspaces.close_workspace,
            self._leftovers.sweep_worktrees,
            self._checks.detect_checks,
            self._checks.run_tests,
            self._checks.run_linters,
            self._checks.run_other_checks,
            self._prompts.write_prompt,
            self._prompts.write_question,
            self._answers.read_answer,
            self._agents.run_agent,
        )


def github_activities(
    clients: InstallationClients, known: Known, trusted_bots: frozenset[int]
) -> Sequence[Callable[..., Any]]:
    """List the calls to GitHub."""
    return (
        *_item_activities(clients, known),
        *_pull_request_activities(clients),
        *_repository_activities(clients, ReconcilingActivities(clients, known.label_prefix, trusted_bots)),
    )


def _item_activities(clients: InstallationClients, known: Known) -> Sequence[Callable[..., Any]]:
    hand, comments, plans = GitHubActivities(clients, known), CommentActivities(clients), PlanActivities(clients)
    return (
        hand.read_issue,
        hand.read_permission,
        hand.read_repo_config,
        hand.add_eyes,
        hand.change_labels,
        hand.define_labels,
        hand.write_status,
        hand.write_note,
        hand.open_pull_request,
        comments.read_comment,
        comments.react,
        plans.write_plan,
        plans.read_plan,
        plans.open_sub_issue,
        plans.read_sub_issues,
        plans.write_project,
    )


def _pull_request_activities(clients: InstallationClients) -> Sequence[Callable[..., Any]]:
    pulls, ci = PullRequestActivities(clients), CiActivities(clients)
    return (
        pulls.read_pull_request,
        pulls.mark_ready,
        pulls.request_reviewer,
        pulls.read_own_reviews,
        pulls.post_review,
        pulls.read_review_comments,
        pulls.reply_to_threads,
        pulls.write_check_run,
        pulls.end_check_runs,
        ci.read_ci,
        ci.read_ci_logs,
        ci.rerun_ci,
    )


def _repository_activities(
    clients: InstallationClients, reconciling: ReconcilingActivities
) -> Sequence[Callable[..., Any]]:
    deliveries, repositories = DeliveryActivities(DeliveryLog(clients.as_app), HEARD), RepositoryActivities(clients)
    return (
        deliveries.read_delivery_log,
        deliveries.redeliver,
        deliveries.read_recovered,
        repositories.list_installations,
        repositories.read_standing,
        repositories.find_repository,
        repositories.list_our_pulls,
        repositories.read_heads,
        repositories.list_pulls_at,
        reconciling.look,
        reconciling.read_label_event,
    )


def installation_clients(
    client: Client, settings: WorkerSettings, connections: AsyncBaseTransport | None
) -> InstallationClients:
    """Share GitHub's limits with all other workers."""
    bounds = BOUNDS if settings.github_write_limits else ()
    limiter = SharedLimiter(client, LimiterState(SlotState(bounds=bounds)))
    return InstallationClients(github_app(settings), limiter, connections)


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
    return AgentSettings(
        command=shlex.join(settings.agent_command),
        extra_env=settings.agent_env,
        environment=own_environment(),
        slots=settings.agent_slots,
        breakers=settings.state_dir / "breakers",
    )
