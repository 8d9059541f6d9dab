"""The worker: workflows, GitHub calls, and the host that has the worktrees and runs the agents."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.github.connections import shared_connections
from github_app.hands import Hands
from github_app.settings import HostSettings, Role
from workflows.branches import slug
from workflows.closing_watch import ClosingWatchWorkflow
from workflows.commit_watch import CommitWatchWorkflow
from workflows.consultation import ConsultationWorkflow
from workflows.delivery_sweep import DeliverySweepWorkflow, OutageWorkflow
from workflows.ledger import LedgerWorkflow
from workflows.model import Failure
from workflows.ports import MAIN_QUEUE, WORKSPACES_QUEUE, host_queue
from workflows.processors.auto import AutoProcessorWorkflow
from workflows.processors.build import BuildProcessorWorkflow
from workflows.processors.change_request import ChangeRequestProcessorWorkflow
from workflows.processors.ci_fix import CiFixProcessorWorkflow
from workflows.processors.plan import PlanProcessorWorkflow
from workflows.processors.project import ProjectProcessorWorkflow
from workflows.processors.rebase import RebaseProcessorWorkflow
from workflows.processors.review import ReviewProcessorWorkflow
from workflows.reconcile import ReconcileInstallationWorkflow, ReconcileRepositoryWorkflow, ReconcileWorkflow
from workflows.repository import RepositoryWorkflow
from workflows.sweep import RefSweepWorkflow, WorktreeSweepWorkflow
from workflows.work_item import WorkItemWorkflow
from workflows.work_loop import WorkLoopWorkflow
from workflows.workstream_unit import WorkstreamChildWorkflow
from workflows.workstreams import WorkstreamOrchestratorWorkflow
from workflows.write_limiter import WriteLimiterWorkflow

WORKFLOWS = (
    WorkItemWorkflow,
    PlanProcessorWorkflow,
    BuildProcessorWorkflow,
    AutoProcessorWorkflow,
    ReviewProcessorWorkflow,
    CiFixProcessorWorkflow,
    ChangeRequestProcessorWorkflow,
    RebaseProcessorWorkflow,
    ProjectProcessorWorkflow,
    ConsultationWorkflow,
    CommitWatchWorkflow,
    ClosingWatchWorkflow,
    WorkLoopWorkflow,
    WorkstreamOrchestratorWorkflow,
    WorkstreamChildWorkflow,
    LedgerWorkflow,
    DeliverySweepWorkflow,
    OutageWorkflow,
    RepositoryWorkflow,
    ReconcileWorkflow,
    ReconcileInstallationWorkflow,
    ReconcileRepositoryWorkflow,
    RefSweepWorkflow,
    WorktreeSweepWorkflow,
    WriteLimiterWorkflow,
)
RUNNER = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules("workflows"))
"""Imports the mind once, not anew for each of its workflows, which takes 0.1 s a time. That it is deterministic is
proved before it runs: by what it may import and call, and by the recorded histories, which replay in the whole sandbox.
"""
DRAIN = timedelta(seconds=10)
"""How long a stopping worker lets activities finish; an agent that needs longer is stopped, its iteration repeated."""
STICKY = timedelta(seconds=2)
"""After this a workflow whose worker was killed goes to another one; the default of 10 s is most of a failover."""
HEARTBEAT_THROTTLE = timedelta(seconds=1)
"""Also the longest a cancellation takes to reach an agent; the default is a minute."""
MANY = 1000
"""Agents wait for their slots inside their activities; no other step may have to wait behind them."""


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
    async with shared_connections() as connections, AsyncExitStack() as stack:
        hands = Hands(client, settings, host, connections)
        sweeping = [] if role is Role.DECIDE else [asyncio.create_task(hands.keep_house())]
        for worker in _workers(client, hands, role, host):
            await stack.enter_async_context(worker)
        yield host
    for task in sweeping:
        task.cancel()


def _workers(client: Client, hands: Hands, role: Role, host: str) -> list[Worker]:
    workers: list[Worker] = []
    if role in {Role.ALL, Role.DECIDE}:
        workers.append(_worker(client, MAIN_QUEUE, hands.any_worker(), workflows=WORKFLOWS))
    if role in {Role.ALL, Role.AGENTS}:
        workers.append(_worker(client, WORKSPACES_QUEUE, hands.any_host()))
        workers.append(_worker(client, host_queue(host), hands.this_host()))
    return workers


def _worker(
    client: Client, queue: str, activities: Sequence[Callable[..., Any]], workflows: Sequence[type] = ()
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        activities=activities,
        workflows=workflows,
        workflow_runner=RUNNER,
        interceptors=[Stopping()],
        graceful_shutdown_timeout=DRAIN,
        max_cached_workflows=500,
        max_concurrent_activities=MANY,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        sticky_queue_schedule_to_start_timeout=STICKY,
    )
