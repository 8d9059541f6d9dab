"""Many loops at once, with real worktrees, checks and agents that take their time: are the slots kept busy?"""

import asyncio
import math
import shutil
import subprocess
import time
from pathlib import Path

from bench_scene import Sizes, loop_spec, start, worker
from figures import Figure
from memory import resident
from temporalio.client import Client

from workflows.model import Ending, LoopResult, Source

PART = "crowd"
GOAL = 1.25
GIT = shutil.which("git") or "git"


async def measure(client: Client, sizes: Sizes, directory: Path) -> list[Figure]:
    """Start all loops at once and wait for the last one."""
    source = Source(project_dir=str(_project(directory / "project")))
    arguments = (str(directory / "host"), str(sizes.slots), f"{sizes.agent_seconds:g}")
    with worker("crowd_worker.py", client, *arguments) as pid:
        await _finish(client, source)  # imports and the first clone are no part of it
        before, began = resident(pid), time.perf_counter()
        loops = asyncio.gather(*(_finish(client, source) for _ in range(sizes.loops)))
        highest = before
        while not loops.done():
            await asyncio.wait([loops], timeout=0.5)
            highest = max(highest, resident(pid))
        seconds = time.perf_counter() - began
    _check(await loops)
    ideal = math.ceil(sizes.loops / sizes.slots) * sizes.agent_seconds
    how = f"{sizes.loops} loops, {sizes.slots} slots, agents of {sizes.agent_seconds:g} s"
    return [
        Figure(PART, "time", seconds, "s", note=f"{how}; ideal {ideal:g} s"),
        Figure(PART, "time : ideal", seconds / ideal, "times", GOAL),
        Figure(PART, "memory of the worker", before, "MiB", note="resident, before"),
        Figure(
            PART, "memory of a running loop", (highest - before) / sizes.loops, "MiB", note="highest - before, each"
        ),
    ]


async def _finish(client: Client, source: Source) -> LoopResult:
    return await (await start(client, loop_spec(3, source=source))).result()


def _check(results: list[LoopResult]) -> None:
    """Refuse to measure work that was not done."""
    if unfinished := [result.outcome for result in results if result.outcome.ending is not Ending.DONE]:
        raise RuntimeError(f"{len(unfinished)} of {len(results)} loops did not do their work: {unfinished[0]}")


def _project(path: Path) -> Path:
    """Make a repository of one commit."""
    path.mkdir()
    (path / "README.md").write_text("hello\n")
    for arguments in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message=Begin"),
    ):
        subprocess.run((GIT, *arguments), cwd=path, check=True)
    return path
