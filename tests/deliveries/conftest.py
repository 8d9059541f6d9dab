"""A GitHub, a Temporal and a worker for all stories of this folder; each has a log, a Schedule and a repository."""

from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import pytest
from delivery_scene import Scene
from pydantic import SecretStr
from recording import record
from story_kit import AGENT_COMMAND, FILES, PERSON, Story
from temporalio.client import Client

from github_app.demo.github import LocalGitHub
from github_app.demo.stage import free_port, registration
from github_app.schedule import SCHEDULES, keep_schedules
from github_app.settings import UpSettings
from github_app.temporal import connect, embedded, profile_of
from github_app.worker import working

WORK = "WorkflowType = 'BuildProcessorWorkflow' AND ExecutionStatus = 'Running'"


@pytest.fixture(scope="module")
async def github(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[LocalGitHub]:
    """Serve a GitHub."""
    github = LocalGitHub(tmp_path_factory.mktemp("github"), registration(""))
    async with github.serve():
        yield github
    assert github.unknown_routes == []


@pytest.fixture(scope="module")
def settings(github: LocalGitHub, tmp_path_factory: pytest.TempPathFactory) -> UpSettings:
    """Set up everything; the sweeps wait for the stories to ask for them."""
    app = github.world.app
    return UpSettings(
        github_app_id=app.id,
        github_private_key=SecretStr(app.private_key_pem),
        github_webhook_secret=(SecretStr(app.webhook_secret),),
        github_api_url=github.url,
        github_url=github.url,
        state_dir=tmp_path_factory.mktemp("state"),
        port=free_port(),
        agents=("command",),
        agent_command=AGENT_COMMAND,
        delivery_sweep_seconds=3600,
        reconcile_seconds=86_400,
    )


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
    """Begin with an empty log, no door, and a Schedule that has never run."""
    repository = github.add_repository("acme", f"story-{len(github.world.repositories) + 1}", files=FILES)
    github.set_permission(repository, PERSON, "write")
    github.send_webhooks_to(f"http://127.0.0.1:{settings.port}/webhook")
    await github.settle()
    github.deliveries.clear()
    await keep_schedules(temporal, settings)
    yield Scene(Story(github, temporal, repository), settings)
    while (await temporal.count_workflows(WORK)).count:  # whose last webhook the next scene must not find in its log
        await anyio.sleep(0.1)
    await github.settle()
    github.deliveries[:] = [it for it in github.deliveries if it.headers]  # what a story made up, GitHub never sent
    for recurring in SCHEDULES:
        await temporal.get_schedule_handle(recurring.id).delete()


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """Give a command a state directory of its own."""
    return tmp_path
