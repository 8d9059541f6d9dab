"""`AIDP_STATE_DIR`: where nothing can be kept, nothing starts, and what to set is told."""

from pathlib import Path

import pytest
from setup_scene import aidp

from github_app.demo.github import AppRegistration


@pytest.fixture(autouse=True)
def in_the_way(tmp_path: Path) -> None:
    """Have a file where a directory should be, and directories where files should be."""
    (tmp_path / "file").touch()
    (tmp_path / "odd/lock").mkdir(parents=True)
    (tmp_path / "odd/temporal.address").mkdir()


@pytest.mark.parametrize(
    ("state_dir", "why"),
    [
        ("file", "File exists"),
        ("file/state", "Not a directory"),
        ("/proc/aidp", "No such file or directory"),
        ("odd", "Is a directory"),
    ],
)
async def test_nothing_is_started_without_a_place(
    tmp_path: Path, somebody_elses: AppRegistration, state_dir: str, why: str
) -> None:
    """Neither everything nor a worker alone, which would fail at every job."""
    app = {"AIDP_GITHUB_APP_ID": "1", "AIDP_GITHUB_PRIVATE_KEY": somebody_elses.private_key_pem}
    told = f"{tmp_path / state_dir} can not hold aidp's state ({why}). Set AIDP_STATE_DIR to a directory"
    for command in (("up", "--no-github"), ("work", "--role", "agents")):
        terminal = await aidp(tmp_path, *command, AIDP_STATE_DIR=state_dir, **app)
        assert await terminal.end() == 2, terminal.text
        assert told in terminal.text
        assert "Traceback" not in terminal.text


async def test_a_command_that_can_not_look_there_says_so(tmp_path: Path) -> None:
    """What another user's `aidp up` keeps may not be readable to us."""
    terminal = await aidp(tmp_path, "jobs", "list", AIDP_STATE_DIR="odd")
    assert await terminal.end() == 2, terminal.text
    assert f"{tmp_path / 'odd/temporal.address'} can not be read (Is a directory). Set AIDP_STATE_DIR" in terminal.text
    assert "Traceback" not in terminal.text
