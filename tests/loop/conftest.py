"""A Temporal and a host for all stories of the loop; every story has a repository of its own."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from loop_scene import Scene, install_agents, settings, with_agents
from temporal_kit import SHORT_HISTORIES, temporal_server
from temporalio.client import Client

from github_app.worker import working


@pytest.fixture(scope="session")
def bin_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the agents."""
    directory = tmp_path_factory.mktemp("agents") / "bin"
    install_agents(directory)
    return directory


@pytest.fixture(scope="package")
def host_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the host keeps everything."""
    return tmp_path_factory.mktemp("host")


@pytest.fixture(scope="package")
async def temporal(bin_dir: Path, host_dir: Path) -> AsyncGenerator[Client]:
    """Start a server and a host."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PATH", with_agents(bin_dir))
        async with temporal_server(host_dir) as client, working(client, settings(host_dir)):
            yield client


@pytest.fixture(scope="module")
def forgetful_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the other host keeps everything."""
    return tmp_path_factory.mktemp("forgetful")


@pytest.fixture(scope="module")
async def forgetful_temporal(forgetful_dir: Path) -> AsyncGenerator[Client]:
    """Start a server that soon wants a fresh history, and a host."""
    async with temporal_server(forgetful_dir, SHORT_HISTORIES) as client, working(client, settings(forgetful_dir)):
        yield client


@pytest.fixture
def scene(temporal: Client, host_dir: Path, tmp_path: Path) -> Scene:
    """Prepare a repository; what another story's agents failed at is forgotten."""
    shutil.rmtree(host_dir / "breakers", ignore_errors=True)
    scene = Scene(temporal, host_dir, tmp_path)
    scene.prepare()
    return scene


@pytest.fixture
def forgetful(forgetful_temporal: Client, forgetful_dir: Path, tmp_path: Path) -> Scene:
    """Prepare a repository whose loops soon continue as new."""
    scene = Scene(forgetful_temporal, forgetful_dir, tmp_path)
    scene.prepare()
    return scene
