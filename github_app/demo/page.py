"""Where the demo is told: when, who and what, in columns that fit a terminal; and what is shown whole at the end."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

Show = Callable[[str, str], None]
"""Shows that somebody did something."""
CHAPTER = "chapter"
"""Not somebody, but what comes next."""
WIDTH = 100
STYLES = {
    "GitHub": "magenta",
    "aidp": "bold green",
    "agent": "blue",
    "checks": "blue",
    "CI": "magenta",
    "trouble": "bold yellow",
    "failed": "bold red",
}
PERSON = "bold cyan"


@dataclass(frozen=True, slots=True)
class Page:
    """The terminal."""

    console: Console
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Say how long it has been told."""
        return time.monotonic() - self.started

    def say(self, who: str, what: str) -> None:
        """Tell that somebody did something."""
        if who == CHAPTER:
            self.console.print(Text(f"\n{what}", style="bold"), width=self._width)
            return
        row = _grid()
        style = STYLES.get(who, PERSON if who.startswith("@") else "")
        row.add_row(Text(f"{self.seconds:6.1f}"), Text(who, style=style), Text(what))
        self.console.print(row, width=self._width)

    def comment(self, title: str, body: str) -> None:
        """Show a comment as GitHub would."""
        text = "\n".join(line for line in body.splitlines() if not line.startswith("<")).replace("- [x] ", "- ✔ ")
        self.console.print()
        self.console.print(Panel(Markdown(text), title=title, title_align="left"), width=self._width)

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Sum up."""
        table = Table.grid(padding=(0, 2))
        for name, fact in facts:
            table.add_row(Text(name, style="bold"), Text(fact))
        self.console.print()
        self.console.print(table, width=self._width)

    @property
    def _width(self) -> int:
        return min(self.console.width, WIDTH)


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=6, no_wrap=True, style="dim")
    grid.add_column(width=8, no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    return grid
