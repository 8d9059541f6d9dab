"""A worker in a process of its own, which a story can kill: `worker_process.py <address> <state directory>`."""

import asyncio
import sys
from pathlib import Path

from temporalio.client import Client
from workstream_scene import settings

from github_app.worker import working


async def main(address: str, state_dir: str) -> None:
    """Work until somebody ends it."""
    client = await Client.connect(address)
    async with working(client, settings(Path(state_dir))):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
