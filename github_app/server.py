"""uvicorn, set up for the open internet: a slow client is cut, and signals belong to whoever calls."""

import asyncio
import logging
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import ClassVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CONNECTIONS = 256
FRAMING_BYTES = 256 * 1024  # headers, and what frames a body in chunks: 175 KiB for 25 MiB in chunks of 1 KiB
KEEP_ALIVE_SECONDS = 5
GRACE_SECONDS = 9  # a webhook that is being taken is answered within 5 + 4, and most at once

logger = logging.getLogger(__name__)


class HeaderDeadline(HttpToolsProtocol):
    """Cuts a client whose headers do not come in time, or do not end; uvicorn alone would wait for them for ever."""

    seconds: ClassVar[float] = 10
    _deadline: asyncio.TimerHandle | None = None
    _framing = 0
    """Bytes of the request at hand that are no body."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Start the clock."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Count what the parser and the request have to keep."""
        self._framing += len(data)
        super().data_received(data)
        if self._framing > FRAMING_BYTES and not self.transport.is_closing():
            self.send_400_response("Too many headers.")

    def on_headers_complete(self) -> None:
        """Stop the clock: from here on the app has its own limits."""
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Leave to the app what it counts itself."""
        self._framing -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to count anew."""
        self._framing = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Start the clock again: it also ends a client that goes on sending the body of a request long answered."""
        self._wait()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer nonsense, unless it would be a second answer or come before that of an earlier request."""
        cycle = self.cycle
        if not cycle or (not cycle.response_started if cycle.more_body else cycle.response_complete):
            super().send_400_response(msg)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._deadline = self.loop.call_later(self.seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, so that one process can hold a door and workers."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve until cancelled, then finish the requests at hand; raises `OSError` when the address is not free."""
    await serve_on(listen(host, port), app)


def listen(host: str, port: int) -> socket.socket:
    """Bind the address. An answer's body does not wait for the client's word that its head has come, some 40 ms.

    asyncio sees to that only where it makes the socket.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=1024)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def serve_on(listener: socket.socket, app: ASGIApp, protocol: type[HttpToolsProtocol] = HeaderDeadline) -> None:
    """Serve on a socket that is bound already."""
    server = _Server(_config(app, protocol))
    logger.info("Listening on %s port %s", *listener.getsockname()[:2])
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


def _config(app: ASGIApp, protocol: type[HttpToolsProtocol]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
