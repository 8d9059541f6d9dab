"""A real Temporal with one worker, and a stage for each story."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporalio.client import Client
from workstream_scene import SHORT_HISTORIES, Stage, serving, settings

from github_app.worker import working

SKIPS_TIME = ("frontend.WorkflowTimeSkippingEnabled=true", 'history.timerProcessorMaxTimeShift="1ms"')


@pytest.fixture(scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Client]:
    """Start a server and a worker."""
    async with serving() as client, working(client, settings(tmp_path_factory.mktemp("host"))):
        yield client


@pytest.fixture(scope="session")
async def forgetful_temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Client]:
    """Start a server that soon wants a fresh history, and can skip time; and a worker."""
    directory = tmp_path_factory.mktemp("forgetful")
    async with serving(SHORT_HISTORIES, *SKIPS_TIME) as client, working(client, settings(directory)):
        yield client


@pytest.fixture
def stage(temporal: Client, tmp_path: Path) -> Stage:
    """Prepare a repository."""
    return Stage.prepared(temporal, tmp_path)


@pytest.fixture
def forgetful(forgetful_temporal: Client, tmp_path: Path) -> Stage:
    """Prepare a repository whose plans soon continue as new."""
    return Stage.prepared(forgetful_temporal, tmp_path)
