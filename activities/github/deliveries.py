"""The sweep's hand on the delivery log: read it, have webhooks sent again, find out whom they were for."""

import asyncio
from datetime import datetime, timedelta
from enum import Enum, auto

from pydantic import TypeAdapter, ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.github.delivery_log import DeliveryLog, Exchange, LoggedDelivery
from activities.github.errors import explained
from workflows.model import Failure, Item
from workflows.model.delivery_log import Acknowledgement, Findings, Lost, Redelivery, Swept
from workflows.redelivery import LOOK_BACK, OVERLAP, Attempt, go_on, judge

PAUSE_SECONDS = 0.4
"""Between two wishes: GitHub takes 900 points a minute, and a wish is 5 of them."""
LOOK_UP_PAUSE_SECONDS = 0.8
"""Between two of those that nobody waits for: there may be thousands, and the App needs its calls for others too."""
SLACK = timedelta(minutes=1)
"""Clocks differ, and the log's has no fractions; what was tried as lately as this would not be due."""
APP = "the App itself"
ACKNOWLEDGED = TypeAdapter(Acknowledgement)
OF_ALL = frozenset({Failure.RATE_LIMITED, Failure.AUTH_EXPIRED})
"""What is said to the App, whichever webhook it had asked for."""


class Wish(Enum):
    """What came of asking for a webhook."""

    GRANTED = auto()
    REFUSED = auto()
    OPEN = auto()
    """GitHub had trouble; the next sweep asks again."""


class DeliveryActivities:
    """Implements the port `Deliveries`."""

    def __init__(self, log: DeliveryLog, events: frozenset[str]) -> None:
        self._log = log
        self._events = events

    @activity.defn
    async def read_delivery_log(self, before: Swept, /) -> Findings:
        """Read the log since the last sweep, and say what is to be done about it."""
        now = self._log.now()
        if before.down:
            news = await self._attempts(datetime.fromisoformat(before.down.read) - OVERLAP)
            if found := go_on(news, self._events, before, now):
                return found
        since = datetime.fromisoformat(before.since) if before.since else now - LOOK_BACK
        found = judge(await self._attempts(since), self._events, before, now)
        for guid in found.given_up:
            activity.logger.warning("the webhook %s is given up: whenever it was sent, nobody took it", guid)
        return found

    @activity.defn
    async def redeliver(self, redelivery: Redelivery, /) -> tuple[str, ...]:
        """Ask GitHub to deliver webhooks again; returns the GUIDs of those that it can not."""
        since = datetime.fromisoformat(redelivery.read_at) - SLACK
        again = {attempt.guid for attempt in await self._attempts(since) if attempt.redelivery}
        left = [lost for lost in redelivery.lost if lost.guid not in again]
        granted, enough = len(redelivery.lost) - len(left), redelivery.most or len(redelivery.lost)
        gone = list[str]()
        for lost in left:
            if granted >= enough:
                break
            wish = await self._ask_for(lost)
            granted += wish is Wish.GRANTED
            gone += [lost.guid] if wish is Wish.REFUSED else []
            activity.heartbeat()
            await asyncio.sleep(PAUSE_SECONDS)
        return tuple(gone)

    @activity.defn
    async def read_recovered(self, deliveries: tuple[int, ...], /) -> tuple[Item, ...]:
        """Tell the item that each of these deliveries was for, in so far as the log still knows."""
        items = list[Item]()
        for delivery_id in deliveries:
            with explained(APP):
                exchange = await self._log.read(delivery_id)
            items += items_of(exchange) if exchange else ()
            activity.heartbeat()
            await asyncio.sleep(LOOK_UP_PAUSE_SECONDS)
        return tuple(items)

    async def _ask_for(self, lost: Lost) -> Wish:
        """Ask for one webhook; what GitHub says of it alone holds up no other."""
        try:
            with explained(APP):
                return Wish.GRANTED if await self._log.redeliver(lost.id) else Wish.REFUSED
        except ApplicationError as error:
            if error.type in OF_ALL:
                raise
            activity.logger.warning("the webhook %s is not delivered again: %s", lost.guid, error.message)
            return Wish.REFUSED if error.non_retryable else Wish.OPEN

    async def _attempts(self, since: datetime) -> list[Attempt]:
        found = list[Attempt]()
        with explained(APP):
            async for page in self._log.pages(since):
                found += map(attempt, page)
                activity.heartbeat()
        return found


def attempt(line: LoggedDelivery) -> Attempt:
    """Read a line of the log as the judgement wants it."""
    return Attempt(line.id, line.guid, line.event, line.delivered_at, line.status_code, line.redelivery)


def items_of(exchange: Exchange) -> tuple[Item, ...]:
    """Read which items our door has passed a webhook on to; it says so in its answer, which the log keeps."""
    try:
        return ACKNOWLEDGED.validate_json(exchange.response.payload or "").items
    except ValidationError:
        return ()  # somebody else's answer
