"""A real Temporal, and a ledger kept in it by workers that can be taken away."""

from collections.abc import AsyncGenerator

import pytest
from temporal_kit import temporal_server
from temporalio.client import Client


@pytest.fixture(scope="module")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Client]:
    """Start a server."""
    async with temporal_server(tmp_path_factory.mktemp("temporal")) as client:
        yield client
