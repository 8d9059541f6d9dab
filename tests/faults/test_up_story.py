"""`aidp up` as an operator meets it: what it says, what it refuses, and that it leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from fault_kit import AIDP
from story_kit import until

from github_app.demo.github import AppRegistration
from github_app.demo.stage import Ports, registration


@pytest.fixture(scope="module")
def app() -> AppRegistration:
    """Register an App; its key is made once."""
    return registration("")


@pytest.fixture
def settings(tmp_path: Path, app: AppRegistration) -> dict[str, str]:
    """Set what an operator sets."""
    ports = Ports()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AIDP_GITHUB_APP_ID": "1",
        "AIDP_GITHUB_PRIVATE_KEY": app.private_key_pem,
        "AIDP_GITHUB_WEBHOOK_SECRET": app.webhook_secret,
        "AIDP_STATE_DIR": str(tmp_path / "state"),
        "AIDP_PORT": str(ports.door),
        "AIDP_TEMPORAL_PORT": str(ports.temporal),
    }


def up(env: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """Run it."""
    with log.open("wb") as output:
        return subprocess.Popen([AIDP, "up"], env=env, cwd=log.parent, stdout=output, stderr=output)


def processes(mark: str) -> list[str]:
    """List the command lines that name a path."""
    lines: list[str] = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        lines += [line] if mark in line else []
    return lines


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_everything_is_and_leaves_nothing(
    tmp_path: Path, settings: dict[str, str], number: signal.Signals
) -> None:
    """Temporal, its UI, the worker and the webhooks are named; a signal ends all of it with exit code 0.

    While it runs, its secrets are in no environment or command line, and a second one on its state is refused: two
    servers on one database would be the end of it.
    """
    log, second_log = tmp_path / "log", tmp_path / "second"
    process = up(settings, log)
    await until(lambda: "ready" in log.read_text() or process.poll())
    text = log.read_text()
    assert f"http://127.0.0.1:{settings['AIDP_PORT']}/webhook" in text
    assert re.search(r"Temporal +127\.0\.0\.1:\d+, embedded; UI at http://127\.0\.0\.1:\d+", text)
    assert processes(settings["AIDP_STATE_DIR"])
    canaries = (settings["AIDP_GITHUB_WEBHOOK_SECRET"].encode(), settings["AIDP_GITHUB_PRIVATE_KEY"][100:200].encode())
    shown = [path.read_bytes() for path in Path(f"/proc/{process.pid}").glob("environ")]
    shown += [entry.encode() for entry in processes("temporal")]
    assert not [text for text in shown for canary in canaries if canary in text]
    assert up(settings, second_log).wait(30) == 2
    assert f"in use by pid {process.pid}" in second_log.read_text()
    assert "Traceback" not in second_log.read_text()
    process.send_signal(number)
    assert process.wait(30) == 0
    assert processes(settings["AIDP_STATE_DIR"]) == []


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AIDP_GITHUB_WEBHOOK_SECRET", None, "AIDP_GITHUB_WEBHOOK_SECRET is not set"),
        ("AIDP_GITHUB_WEBHOOK_SECRET", "", "AIDP_GITHUB_WEBHOOK_SECRET is not set"),
        ("AIDP_GITHUB_WEBHOOK_SECRET", "short", "shorter than 16"),
        ("AIDP_GITHUB_WEBHOOK_SECRET", "development-development", "well-known words"),
        ("AIDP_GITHUB_PRIVATE_KEY", "/no/such/file", "neither PEM text nor a file"),
        ("AIDP_GITHUB_APP_ID", "abc", "AIDP_GITHUB_APP_ID"),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    tmp_path: Path, settings: dict[str, str], variable: str, value: str | None, told: str
) -> None:
    """It does not start, and says in words which variable to set and how."""
    env = {name: text for name, text in settings.items() if name != variable} | ({variable: value} if value else {})
    log = tmp_path / "log"
    assert up(env, log).wait(30) == 2
    text = log.read_text()
    assert told in text
    assert "Traceback" not in text


def test_a_taken_port_is_told(tmp_path: Path, settings: dict[str, str]) -> None:
    """The door's address is the operator's to choose."""
    with socket.create_server(("127.0.0.1", int(settings["AIDP_PORT"]))):
        log = tmp_path / "log"
        assert up(settings, log).wait(60) == 2
        assert "Set AIDP_HOST and AIDP_PORT" in log.read_text()
    assert processes(settings["AIDP_STATE_DIR"]) == []
