"""A repository with the App installed on it, on a local GitHub, and the activities that work there."""

import itertools
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path

import pytest
import yaml
from github_scene import MANIFEST, REPO, Scene
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.github import GitHubActivities
from activities.github.client import GitHubApp, InstallationClients
from activities.repo_config import Known
from github_app.demo.github import AppRegistration, LocalGitHub
from workflows.model import Item

TEMPORAL = Path(sys.executable).with_name("temporal")
FAST = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="1ms"',
    "history.transferProcessorMaxPollRPS=2000",
    "history.timerProcessorMaxPollRPS=2000",
)


@pytest.fixture(scope="session")
async def temporal() -> AsyncGenerator[Client]:
    """Start the dev server."""
    environment = await WorkflowEnvironment.start_local(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
        dev_server_existing_path=str(TEMPORAL),
        dev_server_log_level="error",
        dev_server_extra_args=[part for setting in FAST for part in ("--dynamic-config-value", setting)],
    )
    async with environment:
        yield environment.client


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
