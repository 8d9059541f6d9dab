"""Draws the figures that have a goal, one line each: a bar, a mark where the goal is, and what was measured."""

from collections.abc import Iterable, Mapping
from html import escape

from figures import Figure

WIDTH, LEFT, BAR, LINE, TOP = 880, 320, 340, 30, 64
MOST = 1.5
"""What is longer than this many goals is cut."""
STYLE = """\
text{font:13px system-ui,sans-serif;fill:#24292f}.small{font-size:11px;fill:#656d76}
.title{font-size:16px;font-weight:600}
.rail{fill:#eaeef2}.met{fill:#2da44e}.missed{fill:#cf222e}.goal{stroke:#24292f;stroke-width:1.5}
.paper{fill:#fff}
@media(prefers-color-scheme:dark){text,.title{fill:#e6edf3}.small{fill:#9198a1}.rail{fill:#262c36}.goal{stroke:#e6edf3}
.paper{fill:#0d1117}}"""


def draw(figures: Iterable[Figure], machine: Mapping[str, str]) -> str:
    """Draw the chart as SVG."""
    rows = [figure for figure in figures if figure.goal]
    height = TOP + LINE * len(rows) + 24
    where = ", ".join(f"{name} {machine[name]}" for name in ("cores", "load", "Python", "temporalio"))
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>aidp against its goals</title><style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>',
            '<text class="title" x="20" y="30">aidp against its goals</text>',
            f'<text class="small" x="20" y="48">{escape(where)}; the mark is the goal</text>',
            *(_row(figure, TOP + LINE * number) for number, figure in enumerate(rows)),
            "</svg>\n",
        )
    )


def _row(figure: Figure, top: int) -> str:
    """Draw one figure: its name, a bar on its rail, the goal, and what was measured."""
    goal = figure.at_most if figure.at_least is None else figure.at_least
    share = min(figure.value / goal if goal else figure.value, MOST)
    told, mark, middle = f"{figure.value:,.4g} {figure.unit}".strip(), LEFT + BAR / MOST, top + 17
    bar = f'x="{LEFT}" y="{top + 5}" height="16" rx="3"'
    name = escape(f"{figure.part} · {figure.name}")
    return (
        f'<text x="{LEFT - 12}" y="{middle}" text-anchor="end">{name}</text>'
        f'<rect class="rail" {bar} width="{BAR}"/>'
        f'<rect class="{figure.verdict}" {bar} width="{max(3.0, share * BAR / MOST):.1f}"/>'
        f'<line class="goal" x1="{mark:.1f}" x2="{mark:.1f}" y1="{top + 2}" y2="{top + 24}"/>'
        f'<text x="{LEFT + BAR + 12}" y="{middle}">{escape(told)}'
        f'<tspan class="small" dx="6">{figure.goal}, {figure.verdict}</tspan></text>'
    )
