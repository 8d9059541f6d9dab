"""Replays every recorded history with the code that `PYTHONPATH` names."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from github_app.worker import WORKFLOWS

HISTORIES = Path(__file__).parents[1] / "replay/histories"


async def main() -> None:
    """Fail with the first that does not replay."""
    await Replayer(workflows=WORKFLOWS).replay_workflows(histories())


async def histories() -> AsyncIterator[WorkflowHistory]:
    """Read them all."""
    for path in sorted(HISTORIES.glob("*.json")):
        yield WorkflowHistory.from_json(path.stem, path.read_text())


if __name__ == "__main__":
    asyncio.run(main())
