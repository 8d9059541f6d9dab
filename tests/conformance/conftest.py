"""A real Temporal behind the door, and the webhooks that GitHub once sent."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import packages
import pytest
from door_kit import door_settings, opened
from temporal_kit import temporal_server

from github_app.app import build


@pytest.fixture(scope="session")
def examples() -> list[dict[str, Any]]:
    """Read GitHub's examples: one entry per event, with its payloads."""
    found = packages.find(packages.EXAMPLES)
    if found is None:
        pytest.skip("GitHub's webhook examples are not installed. To run these stories: make conformance")
    return json.loads(found.read_text())


@pytest.fixture(scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[int]:
    """Open a door before a server of its own."""
    async with (
        temporal_server(tmp_path_factory.mktemp("temporal")) as client,
        opened(build(door_settings(), client)) as port,
    ):
        yield port
