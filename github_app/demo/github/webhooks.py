"""Webhooks: the only place where one goes out. Sent one after the other, never retried, each attempt in the log."""

import asyncio
import hashlib
import hmac
import json
import ssl
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import httpx

from github_app.demo.github.faults.fate import Attempt, meet
from github_app.demo.github.faults.injection import Injected
from github_app.demo.github.model import Delivery, Json, Repository, User
from github_app.demo.github.shapes import accounts, repositories
from github_app.demo.github.shapes.values import node_id
from github_app.demo.github.world import World

TIMEOUT_SECONDS = 10
HOOK_ID = 1
ALWAYS_SENT = ("ping", "installation", "installation_repositories")
"""Events an App gets without asking for them."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened: what a webhook tells."""

    name: str
    action: str | None
    sender: User
    content: Json
    repository: Repository | None = None
    installation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A webhook ready to go: the same each time it is sent."""

    guid: str
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    payload: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went, in the words of GitHub's delivery log."""

    status_code: int
    status: str
    response: str
    at: datetime | None = None
    duration: float = 0.0


NOT_CONNECTED = Outcome(0, "failed to connect to host", "")


def emit(world: World, event: Event) -> None:
    """Send the event to the App, if it may see the repository and asked for such events."""
    installation_id = event.installation_id or _installation_id(world, event)
    subscribed = event.name in world.app.events or event.name in ALWAYS_SENT
    if not (subscribed and installation_id and world.hook_url):
        return
    envelope = _envelope(world, event, installation_id)
    world.background.start(lambda: _send(world, envelope, redelivery=False))


def redeliver(world: World, delivery: Delivery) -> None:
    """Send a logged delivery once more, under the same GUID."""
    d = delivery
    again = Envelope(d.guid, d.event, d.action, d.installation_id, d.repository_id, d.payload, d.headers)
    world.background.start(lambda: _send(world, again, redelivery=True))


def _installation_id(world: World, event: Event) -> int | None:
    found = world.installation_of(event.repository) if event.repository else None
    return found.id if found else None


def _envelope(world: World, event: Event, installation_id: int) -> Envelope:
    body = json.dumps(_content(world, event, installation_id)).encode()
    guid, repository_id = str(uuid.uuid4()), event.repository.id if event.repository else None
    headers = _headers(world, event.name, guid) | _signatures(world.app.webhook_secret, body)
    return Envelope(guid, event.name, event.action, installation_id, repository_id, body, headers)


def _content(world: World, event: Event, installation_id: int) -> Json:
    return {
        **({"action": event.action} if event.action else {}),
        **event.content,
        **({"repository": repositories.repository(world, event.repository)} if event.repository else {}),
        "sender": accounts.user(world, event.sender),
        **(
            {}
            if "installation" in event.content
            else {"installation": {"id": installation_id, "node_id": node_id("MDI", installation_id)}}
        ),
    }


def _headers(world: World, event: str, guid: str) -> dict[str, str]:
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/10ca1ab",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(HOOK_ID),
        "X-GitHub-Hook-Installation-Target-ID": str(world.app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }


def _signatures(secret: str, body: bytes) -> dict[str, str]:
    key = secret.encode()
    return {
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }


async def _send(world: World, envelope: Envelope, *, redelivery: bool) -> None:
    """Deliver, unless a fault has other plans."""
    event = f"{envelope.event}.{envelope.action}" if envelope.action else envelope.event
    armed = world.faults.for_delivery(event)
    if not armed:
        return await _deliver(world, envelope, redelivery=redelivery)
    world.faults.injected.append(Injected(armed.fault.kind, event, world.moment(), guid=envelope.guid))
    attempt = Attempt(
        deliver=lambda: _deliver(world, envelope, redelivery=redelivery),
        redeliver=lambda: _deliver(world, envelope, redelivery=True),
        fail=lambda status: _log(world, envelope, _failed(status), redelivery=redelivery),
    )
    return await meet(armed, attempt)


def _failed(status: int) -> Outcome:
    return Outcome(status, f"Invalid HTTP Response: {status}", "") if status else NOT_CONNECTED


async def _deliver(world: World, envelope: Envelope, *, redelivery: bool) -> None:
    async with world.line:
        started, at = time.monotonic(), world.now()
        outcome = await _post(world.hook_url, envelope)
    outcome = replace(outcome, at=at, duration=round(time.monotonic() - started, 3))
    _log(world, envelope, outcome, redelivery=redelivery)


def _log(world: World, envelope: Envelope, outcome: Outcome, *, redelivery: bool) -> None:
    delivery = Delivery(
        id=world.next_id(),
        guid=envelope.guid,
        event=envelope.event,
        action=envelope.action,
        delivered_at=outcome.at or world.now(),
        duration=outcome.duration,
        status=outcome.status,
        status_code=outcome.status_code,
        redelivery=redelivery,
        installation_id=envelope.installation_id,
        repository_id=envelope.repository_id,
        headers=envelope.headers,
        payload=envelope.payload,
        response=outcome.response,
    )
    world.deliveries.append(delivery)


async def _post(url: str, envelope: Envelope) -> Outcome:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loopback speaks plain HTTP: loading the CAs would only cost time
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, verify=tls) as client:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = await client.post(url, content=envelope.payload, headers=dict(envelope.headers))
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(0, "timed out", "")
        except httpx.TransportError as error:
            return replace(NOT_CONNECTED, response=str(error))
    status = "OK" if answer.is_success else f"Invalid HTTP Response: {answer.status_code}"
    return Outcome(answer.status_code, status, answer.text)
