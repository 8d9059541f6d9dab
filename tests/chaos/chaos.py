"""`make chaos`: everything goes wrong, everywhere; nothing is lost and nothing is done twice.

`CHAOS_PART=storm,crash` chooses parts, `CHAOS_SEEDS=1,2` seeds; `CHAOS_ONLY` a text that the names of the cases have.
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import crashes
import outage
import recoveries
import storm
import troubles
import upgrade
from chaos_scene import Scene, scene
from table import Case, keep, result, say, table
from whole_story import SHORT, WHOLE, told

ROOT = Path(__file__).parents[2]
SEEDS = "1,2,3,4,5"
STORM_ISSUES = 6
LOOPS = 50
WORKERS = 4
TROUBLES_AT_A_STAGE = 100
"""A stage gets slower with every story that it keeps in mind."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for."""

    seeds: list[int]
    only: str = ""
    troubles: int | None = None
    """How many of them, drawn by the first seed; `None` for all."""


Play = Callable[[Scene, Options], Awaitable[list[Case]]]


async def play_storm(stage: Scene, options: Options) -> list[Case]:
    """Let webhooks go astray."""
    return await storm.run(stage, options.seeds, STORM_ISSUES)


async def play_crash(stage: Scene, options: Options) -> list[Case]:
    """Kill."""
    return await crashes.run(stage, options.seeds, options.only)


async def play_outage(stage: Scene, options: Options) -> list[Case]:
    """Be away."""
    _, wanted = await told(stage, SHORT)
    return await outage.run(stage, wanted, options.seeds)


async def play_recovery(stage: Scene, options: Options) -> list[Case]:
    """Kill who looks for what was lost."""
    return await recoveries.run(stage, options.only)


async def play_troubles(stage: Scene, options: Options) -> list[Case]:
    """Let GitHub have trouble."""
    story, wanted = await told(stage, WHOLE)
    found = [it for it in troubles.all_troubles(stage.github.calls, story) if options.only in troubles.name_of(*it)]
    if options.troubles is not None:
        found = random.Random(options.seeds[0]).sample(found, min(options.troubles, len(found)))  # noqa: S311
    cases = list[Case]()
    for begin in range(0, len(found), TROUBLES_AT_A_STAGE):
        async with new_stage() as fresh:
            cases += await troubles.run(fresh, wanted, found[begin : begin + TROUBLES_AT_A_STAGE])
    return cases


async def play_upgrade(stage: Scene, options: Options) -> list[Case]:
    """Replace the workers."""
    return await upgrade.run(stage, LOOPS, options.seeds[0])


PARTS: Mapping[str, Play] = {
    storm.PART: play_storm,
    crashes.PART: play_crash,
    outage.PART: play_outage,
    recoveries.PART: play_recovery,
    troubles.PART: play_troubles,
    upgrade.PART: play_upgrade,
}


async def play(parts: Sequence[str], options: Options) -> list[Case]:
    """Play one part after the other."""
    return [case for part in parts for case in await whole_part(part, options)]


async def whole_part(part: str, options: Options) -> list[Case]:
    """Play a part on a stage of its own, and keep what came of it unless cases were chosen."""
    began = time.monotonic()
    async with new_stage() as stage:
        cases = await PARTS[part](stage, options)
    found = result(part, cases, (time.monotonic() - began) / 60)
    if not options.only:
        keep(ROOT / "docs/chaos", found, PARTS, ROOT / "README.md")
    say(f"\n{table([found])}")
    return cases


@asynccontextmanager
async def new_stage() -> AsyncGenerator[Scene]:
    """Set a stage that nothing is left of."""
    with tempfile.TemporaryDirectory(prefix="aidp-chaos-", ignore_cleanup_errors=True) as root:
        async with scene(Path(root), WORKERS) as stage:
            yield stage


def main() -> int:
    """Play, tell, and fail unless nothing was lost or doubled."""
    signal.signal(signal.SIGTERM, _leave)
    asked = _arguments()
    parts = [part for part in (asked.part or ",".join(PARTS)).split(",") if part]
    if unknown := [part for part in parts if part not in PARTS]:
        say(f"There is no part {', '.join(unknown)}. Choose of: {', '.join(PARTS)}.")
        return 2
    options = Options(asked.seeds, asked.only)
    cases = asyncio.run(play(parts, options))
    failed = [case for case in cases if case.failed]
    for case in failed:
        say(f"\n{case}")
    return 1 if failed or not cases else 0


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave in order, so that nothing keeps running."""
    del number, frame
    sys.exit(1)


def _seeds(text: str) -> list[int]:
    try:
        return [int(seed) for seed in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not numbers with commas between them, such as {SEEDS}") from None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Lets everything go wrong, and looks for what was lost or done twice.")
    parser.add_argument("--part", default="", help="some of: storm, crash, outage, recovery, github, upgrade")
    parser.add_argument(
        "--seeds", type=_seeds, default=SEEDS, help="numbers with commas between them; %(default)s unless told"
    )
    parser.add_argument("--only", default="", help="only cases whose names have this text")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
