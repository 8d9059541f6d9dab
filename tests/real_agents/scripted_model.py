"""A model without a mind: Anthropic's Messages API on loopback, whose answers a story has written."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from github_app.demo.github.serving import serving

INPUT_TOKENS, OUTPUT_TOKENS = 100, 20
"""What every answer costs."""
SILENCE_SECONDS = 60

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Says:
    """Say something; the turn is over."""

    text: str


@dataclass(frozen=True, slots=True)
class Uses:
    """Ask for a tool."""

    tool: str
    input: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refuses:
    """Answer with an HTTP error."""

    status: int
    kind: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class FallsSilent:
    """Begin to say something, and keep the connection open for ever."""

    text: str


Reply: TypeAlias = Says | Uses | Refuses | FallsSilent


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the agent has sent: everything so far."""

    request: Json

    @property
    def tools(self) -> set[str]:
        """Name the tools that the model is shown."""
        return {tool["name"] for tool in self.request.get("tools", [])}

    @property
    def prompt(self) -> str:
        """Read what a person or a program has written."""
        return "\n".join(block["text"] for block in self._blocks("user", "text"))

    @property
    def results(self) -> list[Json]:
        """List what tools have answered, in order."""
        return list(self._blocks("user", "tool_result"))

    def _blocks(self, role: str, kind: str) -> Iterator[Json]:
        for message in self.request["messages"]:
            content = message["content"]
            blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
            yield from (block for block in blocks if message["role"] == role and block["type"] == kind)


Script: TypeAlias = Callable[[Conversation], Reply]


def in_order(*replies: Reply) -> Script:
    """Write a script of one reply after every tool result."""
    return lambda conversation: replies[len(conversation.results)]


class ScriptedModel:
    """Answers as its script says, and keeps what it was sent."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._numbers = count(1)
        self.url = ""
        self.heard: list[Conversation] = []
        self.strangers: list[str] = []
        """Requests to anything but the Messages API."""

    @property
    def app(self) -> Starlette:
        """The API."""
        return Starlette(
            routes=[
                Route("/v1/messages", self._answer, methods=["POST"]),
                Route("/{path:path}", self._turn_away, methods=["GET", "HEAD", "POST", "PUT", "DELETE"]),
            ]
        )

    async def _answer(self, request: Request) -> Response:
        conversation = Conversation(await request.json())
        self.heard.append(conversation)
        match self._script(conversation):
            case Refuses() as refusal:
                return _refusal(refusal)
            case reply:
                return StreamingResponse(self._stream(reply, conversation), media_type="text/event-stream")

    async def _turn_away(self, request: Request) -> Response:
        self.strangers.append(f"{request.method} {request.url.path}")
        return _refusal(Refuses(404, "not_found_error", "There is nothing here."))

    async def _stream(self, reply: Says | Uses | FallsSilent, conversation: Conversation) -> AsyncGenerator[str]:
        number = next(self._numbers)
        yield _event("message_start", message=_message(number, conversation))
        for event in _content(reply, number):
            yield event
        if isinstance(reply, FallsSilent):
            await asyncio.sleep(SILENCE_SECONDS)
            return
        reason = "tool_use" if isinstance(reply, Uses) else "end_turn"
        yield _event("content_block_stop", index=0)
        yield _event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage=_usage())
        yield _event("message_stop")


@asynccontextmanager
async def answering(script: Script) -> AsyncGenerator[ScriptedModel]:
    """Run a model for as long as the block lasts."""
    model = ScriptedModel(script)
    async with serving(model.app, "127.0.0.1", 0) as model.url:
        yield model


def _message(number: int, conversation: Conversation) -> Json:
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": conversation.request["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(),
    }


def _usage() -> Json:
    return {
        "input_tokens": INPUT_TOKENS,
        "output_tokens": OUTPUT_TOKENS,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }


def _content(reply: Says | Uses | FallsSilent, number: int) -> Iterator[str]:
    block: Json
    match reply:
        case Uses(tool, arguments):
            block = {"type": "tool_use", "id": f"toolu_{number}", "name": tool, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
        case Says(text) | FallsSilent(text):
            block, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": text}
    yield _event("content_block_start", index=0, content_block=block)
    yield _event("content_block_delta", index=0, delta=delta)


def _event(kind: str, **data: object) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"


def _refusal(refusal: Refuses) -> Response:
    body = {"type": "error", "error": {"type": refusal.kind, "message": refusal.message}}
    return JSONResponse(body, refusal.status, dict(refusal.headers))
