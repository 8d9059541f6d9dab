"""The gates before a webhook is believed: size, form, signature, strict JSON. What is not verified is not parsed."""

import asyncio
import hmac
import json
import math
import re
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request

MEBIBYTE = 1024 * 1024
JSON_DEPTH = 64  # GitHub's payloads nest about ten deep
NUMBER_LENGTH = 64
NESTS = frozenset({dict, list})
LARGE = MEBIBYTE  # parsed beside the event loop, and read few at a time; GitHub's usual payload has 10 KiB
LARGE_AT_ONCE = 4

EVENT = re.compile(r"[a-z0-9_]{1,64}")
DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")
SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
JSON_TYPE = re.compile(r"application/json(\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a webhook may be, and how long anybody is waited for."""

    body_bytes: int = 25 * MEBIBYTE  # GitHub sends no more
    body_seconds: float = 5
    temporal_seconds: float = 4  # GitHub hangs up after 10 in all; most bodies arrive at once


@dataclass(frozen=True, slots=True)
class Gate:
    """What a webhook is measured against."""

    secrets: tuple[bytes, ...] = field(repr=False)
    """More than one while the secret is being changed."""
    limits: Limits = Limits()
    large_bodies: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LARGE_AT_ONCE), repr=False)
    """Held by whoever holds a large body, so that many of them together do not exhaust the memory."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that was sent by GitHub."""

    event: str
    delivery_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What GitHub's own headers say."""

    event: str
    delivery_id: str
    signature: bytes


async def receive(request: Request, gate: Gate) -> Webhook:
    """Lead a request through every gate, or raise the refusal of the first that stays shut."""
    check_declared_size(request.headers, gate.limits)
    check_content(request.headers)
    envelope = read_envelope(request.headers)
    async with AsyncExitStack() as held:
        body = await read_body(request, gate, held)
        check_signature(body, envelope.signature, gate.secrets)
        return Webhook(envelope.event, envelope.delivery_id, await read_object(body))


def check_declared_size(headers: Headers, limits: Limits) -> None:
    """Refuse a body that announces to be too large, before any of it is read."""
    declared = headers.getlist("content-length")
    if not declared:
        return
    if len(declared) > 1 or not re.fullmatch(r"[0-9]{1,19}", declared[0]) or "transfer-encoding" in headers:
        raise HTTPException(400, "The length of the body is ambiguous.")
    if int(declared[0]) > limits.body_bytes:
        _refuse_size(limits)


def check_content(headers: Headers) -> None:
    """Refuse everything but plain JSON."""
    declared = headers.getlist("content-type")
    if len(declared) != 1 or not JSON_TYPE.fullmatch(declared[0]):
        raise HTTPException(415, "Set the webhook's content type to application/json.")
    if "content-encoding" in headers:
        raise HTTPException(415, "Send the body without a content encoding.")


def read_envelope(headers: Headers) -> Envelope:
    """Read GitHub's headers, each of which comes exactly once."""
    event = _single(headers, "X-GitHub-Event", EVENT)
    delivery_id = _single(headers, "X-GitHub-Delivery", DELIVERY)
    signatures = headers.getlist("x-hub-signature-256")
    if len(signatures) > 1:
        raise HTTPException(400, "X-Hub-Signature-256 must come once.")
    signature = SIGNATURE.fullmatch(signatures[0]) if signatures else None
    if not signature:
        raise HTTPException(401, "X-Hub-Signature-256 is missing or malformed. Give the webhook a secret.")
    return Envelope(event, delivery_id, bytes.fromhex(signature[1]))


async def read_body(request: Request, gate: Gate, held: AsyncExitStack) -> bytes:
    """Read the whole body, within the limits of size and time; a large one waits for its turn."""
    chunks: list[bytes] = []  # joined once: large buffers that grow side by side leave holes as large as they are
    size = 0
    try:
        async with asyncio.timeout(gate.limits.body_seconds):
            async for chunk in request.stream():
                if size <= LARGE < size + len(chunk):
                    await held.enter_async_context(gate.large_bodies)
                chunks.append(chunk)
                size += len(chunk)
                if size > gate.limits.body_bytes:
                    _refuse_size(gate.limits)
    except TimeoutError as error:
        raise HTTPException(408, "The body took too long to arrive.") from error
    return b"".join(chunks)


def check_signature(body: bytes, signature: bytes, secrets: tuple[bytes, ...]) -> None:
    """Refuse what none of our secrets has signed; each is tried, so that time does not tell which one fits."""
    matches = [hmac.compare_digest(hmac.digest(secret, body, "sha256"), signature) for secret in secrets]
    if not any(matches):
        raise HTTPException(401, "The signature does not match. Compare the webhook's secret with the configured one.")


async def read_object(body: bytes) -> Mapping[str, Any]:
    """Parse the verified body; a large one beside the event loop."""
    try:
        return parse_object(body) if len(body) <= LARGE else await asyncio.to_thread(parse_object, body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "The body is not a strict JSON object.") from error


def parse_object(body: bytes) -> Mapping[str, Any]:
    """Parse JSON that means the same to every reader; raises `ValueError` or, far too deep, `RecursionError`."""
    value = json.loads(
        body.decode(),  # left to itself, json would guess UTF-16 and skip a byte order mark
        object_pairs_hook=_distinct,
        parse_int=_integer,
        parse_float=_finite,
        parse_constant=_no_constant,
    )
    match value:
        case dict():
            payload = cast("dict[str, Any]", value)
            _check_depth(payload)
            return payload
        case _:
            raise ValueError("not an object")


def _single(headers: Headers, name: str, form: re.Pattern[str]) -> str:
    values = headers.getlist(name)
    if len(values) != 1 or not form.fullmatch(values[0]):
        raise HTTPException(400, f"{name} must come once and be well-formed.")
    return values[0]


def _refuse_size(limits: Limits) -> NoReturn:
    raise HTTPException(413, f"The body is larger than {limits.body_bytes} bytes.")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


def _integer(literal: str) -> int:
    if len(literal) > NUMBER_LENGTH:
        raise ValueError("number too long")
    return int(literal)


def _finite(literal: str) -> float:
    value = float(literal)
    if len(literal) > NUMBER_LENGTH or not math.isfinite(value):
        raise ValueError("number too long or too large")
    return value


def _no_constant(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not JSON")


def _check_depth(payload: dict[str, Any]) -> None:
    level: list[Any] = [payload]
    for _ in range(JSON_DEPTH):
        level = [child for node in level for child in _children(node) if type(child) in NESTS]
        if not level:
            return
    raise ValueError("nested too deep")


def _children(node: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node
