"""A real Temporal with one worker, and a stage for each story."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from workstream_scene import Stage, settings

from github_app.worker import working

TEMPORAL = Path(sys.executable).with_name("temporal")
QUICK = (
    "history.transferProcessorMaxPollRPS=2000",
    "history.timerProcessorMaxPollRPS=2000",
    "history.visibilityProcessorMaxPollRPS=2000",
    "history.outboundProcessorMaxPollRPS=2000",
)
SHORT_HISTORIES = "limit.historyCount.suggestContinueAsNew=60"
SKIPS_TIME = ("frontend.WorkflowTimeSkippingEnabled=true", 'history.timerProcessorMaxTimeShift="1ms"')


@pytest.fixture(scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Client]:
    """Start a server and a worker."""
    async with _server(*QUICK) as client, working(client, settings(tmp_path_factory.mktemp("host"))):
        yield client


@pytest.fixture(scope="session")
async def forgetful_server() -> AsyncGenerator[Client]:
    """Start a server that wants a fresh history after a few units, and can skip time."""
    async with _server(*QUICK, SHORT_HISTORIES, *SKIPS_TIME) as client:
        yield client


@pytest.fixture
def stage(temporal: Client, tmp_path: Path) -> Stage:
    """Prepare a repository."""
    stage = Stage(temporal, tmp_path)
    stage.prepare()
    return stage


@asynccontextmanager
async def _server(*tuning: str) -> AsyncGenerator[Client]:
    flags = [argument for setting in tuning for argument in ("--dynamic-config-value", setting)]
    environment = await WorkflowEnvironment.start_local(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
        dev_server_existing_path=str(TEMPORAL), dev_server_extra_args=flags, dev_server_log_level="error"
    )
    async with environment:
        yield environment.client
