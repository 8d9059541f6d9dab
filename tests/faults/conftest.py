"""Everything in processes of their own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from fault_kit import Theatre
from story_kit import FILES, PERSON, Story, agent_command

from github_app.demo.github import LocalGitHub
from github_app.demo.stage import registration
from github_app.temporal import connect, profile_of


@pytest.fixture
async def theatre(tmp_path: Path) -> AsyncGenerator[Theatre]:
    """Start Temporal, the door and a worker."""
    app = registration("")
    github = LocalGitHub(tmp_path / "github", app)
    async with github.serve():
        made = Theatre(tmp_path, github, app)
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
    repository = theatre.github.add_repository("acme", "calc", files=FILES)
    theatre.github.set_permission(repository, PERSON, "write")
    client = await connect(profile_of({}), theatre.root)
    return Story(theatre.github, client, repository)
