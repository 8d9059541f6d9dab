"""Webhooks out of GitHub's log, through our own door: for a machine that GitHub can not reach."""

import hmac
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import httpx

from activities.github.client import InstallationClients
from activities.github.deliveries import APP
from activities.github.delivery_log import DeliveryLog, Exchange, LoggedDelivery
from activities.github.errors import explained
from github_app.app import build
from github_app.hands import github_app
from github_app.settings import UpSettings
from github_app.temporal import connect, profile_of
from workflows.redelivery import OVERLAP

WORDS = {202: "taken", 204: "nothing to do"}


class DeliveryFeed:
    """Takes each webhook out of the log once, and looks again from where all of them are settled."""

    def __init__(self, log: DeliveryLog, door: httpx.AsyncClient, secret: bytes, span: timedelta) -> None:
        self._log = log
        self._door = door
        self._secret = secret
        self._since = log.now() - span
        self._settled = set[str]()
        """What needs no further look, of what is in the log since then."""
        self.refused = 0
        """How many our door has not taken."""

    async def look(self) -> AsyncIterator[str]:
        """Feed what is not settled yet, the oldest first; says of each what became of it."""
        at, lines = await self._read()
        for line in {line.guid: line for line in reversed(lines) if line.guid not in self._settled}.values():
            yield await self._feed(line)
        if all(line.guid in self._settled for line in lines):
            self._since = max(self._since, at - OVERLAP)
        self._settled &= {line.guid for line in lines if line.delivered_at >= self._since}

    async def _read(self) -> tuple[datetime, list[LoggedDelivery]]:
        """Read the log; once more when that has put our clock back, because the place to read from was as far off."""
        at = self._log.now()
        try:
            with explained(APP):
                lines = [line async for page in self._log.pages(self._since) for line in page]
        finally:
            ahead = max(at - self._log.now(), timedelta())
            self._since -= ahead
        return await self._read() if ahead else (at, lines)

    async def _feed(self, line: LoggedDelivery) -> str:
        what = f"{line.event}.{line.action}" if line.action else line.event
        with explained(APP):
            exchange = await self._log.read(line.id)
        if not exchange:
            self._settled.add(line.guid)
            return f"{line.guid}  {what}: the log has lost it"
        answer = await self._deliver(exchange)
        if not answer.is_server_error:  # a refusal would be the same the next time
            self._settled.add(line.guid)
        self.refused += not answer.is_success
        return f"{line.guid}  {what}: {WORDS.get(answer.status_code) or f'{answer.status_code} {answer.text}'}"

    async def _deliver(self, exchange: Exchange) -> httpx.Response:
        """Send it as GitHub would; the log has the payload's meaning, but not its bytes, so it is signed anew."""
        body = json.dumps(exchange.request.payload).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": exchange.event,
            "X-GitHub-Delivery": exchange.guid,
            "X-Hub-Signature-256": "sha256=" + hmac.digest(self._secret, body, "sha256").hex(),
        }
        return await self._door.post("/webhook", content=body, headers=headers)


@asynccontextmanager
async def feeding(settings: UpSettings, temporal: Mapping[str, str], span: timedelta) -> AsyncGenerator[DeliveryFeed]:
    """Open the log on one side, from some time ago on, and the door on the other."""
    client = await connect(profile_of(temporal), settings.state_dir)
    log = DeliveryLog(InstallationClients(github_app(settings)).as_app)
    secret = settings.github_webhook_secret[0].get_secret_value().encode()
    transport = httpx.ASGITransport(build(settings, client))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as door:
        yield DeliveryFeed(log, door, secret, span)
