"""The demo on a bad day, as the README shows it: whoever tries aidp for the first time sees this."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

AIDP = str(Path(sysconfig.get_path("scripts"), "aidp"))


@pytest.mark.timeout(600)  # seconds: two minutes where nothing else runs
def test_what_is_lost_comes_again_and_nothing_is_done_twice(tmp_path: Path) -> None:
    """Every chapter is seen, with each effect once; webhooks that were lost are recovered before the reader's eyes."""
    report = tmp_path / "report.json"
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "200", "TMPDIR": str(tmp_path)}
    command = (AIDP, "demo", "--faults", "1", "--report", str(report))
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "0 calls while GitHub had said to wait" in told.stderr
    assert "each of them once" in told.stderr
    left = json.loads(report.read_text())
    assert left["faults"]
    assert not left["pull_request"]["draft"]
    codes = {(it["guid"], 200 <= it["status_code"] < 300) for it in left["deliveries"]}
    assert [guid for guid, taken in codes if taken and (guid, False) in codes]
