"""`make bench`: what orchestration costs, in one table; `PARTS` is all of it.

`BENCH_PART=door,items` measures these alone, `QUICK=1` less of everything. `BENCH_JSON=FILE` keeps what was found, and
`BENCH_SVG=FILE` draws how it compares with the goals.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import crowd
import door
import first_signs
import growth
import hostile
import idle
import long_issue
import many_items
import overhead
import paused
import startup
import waiting
from bench_scene import Sizes, worker
from chart import draw
from figures import Figure, machine, show, write
from rich.console import Console
from temporal_kit import temporal_server
from temporalio.client import Client

FULL = Sizes(
    rounds=12,
    iterations=10,
    long_loop=50,
    loops=100,
    slots=4,
    agent_seconds=2,
    starts=5,
    door_round=500,
    deliveries=10_000,
    items=500,
    long_issue=10_000,
    waiting=10_000,
    labels=30,
    repositories=51,
)
QUICK = replace(
    FULL,
    rounds=5,
    loops=12,
    starts=1,
    door_round=400,
    deliveries=1000,
    items=50,
    long_issue=3000,
    waiting=200,
    labels=5,
)
LONGEST_SECONDS = 1800
"""A full run takes some ten minutes on two idle cores; on busy ones two or three times as long."""

Part = Callable[[Client, Sizes, Path], Awaitable[list[Figure]]]


async def _loops(client: Client, sizes: Sizes, _directory: Path) -> list[Figure]:
    """Measure single loops whose activities take no time."""
    with worker("instant_worker.py", client):
        found = await overhead.measure(client, sizes)
        found += await growth.measure(client, sizes)
        return found + await paused.measure(client)


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "loops": _loops,
        "crowd": crowd.measure,
        "start-up": lambda _, sizes, directory: asyncio.to_thread(startup.measure, sizes, directory),
        "door": door.measure,
        "hostile": lambda client, _, directory: hostile.measure(client, directory),
        "items": many_items.measure,
        "long-issue": lambda client, sizes, _: long_issue.measure(client, sizes),
        "waiting": waiting.measure,
        "idle": idle.measure,
        "label": first_signs.measure,
    }
)


async def measure(sizes: Sizes, directory: Path, parts: Iterable[str] = PARTS) -> list[Figure]:
    """Measure one thing after the other, each on a server of its own, so that none weighs on another."""
    found = list[Figure]()
    async with asyncio.timeout(LONGEST_SECONDS):
        for part in parts:
            place = directory / part
            place.mkdir()
            async with temporal_server(place) as client:
                found += await PARTS[part](client, sizes, place)
    return found


def main() -> None:
    """Measure and tell."""
    parts = [part for part in os.environ.get("BENCH_PART", "").split(",") if part] or list(PARTS)
    if unknown := [part for part in parts if part not in PARTS]:
        sys.exit(f"BENCH_PART knows no {', '.join(unknown)}. Choose from: {', '.join(PARTS)}.")
    on = machine()
    with tempfile.TemporaryDirectory(prefix="aidp-bench-") as directory:
        found = asyncio.run(measure(QUICK if os.environ.get("QUICK") else FULL, Path(directory), parts))
    show(found, on, Console(width=160))
    if path := os.environ.get("BENCH_JSON"):
        write(found, on, Path(path))
    if path := os.environ.get("BENCH_SVG"):
        Path(path).write_text(draw(found, on))


if __name__ == "__main__":
    main()
