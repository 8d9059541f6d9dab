"""Record a history of every workflow: of the demo's, and of some stories for those that the demo does not run.

`make record NAME=0.1.0` writes `histories/<type>.0.1.0.json`, and leaves those alone that are there.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from recording import keep
from temporalio.client import Client

from github_app.demo.stage import stage
from github_app.demo.story import Told, tell
from github_app.jobs import AidpClient, Workstreams
from workflows.model.workstreams import Unit

TESTS = Path(__file__).parents[1]
STORIES = ("stories/test_project_story.py", "stories/test_pull_request_story.py", "reconcile", "deliveries")


async def main(name: str) -> None:
    """Tell the demo's story, and keep every history of it."""
    with tempfile.TemporaryDirectory(prefix="aidp-record-") as folder:
        async with stage(Path(folder)) as ready:
            await tell(Told(ready, show))
            await work_side_by_side(ready.temporal, Path(folder))
            await keep(ready.temporal, name)
    pytest = (sys.executable, "-m", "pytest", *(str(TESTS / story) for story in STORIES))
    subprocess.run(pytest, env={**os.environ, "AIDP_RECORD": name}, check=True)


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


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
