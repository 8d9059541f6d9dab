"""What the door's stories share: letters that can be well or badly formed, raw HTTP, and a door with an address."""

import asyncio
import contextlib
import hmac
import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import SecretStr
from starlette.applications import Starlette
from temporalio.client import Client

from github_app.server import HeaderDeadline, listen, serve_on
from github_app.settings import DoorSettings

SECRET = "It's a Secret to Everybody"  # noqa: S105  # of GitHub's own example
SHA = "5f3c" * 10
DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


def door_settings(*secrets: str) -> DoorSettings:
    """Set up a door that takes letters signed with any of the secrets."""
    return DoorSettings(github_webhook_secret=tuple(map(SecretStr, secrets or (SECRET,))))


def signature(body: bytes, secret: str = SECRET) -> str:
    """Sign as GitHub does in X-Hub-Signature-256."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def labeled(number: int = 12, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Make a payload of `issues.labeled`, as far as it matters."""
    return {
        "action": "labeled",
        "installation": {"id": 7},
        "repository": {"id": 42, "full_name": "octo/hello"},
        "issue": {"number": number, "title": "Say hello"},
        "label": {"name": "aidp-build"},
        "sender": {"id": 1, "login": "octocat", "type": "User"},
    } | changes


def full(action: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Make a payload that has what any event has, as far as it matters."""
    pull_request = {"number": 3, "title": "Add it", "head": {"sha": SHA, "ref": "aidp/issue-1", "repo": {"id": 42}}}
    said = {"id": 5, "body": "/aidp pause", "state": "changes_requested"}
    more = {
        "pull_request": pull_request,
        "comment": said,
        "review": said,
        "check_run": {"head_sha": SHA, "external_id": "build:42#12/0c1d"},
        "requested_action": {"identifier": "pause"},
        "check_suite": {"head_sha": SHA},
        "workflow_run": {"head_sha": SHA},
        "sha": SHA,
        "ref": "refs/heads/main",
        "after": SHA,
        "repositories": [{"id": 42}, {"id": 43}],
        "repositories_added": [{"id": 44}],
        "repositories_removed": [{"id": 45}],
    }
    return labeled(action=action) | more | changes


@dataclass(frozen=True, slots=True)
class Letter:
    """A request, byte by byte."""

    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "POST"
    path: str = "/webhook"

    def having(self, name: str, value: str) -> "Letter":
        """Copy with one header set."""
        return self.lacking(name).also(name, value)

    def lacking(self, name: str) -> "Letter":
        """Copy without a header."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != name))

    def also(self, name: str, value: str) -> "Letter":
        """Copy with one more header, whatever is there."""
        return replace(self, headers=(*self.headers, (name, value)))

    def raw(self) -> bytes:
        """Write what goes over the wire; a header value may hold any byte (latin-1)."""
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


def letter(payload: object, *, event: str = "issues", delivery: str = DELIVERY) -> Letter:
    """Write a letter as GitHub does; bytes are sent as they are."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = {
        "Host": "door",
        "Connection": "close",
        "Content-Length": str(len(body)),
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": signature(body),
    }
    return Letter(body, tuple(headers.items()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back until the server hung up."""

    raw: bytes

    @property
    def status(self) -> int:
        """The status, or 0 when there was no answer."""
        found = re.match(rb"HTTP/1.1 (\d{3}) ", self.raw)
        return int(found[1]) if found else 0

    @property
    def body(self) -> bytes:
        """The body."""
        return self.raw.partition(b"\r\n\r\n")[2]

    def header(self, name: str) -> str:
        """Look up a header; empty if there is none."""
        found = re.search(rf"^{name}: (.*?)\r$".encode(), self.raw, re.IGNORECASE | re.MULTILINE)
        return found[1].decode() if found else ""


async def exchange(port: int, request: Letter | bytes) -> Answer:
    """Send a request in one piece and read until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    with contextlib.suppress(ConnectionError):  # an early refusal hangs up while we still write
        writer.write(request.raw() if isinstance(request, Letter) else request)
        await writer.drain()
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            while data := await reader.read(65536):
                answer += data
    writer.close()
    return Answer(answer)


@dataclass(slots=True)
class SilentTemporal:
    """Something that listens where Temporal should, never answers, and knows whether it was called."""

    port: int = 0
    calls: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def take(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a call, and leave it at that."""
        self.calls.append(writer)

    async def client(self) -> Client:
        """Make a client that calls only when it has something to say."""
        return await Client.connect(f"127.0.0.1:{self.port}", lazy=True)


@contextlib.asynccontextmanager
async def silence() -> AsyncGenerator[SilentTemporal]:
    """Listen in Temporal's place."""
    temporal = SilentTemporal()
    server = await asyncio.start_server(temporal.take, "127.0.0.1", 0)
    temporal.port = server.sockets[0].getsockname()[1]
    try:
        yield temporal
    finally:
        server.close()
        for writer in temporal.calls:
            writer.close()


@contextlib.asynccontextmanager
async def opened(app: Starlette, protocol: type[HeaderDeadline] = HeaderDeadline) -> AsyncGenerator[int]:
    """Serve the app on a free port of this machine."""
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    serving = asyncio.create_task(serve_on(listener, app, protocol))
    try:
        yield port
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
