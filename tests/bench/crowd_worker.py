"""A worker as `aidp up` has it, whose agent sleeps: `crowd_worker.py <address> <state directory> <slots> <seconds>`."""

import asyncio
import sys
from pathlib import Path

from temporalio.client import Client

from github_app.settings import HostSettings
from github_app.worker import working

AGENT = "sleep {seconds}; date > answer.txt; printf 'I changed it.\\n\\nSTATUS: COMPLETE\\n'"


async def main(address: str, state_dir: str, slots: str, seconds: str) -> None:
    """Work until somebody ends it."""
    settings = HostSettings(
        state_dir=Path(state_dir),
        host_id="crowd",
        agents=("command",),
        agent_slots=int(slots),
        agent_command=("sh", "-c", AGENT.format(seconds=seconds)),
    )
    client = await Client.connect(address)
    async with working(client, settings):
        print("ready", flush=True)  # noqa: T201  # for whoever has started us
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
