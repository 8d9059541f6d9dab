"""Record the histories of the demo's workflows.

`python tests/replay/record.py NAME` writes `histories/<type>.NAME.json`.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from temporalio.client import Client

from github_app.demo.stage import stage
from github_app.demo.story import Told, tell
from github_app.jobs import AidpClient, Workstreams
from workflows.model.workstreams import Unit

HISTORIES = Path(__file__).with_name("histories")
STACK_TRACE = re.compile(r'"stackTrace": "(?:[^"\\]|\\.)*"')
"""Names folders of the machine that recorded it, and no replay reads it."""


async def main(name: str) -> None:
    """Tell the demo's story, and keep every history of it."""
    with tempfile.TemporaryDirectory(prefix="aidp-record-") as folder:
        async with stage(Path(folder)) as ready:
            await tell(Told(ready, show))
            await work_side_by_side(ready.temporal, Path(folder))
            await keep(ready.temporal, name)


async def work_side_by_side(client: Client, folder: Path) -> None:
    """Run two units, one after the other, in a repository of their own."""
    project = folder / "project"
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    (project / "README.md").write_text("hello\n")
    author = ("-c", "user.name=ada", "-c", "user.email=ada@example.com")
    for command in (("add", "--all"), (*author, "commit", "--quiet", "--message=Begin")):
        subprocess.run(["git", "-C", str(project), *command], check=True)
    units = (Unit("first", "Greet", "Say hello."), Unit("second", "Leave", "Say goodbye.", ("first",)))
    jobs = AidpClient(client)
    await jobs.wait(await jobs.start_workstreams(Workstreams("greetings", str(project), units)))


def show(part: str, text: str) -> None:
    """Show a step of the story."""
    sys.stderr.write(f"{part}: {text}\n")


async def keep(client: Client, name: str) -> None:
    """Write every history the server has."""
    async for execution in client.list_workflows():
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        history = await handle.fetch_history()
        path = HISTORIES / f"{execution.workflow_type}.{name}.json"
        path.write_text(STACK_TRACE.sub('"stackTrace": ""', history.to_json()))
        sys.stderr.write(f"recorded {path.name}: {len(history.events)} events\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
