"""Connections to GitHub that steps share: to open one takes some round trips more than the call it is for."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.request import getproxies

import httpx

LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=30)
"""A step waits for its turn at GitHub, never for a connection. What GitHub has closed meanwhile is not used again."""


@asynccontextmanager
async def shared_connections() -> AsyncGenerator[httpx.AsyncBaseTransport | None]:
    """Keep connections open for as long as the block lasts; none behind a proxy, which each client finds for itself."""
    if getproxies().keys() - {"no"}:
        yield None
        return
    kept = _Kept(verify=httpx.create_ssl_context(), limits=LIMITS)
    try:
        yield kept
    finally:
        await kept.close()


class _Kept(httpx.AsyncHTTPTransport):
    """What a client leaves to the next one: githubkit makes a client for each step, and closes it."""

    async def aclose(self) -> None:
        """Stay open."""

    async def close(self) -> None:
        """Close all connections."""
        await super().aclose()
