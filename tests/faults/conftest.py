"""Everything in processes of their own."""

from collections.abc import AsyncGenerator

import pytest
from fault_kit import Theatre
from story_kit import FILES, PERSON, Story, agent_command

from github_app.demo.github import LocalGitHub
from github_app.demo.stage import registration
from github_app.temporal import connect, profile_of


@pytest.fixture(scope="module")
async def theatre(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Theatre]:
    """Start Temporal, the door and a worker; who stops one of them starts it again."""
    root, app = tmp_path_factory.mktemp("theatre"), registration("")
    github = LocalGitHub(root / "github", app)
    async with github.serve():
        made = Theatre(root, github, app)
        github.send_webhooks_to(f"http://127.0.0.1:{made.ports.door}/webhook")
        await made.start_temporal()
        try:
            for name in ("serve", "work"):
                made.start(name, agent_command())
            await made.until_door_answers()
            await made.until_worker_works()
            yield made
        finally:
            await made.close()
    assert github.unknown_routes == []


@pytest.fixture
async def story(theatre: Theatre) -> Story:
    """Begin a story there."""
    number = len(theatre.github.world.repositories) + 1
    repository = theatre.github.add_repository("acme", f"story-{number}", files=FILES)
    theatre.github.set_permission(repository, PERSON, "write")
    client = await connect(profile_of({}), theatre.root)
    return Story(theatre.github, client, repository)
