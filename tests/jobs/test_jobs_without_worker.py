"""A server that nobody prepared and nobody works for: jobs are kept, and what is missing is told."""

import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from jobs_scene import until
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from github_app.jobs import AidpClient, JobFilter, JobState, NoWorkerError

TEMPORAL = Path(sys.executable).with_name("temporal")


@pytest.fixture
async def bare() -> AsyncGenerator[Client]:
    """Start a server."""
    environment = await WorkflowEnvironment.start_local(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
        dev_server_existing_path=str(TEMPORAL), dev_server_log_level="error"
    )
    async with environment:
        yield environment.client


async def test_a_job_waits_for_a_worker(bare: Client, tmp_path: Path) -> None:
    """It starts and is listed without our search attributes; who asks it hears soon that no worker is there."""
    client = AidpClient(bare, patience=timedelta(seconds=0.5))
    job_id = await client.start_work_loop(tmp_path, "Wait", "for somebody")
    jobs = await until(lambda: client.list(JobFilter(project=str(tmp_path), running=True)))
    assert [(job.id, job.title, job.state) for job in jobs] == [(job_id, "Wait", JobState.NO_ANSWER)]
    with pytest.raises(NoWorkerError, match="Start `aidp up`"):
        await client.status(job_id)
    with pytest.raises(NoWorkerError):
        await client.pause(job_id)
    assert "as soon as a worker is there" in await client.stop(job_id)
