"""A GitHub where nobody has our App yet, and a browser."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from setup_scene import Browser

from github_app.demo.github import AppRegistration, LocalGitHub


@pytest.fixture(scope="session")
def somebody_elses() -> AppRegistration:
    """Register the App that a local GitHub cannot be without; its key is made once."""
    return AppRegistration(1, "other", "other")


@pytest.fixture
async def github(tmp_path: Path, somebody_elses: AppRegistration) -> AsyncGenerator[LocalGitHub]:
    """Serve a GitHub."""
    github = LocalGitHub(tmp_path / "github", somebody_elses)
    async with github.serve():
        yield github
    assert github.unknown_routes == []


@pytest.fixture
async def browser() -> AsyncGenerator[Browser]:
    """Open a browser."""
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Browser(http)
