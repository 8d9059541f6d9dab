"""A workspace as checks find it."""

from pathlib import Path

import pytest
from check_bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a workspace with an empty tree."""
    bench = Bench(tmp_path)
    bench.tree.mkdir()
    return bench
