"""What others can see of a process of ours: its environment holds no secret, its logs tell ids and outcomes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SECRET, TOKEN = "6b1f0e93c27a4d58", "tk-93ab1f"  # of a test
PEM = "-----BEGIN RSA PRIVATE KEY-----\\nonly its look matters here\\n-----END RSA PRIVATE KEY-----\\n"

SEALED_PROGRAM = """
import json, os, sys
from pathlib import Path
from github_app.settings import seal_environment

unsealed = dict(seal_environment())
links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
memory = [link for link in links if os.path.lexists(link) and "memfd" in os.readlink(link)]
print(json.dumps({
    "unsealed": unsealed,
    "environ": Path("/proc/self/environ").read_text(),
    "names": sorted(os.environ),
    "memory": memory,
    "argv": sys.argv[1:],
    "child": os.popen("env").read(),
}))
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="without root, /proc is closed even to the process itself")


def run(program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program in an environment of its own."""
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        [sys.executable, "-c", program, "an argument"],
        env=environment, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip


@linux
@as_root
def test_secrets_leave_the_environment() -> None:
    """Neither /proc/<pid>/environ, nor a child, nor an open file has them; the program has, and knows its arguments."""
    variables = {"AIDP_GITHUB_WEBHOOK_SECRET": SECRET, "AIDP_GITHUB_PRIVATE_KEY": PEM, "TEMPORAL_API_KEY": TOKEN}
    finished = run(SEALED_PROGRAM, AIDP_PORT="8081", **variables)
    seen = json.loads(finished.stdout)
    assert seen["unsealed"] == variables
    for secret in (SECRET, TOKEN, "its look"):
        assert secret not in seen["environ"] + seen["child"]
    assert "AIDP_PORT" in seen["names"]
    assert not set(variables) & set(seen["names"])
    assert (seen["memory"], seen["argv"]) == ([], ["an argument"])


@linux
@as_root
def test_what_is_no_secret_stays_where_it_is() -> None:
    """The path of a key file is none; and with nothing to seal the program starts once."""
    seen = json.loads(run(SEALED_PROGRAM, AIDP_GITHUB_PRIVATE_KEY="/etc/aidp.pem").stdout)
    assert seen["unsealed"] == {}
    assert "AIDP_GITHUB_PRIVATE_KEY=/etc/aidp.pem" in seen["environ"]


@linux
def test_a_reference_to_nothing_is_told() -> None:
    """A reference that somebody copied by hand leads nowhere, and says so."""
    copied = {"AIDP_GITHUB_WEBHOOK_SECRET": "fd:977"}
    finished = run(SEALED_PROGRAM, **copied)
    assert "SettingsError: A secret refers to a file descriptor that is not open." in finished.stderr


@linux
def test_other_processes_of_the_user_can_not_look_in() -> None:
    """Without root, the process is not dumpable: its memory and environment are closed to its equals."""
    program = """
import ctypes, os
from github_app.seal import forbid_inspection
if os.geteuid() == 0:
    os.seteuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
before = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
forbid_inspection()
print(before, ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
    assert run(program).stdout.split() == ["1", "0"]


LOGGING_PROGRAM = """
import logging
from structlog.contextvars import bind_contextvars
from github_app.telemetry import configure

configure("json")
bind_contextvars(delivery="d-1")
logging.getLogger("aidp.story").info("Took %s", "it", extra={"mailbox": "item:1#2"})
logging.getLogger("uvicorn.error").info("Started", extra={"color_message": "colours"})
logging.getLogger("httpx").info("GET https://example.com/a-token")
def fail(body):
    raise ValueError("odd")
try:
    fail("s3cret" + "-body")
except ValueError:
    logging.getLogger("temporalio.worker").exception("Failed")
"""


def lines(finished: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Read JSON lines."""
    return [json.loads(line) for line in finished.stderr.splitlines()]


def test_every_line_has_one_format_and_the_delivery() -> None:
    """Ours, uvicorn's and Temporal's lines are told apart by their logger; chatter about requests is left out."""
    told = lines(run(LOGGING_PROGRAM))
    assert [(line["logger"], line["level"], line["event"]) for line in told] == [
        ("aidp.story", "info", "Took it"),
        ("uvicorn.error", "info", "Started"),
        ("temporalio.worker", "error", "Failed"),
    ]
    assert {line["delivery"] for line in told} == {"d-1"}
    assert told[0]["mailbox"] == "item:1#2"
    assert "color_message" not in told[1]
    assert "ValueError: odd" in told[2]["exception"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_local_variable(log_format: str) -> None:
    """A body or token on the stack stays there."""
    told = run(LOGGING_PROGRAM.replace('"json"', repr(log_format))).stderr
    assert told.startswith("{") == (log_format == "json")
    assert "ValueError: odd" in told
    assert "s3cret-body" not in told


def test_the_door_says_neither_body_nor_signature(tmp_path: Path) -> None:
    """What a signed and an unsigned letter hold is not in the log of a door that took and refused them."""
    program = tmp_path / "door.py"
    program.write_text(
        """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from door_kit import Letter, door_settings, exchange, labeled, letter, opened
from temporalio.client import Client
from github_app.app import build
from github_app.telemetry import configure

async def main():
    configure("json")
    async with opened(build(door_settings(), await Client.connect("127.0.0.1:1", lazy=True))) as port:
        good = letter(labeled(issue={"number": 12, "title": "private title"}), delivery="d-7")
        await exchange(port, good)
        await exchange(port, good.having("X-Hub-Signature-256", "sha256=" + "ab" * 32))
        print(good.headers)

asyncio.run(main())
"""
    )
    finished = subprocess.run(
        [sys.executable, program, Path(__file__).parent], capture_output=True, text=True, check=True, timeout=30
    )
    told = [line["event"] for line in lines(finished)]
    assert "Refused with 503: Temporal does not answer. Deliver again later." in told
    assert any(event.startswith("Refused with 401: The signature does not match.") for event in told)
    assert any(line.get("delivery") == "d-7" for line in lines(finished))
    for secret in ("private title", "abab", "Secret to Everybody", "sha256="):
        assert secret not in finished.stderr
