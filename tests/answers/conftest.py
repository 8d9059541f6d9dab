"""A desk for every test."""

from pathlib import Path

import pytest
from answers_scene import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an empty one."""
    return Desk(tmp_path)
