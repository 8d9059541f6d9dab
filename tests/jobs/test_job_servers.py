"""Servers of all kinds: one that nobody prepared or works for, the operator's own, and `aidp up --no-github`."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jobs_scene import AIDP, PATIENCE_SECONDS, until
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from github_app.demo.stage import free_port
from github_app.jobs import AidpClient, JobFilter, JobState, NoWorkerError
from github_app.temporal import prepare_foreign
from workflows.search_attributes import KIND

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


async def test_a_foreign_server_learns_our_attributes(bare: Client, tmp_path: Path) -> None:
    """Preparing it twice is preparing it once; jobs started right after that can be searched for."""
    await prepare_foreign(bare)
    await prepare_foreign(bare)
    job_id = await AidpClient(bare).start_work_loop(tmp_path, "Wait", "for somebody")
    description = await bare.get_workflow_handle(job_id).describe()
    assert description.typed_search_attributes.get(KIND) == "work"


async def test_everything_starts_without_github(tmp_path: Path) -> None:
    """`aidp up --no-github` needs no setting where claude is installed, opens no door, and ends on Ctrl-C."""
    (tmp_path / "claude").symlink_to("/bin/true")
    process = await asyncio.create_subprocess_exec(
        *(AIDP, "up", "--no-github"),
        cwd=tmp_path,
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "AIDP_STATE_DIR": str(tmp_path / "state"),
            "AIDP_TEMPORAL_PORT": str(free_port()),
            "TEMPORAL_CONFIG_FILE": "/nonexistent",
        },
        stderr=subprocess.PIPE,
    )
    assert process.stderr
    told = [(await process.stderr.readline()).decode() for _ in range(5)]
    assert [line.split()[0] for line in told] == ["aidp", "Temporal", "worker", "webhooks", "ready"]
    assert "none; start jobs with: aidp jobs start work" in told[3]
    process.send_signal(signal.SIGINT)
    _, rest = await process.communicate()
    assert (process.returncode, b"Traceback" in rest) == (0, False)


async def test_a_worker_waits_for_temporal(tmp_path: Path) -> None:
    """Started first, it says what it waits for, takes up work when Temporal comes, and ends on Ctrl-C before that."""
    port = free_port()
    first, second = await asyncio.gather(worker(tmp_path, port), worker(tmp_path, port))
    for process in (first, second):
        line = (await read_line(process)).decode()
        assert f"No Temporal server answers at 127.0.0.1:{port}" in line
        assert "Waiting for it" in line
    first.send_signal(signal.SIGINT)
    assert await first.wait() == 0
    async with await WorkflowEnvironment.start_local(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
        port=port, dev_server_existing_path=str(TEMPORAL), dev_server_log_level="error"
    ):
        assert (await read_line(second)).split()[0] == b"worker"
        second.send_signal(signal.SIGINT)
        await second.communicate()
    assert second.returncode == 0


async def worker(directory: Path, port: int) -> asyncio.subprocess.Process:
    """Start `aidp work`; nothing of the story calls GitHub."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return await asyncio.create_subprocess_exec(
        *(AIDP, "work", "--role", "agents"),
        cwd=directory,
        env={
            "PATH": os.environ["PATH"],
            "AIDP_STATE_DIR": str(directory / "state"),
            "AIDP_GITHUB_APP_ID": "1",
            "AIDP_GITHUB_PRIVATE_KEY": pem.decode(),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{port}",
            "TEMPORAL_CONFIG_FILE": "/nonexistent",
        },
        stderr=subprocess.PIPE,
    )


async def read_line(process: asyncio.subprocess.Process) -> bytes:
    """Read the next thing it tells people, past its log."""
    assert process.stderr
    with anyio.fail_after(PATIENCE_SECONDS):
        while not (line := await process.stderr.readline()).startswith((b"  Temporal", b"  worker")):
            assert line, "it has ended"
    return line
