"""A real Temporal, and a ledger kept in it by workers that can be taken away."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

TEMPORAL = Path(sys.executable).with_name("temporal")
FAST = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="1ms"',
    "history.transferProcessorMaxPollRPS=2000",
    "history.timerProcessorMaxPollRPS=2000",
)


@pytest.fixture(scope="session")
async def temporal() -> AsyncGenerator[Client]:
    """Start the dev server."""
    environment = await WorkflowEnvironment.start_local(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
        dev_server_existing_path=str(TEMPORAL),
        dev_server_log_level="error",
        dev_server_extra_args=[part for setting in FAST for part in ("--dynamic-config-value", setting)],
    )
    async with environment:
        yield environment.client
