"""A workspace as the prompt is written in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workflows.model import Category, CheckResult, Source, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an opened workspace with a task."""
    for name in ("tree", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "task.md").write_text("# Add a farewell\n\n`greet.py` greets. Let it say goodbye, too.\n")
    return Workspace("loop-1", Source(), "aidp-host-1", str(tmp_path), "aidp/1", "main", "0" * 40, "0" * 40)


@pytest.fixture
def failed_with(tmp_path: Path) -> Callable[..., CheckResult]:
    """Return a maker of failed checks that have left this log."""

    def fail(name: str, log: str, *failures: str) -> CheckResult:
        path = tmp_path / "logs" / f"iteration-1-{name}.log"
        path.write_text(log)
        summary = f"{len(failures)} failed"
        return CheckResult(
            name, Category.TEST, passed=False, required=True, summary=summary, failures=failures, log=str(path)
        )

    return fail
