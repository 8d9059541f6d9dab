"""Ending the demo early, or before it has begun."""

import os
import signal
import subprocess
import sysconfig
from pathlib import Path

import pytest

AIDP = str(Path(sysconfig.get_path("scripts"), "aidp"))


def test_a_demo_that_is_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    """SIGTERM ends it as Ctrl-C does: its servers are gone, and so is its folder."""
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "200", "TMPDIR": str(tmp_path)}
    with subprocess.Popen((AIDP, "demo"), stderr=subprocess.PIPE, env=env, text=True) as demo:
        assert demo.stderr
        while "GitHub is at" not in demo.stderr.readline():
            assert demo.poll() is None
        (folder,) = tmp_path.glob("aidp-demo-*")
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60)
    assert not folder.exists()
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert not [line for line in lines if bytes(folder) in line]


@pytest.mark.parametrize("report", ["nowhere/report.json", "a-file/report.json", "."])
def test_a_report_that_can_not_be_written_is_refused_at_once(tmp_path: Path, report: str) -> None:
    """Not when the story is over."""
    (tmp_path / "a-file").touch()
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "200", "TMPDIR": str(tmp_path)}
    command = (AIDP, "demo", "--report", report)
    refused = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2
    assert "Invalid value for '--report'" in refused.stderr
    assert "From a label to" not in refused.stderr
