"""Record the histories of the demo's workflows.

`python tests/replay/record.py NAME` writes `histories/<type>.NAME.json`.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from temporalio.client import Client

from github_app.demo.stage import stage
from github_app.demo.story import Told, tell

HISTORIES = Path(__file__).with_name("histories")


async def main(name: str) -> None:
    """Tell the demo's story, and keep every history of it."""
    with tempfile.TemporaryDirectory(prefix="aidp-record-") as folder:
        async with stage(Path(folder)) as ready:
            await tell(Told(ready), show)
            await keep(ready.temporal, name)


def show(part: str, text: str) -> None:
    """Show a step of the story."""
    sys.stderr.write(f"{part}: {text}\n")


async def keep(client: Client, name: str) -> None:
    """Write every history the server has."""
    async for execution in client.list_workflows():
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        history = await handle.fetch_history()
        path = HISTORIES / f"{execution.workflow_type}.{name}.json"
        path.write_text(history.to_json())
        sys.stderr.write(f"recorded {path.name}: {len(history.events)} events\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
