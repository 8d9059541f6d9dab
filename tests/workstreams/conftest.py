"""A real Temporal with one worker, and a stage for each story."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporal_kit import SHORT_HISTORIES, temporal_server
from temporalio.client import Client
from workstream_scene import Stage, settings

from github_app.worker import working


@pytest.fixture(scope="package")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Client]:
    """Start a server and a worker."""
    directory = tmp_path_factory.mktemp("host")
    async with temporal_server(directory) as client, working(client, settings(directory)):
        yield client


@pytest.fixture(scope="module")
async def forgetful_temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Client]:
    """Start a server that soon wants a fresh history, and a worker."""
    directory = tmp_path_factory.mktemp("forgetful")
    async with temporal_server(directory, SHORT_HISTORIES) as client, working(client, settings(directory)):
        yield client


@pytest.fixture
def stage(temporal: Client, tmp_path: Path) -> Stage:
    """Prepare a repository."""
    return Stage.prepared(temporal, tmp_path)


@pytest.fixture
def forgetful(forgetful_temporal: Client, tmp_path: Path) -> Stage:
    """Prepare a repository whose plans soon continue as new."""
    return Stage.prepared(forgetful_temporal, tmp_path)
