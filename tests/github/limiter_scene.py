"""Workers that share an installation: each has its own clients and its own memory, as on a host of its own."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from github_scene import Scene
from limiter_workflows import ReadIssueWorkflow, TellStatusWorkflow, WriteEverythingWorkflow, WriteNotesWorkflow
from temporalio.client import Client
from temporalio.worker import Worker

from activities.github import GitHubActivities
from activities.github.client import InstallationClients
from activities.github.limiter import SharedLimiter
from activities.repo_config import Known
from github_app.worker import RUNNER
from workflows.ports import MAIN_QUEUE
from workflows.write_limiter import LimiterState, WriteLimiterWorkflow

WORKFLOWS = [WriteLimiterWorkflow, WriteNotesWorkflow, ReadIssueWorkflow, WriteEverythingWorkflow, TellStatusWorkflow]
FIRST = LimiterState()


def hand(scene: Scene, temporal: Client, first: LimiterState = FIRST) -> GitHubActivities:
    """Make the hand of one more host."""
    return GitHubActivities(InstallationClients(scene.clients.app, SharedLimiter(temporal, first)), Known(("claude",)))


@asynccontextmanager
async def working(temporal: Client, *hands: GitHubActivities) -> AsyncGenerator[None]:
    """Let these hands work, each in a worker of its own; without any there is one that only decides."""
    async with AsyncExitStack() as stack:
        for each in hands or (None,):
            own = await Client.connect(temporal.service_client.config.target_host)  # a process has one worker per queue
            await stack.enter_async_context(_worker(own, each))
        yield


def _worker(temporal: Client, hand: GitHubActivities | None) -> Worker:
    writes = (hand.add_eyes, hand.change_labels, hand.write_status, hand.write_note) if hand else ()
    return Worker(
        temporal,
        task_queue=MAIN_QUEUE,
        workflows=WORKFLOWS,
        workflow_runner=RUNNER,
        activities=[*writes, hand.read_issue, hand.open_pull_request] if hand else [],
        sticky_queue_schedule_to_start_timeout=timedelta(milliseconds=100),  # a worker that is gone is not waited for
    )
