"""A real Temporal behind the door, and the webhooks that GitHub once sent."""

import json
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import packages
import pytest
from door_kit import door_settings, opened
from temporalio.testing import WorkflowEnvironment

from github_app.app import build

TEMPORAL = Path(sys.executable).with_name("temporal")


@pytest.fixture(scope="session")
def examples() -> list[dict[str, Any]]:
    """Read GitHub's examples: one entry per event, with its payloads."""
    found = packages.find(packages.EXAMPLES)
    if found is None:
        pytest.skip("GitHub's webhook examples are not installed. To run these stories: make conformance")
    return json.loads(found.read_text())


@pytest.fixture(scope="session")
async def door() -> AsyncGenerator[int]:
    """Open a door before a dev server of its own."""
    environment = await WorkflowEnvironment.start_local(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
        dev_server_existing_path=str(TEMPORAL)
    )
    async with environment, opened(build(door_settings(), environment.client)) as port:
        yield port
