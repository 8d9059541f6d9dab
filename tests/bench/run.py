"""`make bench`: what orchestration costs, in one table. `QUICK=1` measures less, `BENCH_JSON=FILE` keeps it."""

import asyncio
import os
import tempfile
from pathlib import Path

import crowd
import growth
import overhead
import paused
import startup
from bench_scene import Sizes, serving, worker
from figures import Figure, machine, show, write
from rich.console import Console

FULL = Sizes(rounds=12, iterations=10, long_loop=50, loops=100, slots=4, agent_seconds=2, starts=5)
QUICK = Sizes(rounds=5, iterations=10, long_loop=50, loops=12, slots=4, agent_seconds=2, starts=1)
LONGEST_SECONDS = 600


async def measure(sizes: Sizes, directory: Path) -> list[Figure]:
    """Measure one thing after the other, so that none weighs on another."""
    async with asyncio.timeout(LONGEST_SECONDS), serving(directory) as client:
        with worker("instant_worker.py", client):
            found = await overhead.measure(client, sizes)
            found += await growth.measure(client, sizes)
            found += await paused.measure(client)
        found += await crowd.measure(client, sizes, directory)
    return found + await asyncio.to_thread(startup.measure, sizes, directory)


def main() -> None:
    """Measure and tell."""
    on = machine()
    with tempfile.TemporaryDirectory(prefix="aidp-bench-") as directory:
        found = asyncio.run(measure(QUICK if os.environ.get("QUICK") else FULL, Path(directory)))
    show(found, on, Console(width=160))
    if path := os.environ.get("BENCH_JSON"):
        write(found, on, Path(path))


if __name__ == "__main__":
    main()
