"""The edge of the local GitHub: every call passes here, and here is where it meets its fault."""

import asyncio
import base64
import binascii
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from github_app.demo.github.faults import oracle
from github_app.demo.github.faults.answers import SAID, Trouble, git_trouble, graph_trouble, trouble
from github_app.demo.github.faults.capture import captured
from github_app.demo.github.faults.connection import Connection
from github_app.demo.github.faults.elsewhere import FormerHeads, Past, skewed
from github_app.demo.github.faults.injection import READS, Injected
from github_app.demo.github.faults.plan import Fault, Kind
from github_app.demo.github.faults.unseen import Unseen
from github_app.demo.github.model import Call
from github_app.demo.github.tokens import JWT, Credentials
from github_app.demo.github.world import World

HANG_SECONDS = 60.0
SKEW_SECONDS = -120.0
"""GitHub's clock two minutes behind: a JWT for nine minutes ends "too far in the future"."""
NOT_THERE_YET = Fault(Kind.NOT_FOUND_YET)
SLOW = frozenset({Kind.SERVER_ERROR, Kind.BAD_GATEWAY})
"""What GitHub says when it was too slow, too."""
GRAPH = "/graphql"
GIT = ".git/"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that came to the edge."""

    scope: Scope
    receive: Receive
    send: Send
    caller: Credentials
    """Who it says it is, whether or not that is still good."""
    at: datetime

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.scope["method"]

    @property
    def path(self) -> str:
        """The path."""
        return self.scope["path"]

    @property
    def installation_id(self) -> int | None:
        """The installation whose token it has."""
        return self.caller.token.installation_id if self.caller.token else None


class Edge:
    """Stands before the API and git."""

    def __init__(self, world: World, answering: Callable[[World], ASGIApp]) -> None:
        self._world, self._answering, self._app = world, answering, answering(world)
        self._past, self._heads, self._unseen = Past(world), FormerHeads(world), Unseen()
        world.faults.when_added = self._note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or do what goes wrong with it."""
        at = scope.setdefault("state", {})["arrived"] = self._world.moment()
        authorization = Headers(scope=scope).get("authorization", "")
        with suppress(ClientDisconnect):  # whoever asked is gone, in the middle of asking
            await self._answer(Visit(scope, receive, send, _caller(self._world, authorization), at))

    async def _answer(self, visit: Visit) -> None:
        self._note()
        if self._world.faults.has(Kind.NOT_FOUND_YET) and self._unseen.hides(visit.path, visit.at):
            await self._lose(visit, NOT_THERE_YET)
        elif fault := self._fault(visit):
            await self._meet(visit, fault)
        else:
            await self._app(visit.scope, visit.receive, _dated(visit.send, self._world))

    def _note(self) -> None:
        """Keep what a fault that may still happen has to know of how things are."""
        if self._world.faults.expects(Kind.STALE_READ):
            self._past.note()
        if self._world.faults.expects(Kind.PUSH_UNSEEN):
            self._heads.note()

    def _fault(self, visit: Visit) -> Fault | None:
        if seconds := self._seconds_to_wait(visit):
            return Fault(Kind.SECONDARY_LIMIT, seconds=seconds)
        return self._world.faults.for_call(visit.method, visit.path, visit.caller.actor)

    def _seconds_to_wait(self, visit: Visit) -> int:
        limits = self._world.faults.limits
        if not limits or not oracle.writes(visit.method, visit.path):
            return 0
        made = [call for call in self._world.calls if call.installation_id == visit.installation_id]
        return oracle.seconds_to_wait(made, limits, visit.at)

    async def _meet(self, visit: Visit, fault: Fault) -> None:
        match fault.kind:
            case Kind.STALE_READ:
                await self._answer_from(self._past.world(), visit, fault)
            case Kind.PUSH_UNSEEN if visit.method in READS:
                await self._answer_from(self._heads.world(), visit, fault)
            case Kind.CLOCK_SKEW:
                seconds = SKEW_SECONDS if fault.seconds is None else fault.seconds
                await self._answer_from(skewed(self._world, seconds), visit, fault)
            case Kind.NOT_FOUND_YET:
                answer = await captured(self._app, visit.scope, visit.receive)
                self._unseen.hide(answer, visit.path, fault, self._world.moment())
                await answer(visit.scope, visit.receive, _dated(visit.send, self._world))
            case _:
                await self._lose(visit, fault)

    async def _answer_from(self, other: World, visit: Visit, fault: Fault) -> None:
        answer = await captured(self._answering(other), visit.scope, visit.receive)
        self._log(visit, fault, Trouble(answer))
        await answer(visit.scope, visit.receive, _dated(visit.send, other))

    async def _lose(self, visit: Visit, fault: Fault) -> None:
        """Say something else than the answer, or nothing at all."""
        if fault.kind in SLOW:
            await asyncio.sleep(fault.seconds or 0)
        answer = await captured(self._app, visit.scope, visit.receive) if fault.after_commit else None
        said = None
        if fault.kind in SAID:
            said = _saying(visit.path)(fault, self._world.moment(), visit.installation_id)
        if fault.kind is Kind.TRUNCATED:
            said = Trouble(answer) if answer else said
        self._log(visit, fault, said)
        await self._say(visit, fault, said)

    async def _say(self, visit: Visit, fault: Fault, said: Trouble | None) -> None:
        connection, send = Connection(visit.scope, visit.receive), _dated(visit.send, self._world)
        match fault.kind, said:
            case Kind.TRUNCATED, Trouble(response):
                await _begin(response, send)
                await connection.close()
            case _, Trouble(response):
                await response(visit.scope, visit.receive, send)
            case Kind.TIMEOUT, _:
                await connection.hang(HANG_SECONDS if fault.seconds is None else fault.seconds)
            case _:
                await connection.reset()

    def _log(self, visit: Visit, fault: Fault, said: Trouble | None) -> None:
        """Write the call as its caller saw it, in place of what the gate wrote if it got that far."""
        status, until = (said.response.status_code, said.forbidden_until) if said else (0, None)
        call = visit.scope["state"].pop("call", None)  # no answer that could be held against GitHub's description
        if call is None:
            call = self._unheard(visit)
            self._world.calls.append(call)
        call = replace(call, status=status, fault=fault.kind, forbidden_until=until)
        self._world.calls[call.index - 1] = call
        happened = Injected(fault.kind, f"{visit.method} {visit.path}", visit.at, call.index)
        self._world.faults.injected.append(happened)

    def _unheard(self, visit: Visit) -> Call:
        return Call(
            visit.method,
            visit.path,
            0,
            visit.caller.actor,
            needs=(),
            permissions=visit.caller.permissions,
            at=visit.at,
            index=len(self._world.calls) + 1,
            installation_id=visit.installation_id,
        )


def _saying(path: str) -> Callable[[Fault, datetime, int | None], Trouble]:
    if path.endswith(GRAPH):
        return graph_trouble
    return git_trouble if GIT in path else trouble


def _caller(world: World, authorization: str) -> Credentials:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        value = _password(value)
    return Credentials(app=bool(JWT.fullmatch(value)), token=world.tokens.get(value))


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _dated(send: Send, world: World) -> Send:
    """Tell the time with every answer, as GitHub does."""

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["date"] = format_datetime(world.now(), usegmt=True)
        await send(message)

    return tell


async def _begin(response: Response, send: Send) -> None:
    """Send the head of an answer and half of its body."""
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    half = bytes(response.body)[: len(response.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
