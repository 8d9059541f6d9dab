"""uvicorn, set up for the open internet: a slow client is cut, and signals belong to whoever calls."""

import asyncio
import logging
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 256
HEADER_BYTES = 32 * 1024
KEEP_ALIVE_SECONDS = 5
GRACE_SECONDS = 9  # a webhook that is being taken is answered within 5 + 4, and most at once

logger = logging.getLogger(__name__)


class HeaderDeadline(H11Protocol):
    """Cuts a client that does not send complete headers in time; uvicorn alone would wait for ever."""

    seconds: ClassVar[float] = 10
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Start the clock."""
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        """Stop the clock when a request is complete enough for the app, which has its own limits."""
        super().handle_events()
        if self.conn.our_state is h11.SEND_RESPONSE:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Start it again: it also ends a client that goes on sending the body of a request long answered."""
        self._wait()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer nonsense, unless an answer is under way already."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
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


async def serve_on(listener: socket.socket, app: ASGIApp, protocol: type[H11Protocol] = HeaderDeadline) -> None:
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


def _config(app: ASGIApp, protocol: type[H11Protocol]) -> uvicorn.Config:
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
        h11_max_incomplete_event_size=HEADER_BYTES,
    )
