"""`aidp up --no-github` in this process: an embedded Temporal and a worker, for all stories."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from jobs_scene import AGENT, Stage
from temporalio.client import Client

from github_app.demo.stage import free_port
from github_app.settings import JobsSettings
from github_app.temporal import connect, embedded, profile_of
from github_app.worker import working

NO_PROFILE = profile_of({"TEMPORAL_CONFIG_FILE": "/nonexistent"})


@pytest.fixture(scope="package")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything lies."""
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="package")
async def temporal(state_dir: Path) -> AsyncGenerator[Client]:
    """Start a server and a worker that knows nothing of GitHub."""
    settings = JobsSettings(state_dir=state_dir, agents=("command",), agent_command=AGENT)
    async with embedded(state_dir, free_port()):
        client = await connect(NO_PROFILE, state_dir)
        async with working(client, settings):
            yield client


@pytest.fixture
def stage(temporal: Client, state_dir: Path, tmp_path: Path) -> Stage:
    """Prepare a repository."""
    stage = Stage(temporal, state_dir, tmp_path)
    stage.prepare()
    return stage
