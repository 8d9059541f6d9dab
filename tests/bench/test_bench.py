"""The benchmarks still measure what they say, at the smallest size; how fast anything is, is no matter here."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from bench_scene import Sizes
from chart import draw
from figures import Figure, machine, write
from run import measure

TINY = Sizes(
    rounds=1,
    iterations=2,
    long_loop=6,
    loops=1,
    slots=1,
    agent_seconds=0.1,
    starts=1,
    door_round=20,
    deliveries=40,
    items=4,
    long_issue=40,
    waiting=3,
    labels=1,
    repositories=2,
)
MAY_BE_ZERO = (  # one loop may fit in what the worker has already
    *("memory of a running loop", "growth of memory", "peak growth, unsigned"),
)
ROWS = {
    "loops": 10,
    "crowd": 4,
    "start-up": 2,
    "door": 11,
    "hostile": 2,
    "items": 7,
    "long-issue": 3,
    "waiting": 8,
    "label": 8,
}


async def test_every_figure_is_measured(tmp_path: Path) -> None:
    """Each part tells all of its figures; what is paused or waits writes nothing."""
    found = await measure(TINY, tmp_path)
    parts = [figure.part for figure in found if figure.part != "idle"]
    assert {part: parts.count(part) for part in parts} == ROWS
    assert any(figure.part == "idle" for figure in found)
    nothing = [it for it in found if it.at_most == 0]
    measured = [it for it in found if it not in nothing and it.name not in MAY_BE_ZERO and it.part != "idle"]
    assert [it.name for it in measured if it.value <= 0] == []
    assert [it.part for it in nothing] == ["loops"] + 5 * ["waiting"]
    assert [str(it) for it in nothing if it.value] == []


def test_the_figures_are_written_for_programs(tmp_path: Path) -> None:
    """The JSON has the machine, every figure and its verdict."""
    path = tmp_path / "bench.json"
    late, fast, told = (
        Figure("part", "late", 2.0, "s", 1),
        Figure("part", "fast", 9.0, at_least=8),
        Figure("p", "told", 3),
    )
    write([late, fast, told], machine(), path)
    written = json.loads(path.read_text())
    assert written["machine"]["temporalio"]
    assert [(each["name"], each["value"], each["verdict"]) for each in written["figures"]] == [
        ("late", 2.0, "missed"),
        ("fast", 9.0, "met"),
        ("told", 3.0, ""),
    ]


def test_the_chart_shows_every_figure_that_has_a_goal() -> None:
    """One line for each, with what was measured and what was wanted, in XML that can be read."""
    late, fast, told = Figure("a", "late", 2.0, "s", 1), Figure("a", "fast <", 9.0, at_least=8), Figure("a", "told", 3)
    chart = ET.fromstring(draw([late, fast, told], machine()))  # noqa: S314  # we have just drawn it
    texts = ["".join(it.itertext()) for it in chart.iter() if it.tag.endswith("text")]
    assert [text for text in texts if text.startswith("a · ")] == ["a · late", "a · fast <"]
    assert [text for text in texts if "≤" in text or "≥" in text] == ["2 s≤ 1, missed", "9≥ 8, met"]
