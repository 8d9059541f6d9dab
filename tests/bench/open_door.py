"""The door as `aidp serve` runs it, in a process of its own, and connections to it."""

import asyncio
import hmac
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from temporalio.client import Client

from github_app.demo.stage import free_port

AIDP = Path(sys.executable).with_name("aidp")
SECRET = "It's a Secret to Everybody"  # noqa: S105  # of GitHub's own example
TAKEN, NOBODYS = 202, 204
PATIENCE_SECONDS = 60
LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Door:
    """A door that is open."""

    pid: int
    port: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A signed webhook as it goes over the wire, and the answer it is due."""

    raw: bytes
    status: int


class Connection(asyncio.Protocol):
    """A connection that is kept; it costs as little as it can, since what it costs counts as the door's."""

    def __init__(self) -> None:
        self._heard = b""
        self._status: asyncio.Future[int] | None = None
        self.transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, door: Door) -> "Connection":
        """Connect."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", door.port)
        return connection

    async def post(self, letter: Letter) -> None:
        """Send a letter and read the answer; raises `RuntimeError` when it is not the one that is due."""
        self._heard, self._status = b"", asyncio.get_running_loop().create_future()
        if self.transport:
            self.transport.write(letter.raw)
        if (status := await self._status) != letter.status:
            raise RuntimeError(f"the door said {status} instead of {letter.status}")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Collect the answer, and pass it on when it is whole."""
        self._heard += data
        head, whole, body = self._heard.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if self._status and not self._status.done() and whole and len(body) >= (int(length[1]) if length else 0):
            self._status.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for an answer that there will be none."""
        if self._status and not self._status.done():
            self._status.set_exception(exc or ConnectionResetError("the door hung up"))


@contextmanager
def open_door(client: Client, directory: Path) -> Generator[Door]:
    """Run `aidp serve` for as long as the block lasts."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "AIDP_GITHUB_WEBHOOK_SECRET": SECRET,
        "AIDP_PORT": str(port),
        "AIDP_STATE_DIR": str(directory),
        **temporal_of(client),
    }
    with running("serve", environment, directory) as door:
        yield door


@contextmanager
def running(command: str, environment: Mapping[str, str], directory: Path) -> Generator[Door]:
    """Run a command of aidp that has a door for as long as the block lasts."""
    port = int(environment["AIDP_PORT"])
    with (directory / "aidp.log").open("wb") as log:
        process = subprocess.Popen((AIDP, command), env=environment, cwd=directory, stdout=log, stderr=log)
    try:
        _await_ready(port, process)
        yield Door(process.pid, port)
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def temporal_of(client: Client) -> dict[str, str]:
    """Say where Temporal is, and that no configuration file of this machine says otherwise."""
    address = client.service_client.config.target_host
    return {"TEMPORAL_ADDRESS": address, "TEMPORAL_CONFIG_FILE": "/nonexistent"}


@asynccontextmanager
async def connections(door: Door, count: int) -> AsyncGenerator[list[Connection]]:
    """Keep so many connections to the door."""
    async with AsyncExitStack() as stack:
        kept = [await Connection.open(door) for _ in range(count)]
        for each in kept:
            if each.transport:
                stack.callback(each.transport.close)
        yield kept


def letter(event: str, payload: Mapping[str, Any], status: int = TAKEN, delivery_id: str = "") -> Letter:
    """Write a webhook as GitHub does."""
    body = json.dumps(payload).encode()
    lines = (
        *("POST /webhook HTTP/1.1", "Host: door", "Accept: */*", "User-Agent: GitHub-Hookshot/10ca1ab"),
        *(f"Content-Length: {len(body)}", "Content-Type: application/json", f"X-GitHub-Event: {event}"),
        f"X-GitHub-Delivery: {delivery_id or uuid4()}",
        "X-Hub-Signature-256: sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex(),
    )
    return Letter("\r\n".join((*lines, "", "")).encode() + body, status)


def _await_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError(f"the door on port {port} did not open")
