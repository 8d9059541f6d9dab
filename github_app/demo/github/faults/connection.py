"""The connection itself, for faults below HTTP."""

import asyncio
import socket
import struct

from starlette.types import Receive, Scope

AT_ONCE = struct.pack("ii", 1, 0)
"""`SO_LINGER`: a close becomes a reset."""


class Connection:
    """One request's way to whoever sent it, as `serving` hands it over."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._transport: asyncio.Transport = scope["state"]["connection"]
        self._receive = receive

    async def reset(self) -> None:
        """End it without a word: the other side reads `ECONNRESET`."""
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self._transport.abort()
        await self.ended()

    async def close(self) -> None:
        """End it once what was sent is through."""
        self._transport.close()
        await self.ended()

    async def hang(self, seconds: float) -> None:
        """Keep silent until the other side gives up, or for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self.ended()
        except TimeoutError:
            await self.reset()

    async def ended(self) -> None:
        """Wait until it is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
