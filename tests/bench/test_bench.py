"""The benchmarks still measure what they say, at the smallest size; how fast anything is, is no matter here."""

import json
from pathlib import Path

from bench_scene import Sizes
from figures import Figure, machine, write
from run import measure

TINY = Sizes(rounds=1, iterations=2, long_loop=6, loops=1, slots=1, agent_seconds=0.1, starts=1)
MAY_BE_ZERO = ("events an hour", "memory of a running loop")  # one loop may fit in what the worker has already
ROWS = {"overhead": 5, "history": 4, "paused": 1, "crowd": 4, "start-up": 2}


async def test_every_figure_is_measured(tmp_path: Path) -> None:
    """Each part tells all of its figures, a paused loop writes nothing."""
    found = await measure(TINY, tmp_path)
    parts = [figure.part for figure in found]
    assert {part: parts.count(part) for part in parts} == ROWS
    assert [it.name for it in found if it.value <= 0 and it.name not in MAY_BE_ZERO] == []
    assert [figure.value for figure in found if figure.name == "events an hour"] == [0]


def test_the_figures_are_written_for_programs(tmp_path: Path) -> None:
    """The JSON has the machine, every figure and its verdict."""
    path = tmp_path / "bench.json"
    write([Figure("part", "late", 2.0, "s", at_most=1), Figure("part", "told", 3.0)], machine(), path)
    written = json.loads(path.read_text())
    assert written["machine"]["temporalio"]
    assert [(each["name"], each["value"], each["verdict"]) for each in written["figures"]] == [
        ("late", 2.0, "missed"),
        ("told", 3.0, ""),
    ]
