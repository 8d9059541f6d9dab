"""Keep the histories of what stories ran, when `AIDP_RECORD` names a recording; see `tests/replay/record.py`."""

import os
import re
from pathlib import Path

from temporalio.client import Client, WorkflowExecutionDescription

HISTORIES = Path(__file__).parents[1] / "replay/histories"
STACK_TRACE = re.compile(r'"stackTrace": "(?:[^"\\]|\\.)*"')
"""Names folders of the machine that recorded it, and no replay reads it."""


async def record(client: Client) -> None:
    """Write the longest history of each workflow type that has none in this recording, if there is one to make."""
    if name := os.environ.get("AIDP_RECORD"):
        await keep(client, name)


async def keep(client: Client, name: str) -> None:
    """Write the longest history of each workflow type that has none in the recording of this name."""
    longest: dict[str, WorkflowExecutionDescription] = {}
    async for execution in client.list_workflows():  # whose list does not know how long the running ones are
        found = await client.get_workflow_handle(execution.id, run_id=execution.run_id).describe()
        best = longest.get(found.workflow_type)
        if best is None or found.history_length > best.history_length:
            longest[found.workflow_type] = found
    for kind, found in longest.items():
        path = HISTORIES / f"{kind}.{name}.json"
        if not path.exists():
            history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
            path.write_text(STACK_TRACE.sub('"stackTrace": ""', history.to_json()))
