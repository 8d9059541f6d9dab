"""A GitHub, a Temporal, a door and a worker for all stories of commands."""

from collections.abc import AsyncGenerator, Callable

import pytest
from command_scene import LISTED_BOT, ROLES, Place, World
from pydantic import SecretStr
from story_kit import AGENT_COMMAND, FILES, Story, know_labels

from activities.github.client import GitHubApp, InstallationClients
from github_app.demo.github import LocalGitHub
from github_app.demo.stage import free_port, registration
from github_app.settings import UpSettings
from github_app.temporal import connect, embedded, profile_of
from github_app.up import door
from github_app.worker import working

NO_PROFILE = profile_of({"TEMPORAL_CONFIG_FILE": "/nonexistent"})


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    """Start everything once."""
    root = tmp_path_factory.mktemp("commands")
    app = registration("")
    github = LocalGitHub(root / "github", app)
    async with github.serve() as url, embedded(root, free_port()):
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
            trusted_bots=frozenset({LISTED_BOT}),
        )
        client = await connect(NO_PROFILE, root)
        async with working(client, settings), door(settings, client) as address:
            github.send_webhooks_to(f"{address}/webhook")
            yield World(github, client, InstallationClients(GitHubApp(app.id, app.private_key_pem, url, url)))
            await github.settle()
    assert github.unknown_routes == []


@pytest.fixture
async def begin(world: World) -> Callable[[], Story]:
    """Begin a story in a new repository, in which `ada` may write, and each role has a person of its name."""

    def _begin() -> Story:
        github = world.github
        repository = github.add_repository("acme", f"story-{len(github.world.repositories) + 1}", files=FILES)
        for login, role in {"ada": "write", **dict(zip(ROLES, ROLES, strict=True))}.items():
            github.set_permission(repository, login, role)
        return Story(github, world.temporal, know_labels(github, repository))

    return _begin


@pytest.fixture
async def place(begin: Callable[[], Story], world: World) -> Place:
    """Open an issue."""
    story = begin()
    return Place(story, await story.open("Please."), world.clients)
