"""A Temporal server for stories: as quick as the embedded one, and able to let the time of a workflow pass at once."""

import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile
from temporalio.testing import TimeSkipper, WorkflowEnvironment

from github_app.temporal import TUNING, connect, prepare

TEMPORAL = Path(sys.executable).with_name("temporal")
SKIPS_TIME = ("frontend.WorkflowTimeSkippingEnabled=true", 'history.timerProcessorMaxTimeShift="1ms"')
SHORT_HISTORIES = "limit.historyCount.suggestContinueAsNew=60"
"""Has workflows continue as new every few steps."""
OF_THE_SKIPPING = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
}


@asynccontextmanager
async def temporal_server(directory: Path, *settings: str, flags: Sequence[str] = ()) -> AsyncGenerator[Client]:
    """Serve from a database in the directory for as long as the block lasts; `settings` are dynamic configuration."""
    dynamic = [word for setting in (*SKIPS_TIME, *settings) for word in ("--dynamic-config-value", setting)]
    environment = await WorkflowEnvironment.start_local(  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap
        dev_server_existing_path=str(TEMPORAL),
        dev_server_database_filename=str(directory / "temporal.db"),
        dev_server_extra_args=[*TUNING, *dynamic, *flags, "--output", "none"],
        dev_server_log_level="error",
    )
    async with environment:
        address = environment.client.service_client.config.target_host
        client = await connect(ClientConfigProfile(address=address), directory)  # as aidp does
        await prepare(client)
        yield client


async def pass_time(client: Client, workflow_id: str, time: timedelta) -> None:
    """Let a workflow that waits have waited for so long."""
    await TimeSkipper(client).fast_forward(client.get_workflow_handle(workflow_id), time)


async def own_events(client: Client, workflow_id: str) -> list[HistoryEvent]:
    """Read a workflow's events that would also be there if its time had really passed."""
    events = client.get_workflow_handle(workflow_id).fetch_history_events()
    return [event async for event in events if event.event_type not in OF_THE_SKIPPING]
