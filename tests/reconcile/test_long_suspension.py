"""A repository that is away for longer than anything is remembered otherwise."""

from datetime import timedelta
from pathlib import Path

import pytest
from temporal_kit import pass_time, temporal_server
from temporalio.client import WorkflowExecutionStatus
from temporalio.worker import Worker

from github_app.worker import RUNNER
from workflows.model.repositories import Interrupted
from workflows.ports import MAIN_QUEUE
from workflows.repository import LINGER, RepositoryState, RepositoryWorkflow

STATUS = WorkflowExecutionStatus


@pytest.mark.parametrize(
    ("interrupted", "status"),
    [((), STATUS.COMPLETED), ((Interrupted(1, "the installation was suspended"),), STATUS.RUNNING)],
)
async def test_why_work_was_ended_is_known_until_it_can_be_told(
    tmp_path: Path, interrupted: tuple[Interrupted, ...], status: WorkflowExecutionStatus
) -> None:
    """Where nothing waits to be told, the workflow ends after a while; else it is there when the repository is back."""
    state = RepositoryState(7, 42, interrupted=interrupted)
    async with (
        temporal_server(tmp_path) as temporal,
        Worker(temporal, task_queue=MAIN_QUEUE, workflows=[RepositoryWorkflow], workflow_runner=RUNNER),
    ):
        workflow = await temporal.start_workflow(RepositoryWorkflow.run, state, id="repository", task_queue=MAIN_QUEUE)
        await pass_time(temporal, workflow.id, LINGER + timedelta(days=1))
        assert (await workflow.describe()).status is status
