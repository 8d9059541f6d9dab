"""Webhooks out of GitHub's log, through our own door: for a machine that GitHub can not reach."""

import hmac
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from activities.github.client import InstallationClients
from activities.github.deliveries import APP
from activities.github.delivery_log import DeliveryLog, Exchange, LoggedDelivery
from activities.github.errors import explained
from github_app.app import build
from github_app.hands import github_app
from github_app.settings import UpSettings
from github_app.temporal import connect, profile_of

WORDS = {202: "taken", 204: "nothing to do"}


class DeliveryFeed:
    """Takes each webhook out of the log once."""

    def __init__(self, log: DeliveryLog, door: httpx.AsyncClient, secret: bytes) -> None:
        self._log = log
        self._door = door
        self._secret = secret
        self._fed = set[str]()
        self.refused = 0
        """How many our door has not taken."""

    async def look(self, since: timedelta) -> list[str]:
        """Feed what came since some time ago and was not fed yet, the oldest first; returns what to say of each."""
        with explained(APP):
            lines = [line async for page in self._log.pages(self._log.now() - since) for line in page]
            new = {line.guid: line for line in reversed(lines) if line.guid not in self._fed}
            return [await self._feed(line) for line in new.values()]

    async def _feed(self, line: LoggedDelivery) -> str:
        what = f"{line.event}.{line.action}" if line.action else line.event
        exchange = await self._log.read(line.id)
        if not exchange:
            return f"{line.guid}  {what}: the log has lost it"
        answer = await self._deliver(exchange)
        if not answer.is_server_error:  # a refusal would be the same the next time
            self._fed.add(line.guid)
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
async def feeding(settings: UpSettings, temporal: Mapping[str, str]) -> AsyncGenerator[DeliveryFeed]:
    """Open the log on one side and the door on the other."""
    client = await connect(profile_of(temporal), settings.state_dir)
    log = DeliveryLog(InstallationClients(github_app(settings)).as_app)
    secret = settings.github_webhook_secret[0].get_secret_value().encode()
    transport = httpx.ASGITransport(build(settings, client))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as door:
        yield DeliveryFeed(log, door, secret)
