"""A GitHub, a Temporal, a door and a worker for all stories; every story has a repository of its own."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass

import pytest
from pydantic import SecretStr
from recording import record
from story_kit import AGENT_COMMAND, FILES, PERSON, Story, know_labels
from temporal_kit import temporal_server
from temporalio.client import Client

from github_app.demo.github import LocalGitHub
from github_app.demo.stage import free_port, registration
from github_app.settings import UpSettings
from github_app.up import door
from github_app.worker import working


@dataclass(frozen=True, slots=True)
class World:
    """What all stories share."""

    github: LocalGitHub
    temporal: Client


@pytest.fixture(scope="package")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    """Start everything once, as `aidp up` does, but in this process."""
    root = tmp_path_factory.mktemp("stories")
    app = registration("")
    github = LocalGitHub(root / "github", app)
    async with github.serve() as url, temporal_server(root) as client:
        settings = UpSettings(
            github_app_id=app.id,
            github_private_key=SecretStr(app.private_key_pem),
            github_webhook_secret=(SecretStr(app.webhook_secret),),
            github_api_url=url,
            github_url=url,
            github_write_limits=False,  # the stories share an installation, and write more than one should
            state_dir=root,
            port=free_port(),
            agents=("command",),
            agent_command=AGENT_COMMAND,
        )
        async with working(client, settings), door(settings, client) as address:
            github.send_webhooks_to(f"{address}/webhook")
            yield World(github, client)
            await github.settle()
            await record(client)
    assert github.unknown_routes == []


@pytest.fixture
async def begin(world: World) -> Callable[..., Story]:
    """Begin a story in a new repository; a coroutine, since a new repository is announced from the event loop."""

    def _begin(files: Mapping[str, str | bytes] = FILES, *, name: str = "", ci: str | None = None) -> Story:
        number = len(world.github.world.repositories) + 1
        repository = world.github.add_repository("acme", name or f"story-{number}", files=files, ci=ci)
        world.github.set_permission(repository, PERSON, "write")
        return Story(world.github, world.temporal, know_labels(world.github, repository))

    return _begin


@pytest.fixture
async def story(begin: Callable[..., Story]) -> Story:
    """Begin a story in the usual repository."""
    return begin()
