"""Catch an answer before it leaves."""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope


async def captured(app: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """Let the app answer, and keep the answer."""
    head: Message = {}
    body = bytearray()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            head.update(message)
        body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    response = Response(bytes(body), head["status"])
    response.raw_headers = list(head["headers"])
    return response
