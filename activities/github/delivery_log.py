"""GitHub's log of the webhooks it sent to the App, which also takes the wish to have one sent again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from githubkit.exception import RequestFailed
from httpx import Response

from activities.github.app_client import AppClient
from activities.github.calls import Call, read
from activities.github.errors import status_of

LOG = "/app/hook/deliveries"
PAGE = 100
HASTY_PAGES = 10
PAUSE_SECONDS = 0.8
"""Between further pages: GitHub allows the App some thousands of calls in an hour, of which it needs others too."""
MOST_PAGES = 2000
"""What lies deeper than 200,000 deliveries is left to reconciliation."""
NOT_AGAIN = frozenset({404, 410, 422})
"""How GitHub says that it can not deliver this (any more)."""


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """One attempt to deliver a webhook, as the list shows it."""

    id: int
    guid: str
    delivered_at: datetime
    redelivery: bool
    status: str
    status_code: int
    event: str
    action: str | None = None
    installation_id: int | None = None
    repository_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent."""

    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What the receiver said to it."""

    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A delivery with its content."""

    id: int
    guid: str
    event: str
    request: Sent
    response: Answered


class DeliveryLog:
    """The log. What GitHub refuses leaves as githubkit's own errors."""

    def __init__(self, app: AppClient) -> None:
        self._app = app

    def now(self) -> datetime:
        """Tell the time by the clock that the log was written by."""
        return self._app.now()

    async def pages(self, since: datetime) -> AsyncIterator[list[LoggedDelivery]]:
        """Read the log page by page, from its newest line down to a time."""
        cursor = ""
        for number in range(MOST_PAGES):
            await asyncio.sleep(PAUSE_SECONDS if number >= HASTY_PAGES else 0)
            path = f"{LOG}?per_page={PAGE}" + (f"&cursor={quote(cursor, safe='')}" if cursor else "")
            answer = await self._app.request(Call("GET", path))
            page = read(answer, list[LoggedDelivery])
            yield [line for line in page if line.delivered_at >= since]
            cursor = _next_cursor(answer.raw_response)
            if not cursor or not page or page[-1].delivered_at < since:
                return

    async def read(self, delivery_id: int) -> Exchange | None:
        """Read one delivery with its content, if the log still has it."""
        try:
            return await self._app.send(Call("GET", f"{LOG}/{delivery_id}"), Exchange)
        except RequestFailed as error:
            return _nothing_if_gone(error)

    async def redeliver(self, delivery_id: int) -> bool:
        """Ask for one more attempt; false when GitHub can not make it."""
        try:
            await self._app.send(Call("POST", f"{LOG}/{delivery_id}/attempts"), object)
        except RequestFailed as error:
            _nothing_if_gone(error)
            return False
        return True


def _nothing_if_gone(error: RequestFailed) -> None:
    if status_of(error) not in NOT_AGAIN:
        raise error


def _next_cursor(response: Response) -> str:
    """Take the cursor out of the link to the next page, decoded; the address itself is not followed."""
    link = response.links.get("next", {}).get("url", "")
    return parse_qs(urlsplit(link).query).get("cursor", [""])[0]
