"""The sweep's hand on the delivery log: read it, have webhooks sent again, find out whom they were for."""

import asyncio
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError
from temporalio import activity

from activities.github.delivery_log import DeliveryLog, Exchange, LoggedDelivery
from activities.github.errors import explained
from workflows.model import Item
from workflows.model.delivery_log import Acknowledgement, Findings, Redelivery, Swept
from workflows.redelivery import LOOK_BACK, OVERLAP, Attempt, go_on, judge

PAUSE_SECONDS = 0.4
"""Between two wishes: GitHub takes 900 points a minute, and a wish is 5 of them."""
SLACK = timedelta(minutes=1)
"""Clocks differ, and the log's has no fractions; what was tried as lately as this would not be due."""
APP = "the App itself"
ACKNOWLEDGED = TypeAdapter(Acknowledgement)


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
        return judge(await self._attempts(since), self._events, before, now)

    @activity.defn
    async def redeliver(self, redelivery: Redelivery, /) -> tuple[str, ...]:
        """Ask GitHub to deliver webhooks again; returns the GUIDs of those that it can not."""
        since = datetime.fromisoformat(redelivery.read_at) - SLACK
        again = {attempt.guid for attempt in await self._attempts(since) if attempt.redelivery}
        gone = list[str]()
        for lost in redelivery.lost:
            if lost.guid in again:
                continue
            with explained(APP):
                if not await self._log.redeliver(lost.id):
                    gone.append(lost.guid)
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
        return tuple(items)

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
