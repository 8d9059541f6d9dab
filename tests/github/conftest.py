"""A repository with the App installed on it, on a local GitHub, and the activities that work there."""

import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path

import pytest
import yaml
from github_scene import MANIFEST, REPO, Scene
from temporal_kit import temporal_server
from temporalio.client import Client

from activities.github import GitHubActivities
from activities.github.client import GitHubApp, InstallationClients
from activities.repo_config import Known
from github_app.demo.github import AppRegistration, LocalGitHub
from workflows.model import Item


@pytest.fixture(scope="module")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Client]:
    """Start a server."""
    async with temporal_server(tmp_path_factory.mktemp("temporal")) as client:
        yield client


@pytest.fixture(scope="session")
def registration() -> AppRegistration:
    """Our App with exactly the permissions of the manifest; its key is made once."""
    permissions = yaml.safe_load(MANIFEST.read_text())["default_permissions"]
    return AppRegistration(4711, "aidp", "aidp", permissions=permissions)


@pytest.fixture(scope="session")
def first_ids() -> Iterator[int]:
    """Let no two scenes have an installation in common: its limiter would remember."""
    return itertools.count(1_000_000, 10_000)


@pytest.fixture
async def scene(tmp_path: Path, registration: AppRegistration, first_ids: Iterator[int]) -> AsyncIterator[Scene]:
    """Serve a local GitHub with one issue."""
    github = LocalGitHub(tmp_path, registration)
    github.world.ids = itertools.count(next(first_ids))
    repository = github.add_repository("acme", "calc", files={"calc.py": "def add(a, b):\n    return a + b\n"})
    async with github.serve() as url:
        issue = await github.create_issue(REPO, "ada", "Divide", "By zero?")
        [installation] = github.world.installations.values()
        clients = InstallationClients(GitHubApp(registration.id, registration.private_key_pem, url, url))
        item = Item(installation.id, repository.id, issue.number)
        yield Scene(github, repository, item, clients, GitHubActivities(clients, Known(("claude", "codex"))))
    assert not github.unknown_routes
