"""The order of all tests: what takes longest begins first, so that no worker is left alone with it in the end."""

import gc
import signal
from pathlib import Path

import pytest

LONGEST = (
    *("demo", "bench", "faults", "stories", "chaos", "workstreams"),
    *("reconcile", "loop", "jobs", "deliveries", "commands"),
)
"""Folders, the one with the longest files first."""
TESTS = Path(__file__).parent


def pytest_configure() -> None:
    """Let what the stories start be interrupted, as at a terminal; a shell has its background ignore that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in this order; those of a folder stay as they are."""
    items.sort(key=_rank)


def pytest_collection_finish() -> None:
    """Have the collector of garbage leave alone what was imported: there is much of it, and it stays."""
    gc.collect()
    gc.freeze()


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(TESTS).parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)
