"""A real Temporal, for the stories that end in one."""

from collections.abc import AsyncGenerator

import pytest
from temporal_kit import temporal_server
from temporalio.client import Client


@pytest.fixture(scope="module")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Client]:
    """Start a server."""
    async with temporal_server(tmp_path_factory.mktemp("temporal")) as client:
        yield client
