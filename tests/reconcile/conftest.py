"""A GitHub, a Temporal and a worker for all stories of this folder; each has an owner who has installed the App."""

from collections.abc import AsyncGenerator

import pytest
from reconcile_scene import OTHER_BOT, TRUSTED_BOT, Scene, settings_for
from recording import record
from story_kit import FILES, PERSON, Story
from temporalio.client import Client

from github_app.demo.github import LocalGitHub, User
from github_app.demo.stage import free_port, registration
from github_app.schedule import SCHEDULES, keep_schedules
from github_app.settings import UpSettings
from github_app.temporal import connect, embedded, profile_of
from github_app.worker import working


@pytest.fixture(scope="module")
async def github(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[LocalGitHub]:
    """Serve a GitHub."""
    github = LocalGitHub(tmp_path_factory.mktemp("github"), registration(""))
    for login in (TRUSTED_BOT, OTHER_BOT):
        github.world.users[login] = User(github.world.next_id(), login, "Bot")
    async with github.serve():
        yield github
    assert github.unknown_routes == []


@pytest.fixture(scope="module")
def settings(github: LocalGitHub, tmp_path_factory: pytest.TempPathFactory) -> UpSettings:
    """Set up everything; reconciliation waits for the stories to ask for it."""
    trusted = frozenset({github.world.user(TRUSTED_BOT).id})
    return settings_for(github, tmp_path_factory.mktemp("state"), trusted)


@pytest.fixture(scope="module")
async def temporal(settings: UpSettings) -> AsyncGenerator[Client]:
    """Start Temporal and a worker."""
    async with embedded(settings.state_dir, free_port()):
        client = await connect(profile_of({}), settings.state_dir)
        async with working(client, settings):
            yield client
            await record(client)


@pytest.fixture
async def scene(github: LocalGitHub, temporal: Client, settings: UpSettings) -> AsyncGenerator[Scene]:
    """Begin with no webhooks at all, and a Schedule that has never run."""
    github.send_webhooks_to("")
    owner = f"owner-{len(github.world.users) + 1}"
    repository = github.add_repository(owner, "calc", files=FILES)
    github.set_permission(repository, PERSON, "write")
    await keep_schedules(temporal, settings)
    yield Scene(Story(github, temporal, repository), settings)
    github.send_webhooks_to("")
    await github.settle()
    for installation in list(github.world.installations.values()):
        github.installing.uninstall(installation.account)
    for recurring in SCHEDULES:
        await temporal.get_schedule_handle(recurring.id).delete()
