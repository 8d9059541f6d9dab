"""Serve an ASGI app on a loopback port inside the running event loop."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from github_app.server import listen

SHUTDOWN_SECONDS = 2
KEPT_SECONDS = 60
"""An idle connection stays open for longer than clients count on, as those to GitHub do."""


class _Protocol(HttpToolsProtocol):
    """Hands the connection to the application, which may want to break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.app_state = self.app_state | {"connection": transport}
        super().connection_made(transport)


class _Server(uvicorn.Server):
    """Leaves signals to the program it runs in, and ends when told so instead of looking ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.leave = asyncio.Event()

    async def main_loop(self) -> None:
        await self.leave.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncGenerator[str]:
    """Serve while the block runs; yields the base URL. Port 0 takes a free one."""
    with listen(host, port) as listener:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            lifespan="off",
            ws="none",
            date_header=False,
            log_config=None,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            timeout_keep_alive=KEPT_SECONDS,
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.leave.set()
            await task
            if cut_off := server.server_state.tasks:  # uvicorn cancels them, and does not wait for what they still do
                await asyncio.wait(cut_off)
