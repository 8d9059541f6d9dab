"""A real Temporal, for the stories that end in one."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

TEMPORAL = Path(sys.executable).with_name("temporal")


@pytest.fixture(scope="session")
async def temporal() -> AsyncGenerator[Client]:
    """Start the dev server."""
    environment = await WorkflowEnvironment.start_local(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
        dev_server_existing_path=str(TEMPORAL)
    )
    async with environment:
        yield environment.client
