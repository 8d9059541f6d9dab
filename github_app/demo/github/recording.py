"""What went in and out, one of each shape, as JSON lines: `make conformance` holds it against GitHub's own description.

Nothing is written unless `LOCAL_GITHUB_EXCHANGES` names a folder.
"""

import contextlib
import json
import os
import re
import uuid
from collections.abc import Generator, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from github_app.demo.github.model import Call, Delivery

FOLDER = "LOCAL_GITHUB_EXCHANGES"
GIT = ".git/"
GRAPHQL = "/graphql"
WORD = re.compile(r"[a-z_]{1,24}")
"""What may be a value of a closed set; such texts are told apart, all others have one shape."""
NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{40}|\d+")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and how it was answered. A body is `None` when there is none, a text when it is no JSON."""

    method: str
    path: str
    query: str
    agent: str
    body: Any
    status: int
    answer: Any
    actor: str
    needs: tuple[str, ...]
    permissions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Webhook:
    """An event as it was sent."""

    event: str
    payload: Any


@dataclass(slots=True)
class Tap:
    """The bytes of one exchange while they pass."""

    request: bytearray = field(default_factory=bytearray)
    response: bytearray = field(default_factory=bytearray)
    status: int = 0

    def hears(self, receive: Receive) -> Receive:
        """Listen to the request."""

        async def hear() -> Message:
            message = await receive()
            self.request += message.get("body", b"")
            return message

        return hear

    def tells(self, send: Send) -> Send:
        """Listen to the answer."""

        async def tell(message: Message) -> None:
            self.status = message.get("status", self.status)
            self.response += message.get("body", b"")
            await send(message)

        return tell


@dataclass(frozen=True, slots=True)
class Recorder:
    """The edge of a GitHub: everything passes unchanged, and one of each shape is kept."""

    app: ASGIApp
    file: Path
    seen: set[str] = field(default_factory=set[str])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and keep what was said."""
        tap = Tap()
        await self.app(scope, tap.hears(receive), tap.tells(send))
        if scope["type"] == "http" and (call := scope.get("state", {}).get("call")) and _heard(scope, tap):
            self.keep("exchange", _exchange(scope, call, tap))

    def keep(self, kind: str, what: Exchange | Webhook) -> None:
        """Write it down, unless one of this shape has been."""
        entry = {"kind": kind, **asdict(what)}
        shape = json.dumps([_shape(entry | {"path": ""}), *_told_apart(entry)])
        if shape not in self.seen:
            self.seen.add(shape)
            with self.file.open("a") as file:
                file.write(json.dumps(entry) + "\n")


@contextlib.contextmanager
def recorded(app: ASGIApp, deliveries: Iterable[Delivery]) -> Generator[ASGIApp]:
    """Record what passes while the block runs, and at its end what was delivered; or do nothing, if nobody asked."""
    folder = os.environ.get(FOLDER)
    if not folder:
        yield app
        return
    recorder = Recorder(app, Path(folder) / f"{uuid.uuid4().hex}.jsonl")
    try:
        yield recorder
    finally:
        for delivery in deliveries:
            recorder.keep("webhook", Webhook(delivery.event, json.loads(delivery.payload)))


def _heard(scope: Scope, tap: Tap) -> bool:
    """Tell a request that was heard to its end from one that was refused by its head alone, or was never sent whole."""
    return len(tap.request) >= int(Headers(scope=scope).get("content-length", "0"))


def _exchange(scope: Scope, call: Call, tap: Tap) -> Exchange:
    is_git = GIT in scope["path"]
    return Exchange(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode(),
        agent=Headers(scope=scope).get("user-agent", ""),
        body=None if is_git else _parsed(bytes(tap.request)),
        status=tap.status,
        answer=None if is_git else _parsed(bytes(tap.response)),
        actor=call.actor,
        needs=call.needs,
        permissions=dict(call.permissions),
    )


def _parsed(raw: bytes) -> object:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def _told_apart(entry: dict[str, Any]) -> Iterator[str]:
    """Name what makes a shape of its own: the path but for its numbers, and a GraphQL query."""
    path = entry.get("path", "")
    yield NUMBER.sub("#", path)
    if path.endswith(GRAPHQL) and isinstance(entry["body"], dict):
        yield str(cast("dict[str, Any]", entry["body"]).get("query"))


def _shape(value: object) -> object:
    """Reduce a value to what a schema could see of it."""
    match value:
        case dict():
            fields = cast("dict[str, object]", value)
            return {key: _shape(fields[key]) for key in sorted(fields)}
        case list() | tuple():
            return sorted({json.dumps(_shape(entry)) for entry in cast("list[object]", value)})
        case str():
            return value if WORD.fullmatch(value) else "..." if value else ""
        case bool() | None:
            return value
        case _:
            return type(value).__name__
