"""What a stranger costs the door who sends it all he has: memory, while 200 MiB come in from several sides."""

import asyncio
import contextlib
from pathlib import Path

from figures import Figure
from memory import forget_peak, peak, resident
from open_door import Door, open_door
from temporalio.client import Client

PART = "hostile"
STREAMS = 8
STREAM_MEBIBYTES = 25
CHUNK = b"x" * 65536
MOST_GROWTH = 200
"""Of all that is sent, nothing near it may be held: four large bodies are read at a time."""


async def measure(client: Client, directory: Path) -> list[Figure]:
    """Send streams without a signature, then with a wrong one."""
    return [
        *await _growth(client, directory, "unsigned", ""),
        *await _growth(client, directory, "wrongly signed", f"X-Hub-Signature-256: sha256={'0' * 64}\r\n"),
    ]


async def _growth(client: Client, directory: Path, name: str, signature: str) -> list[Figure]:
    with open_door(client, directory) as door:
        before = resident(door.pid)
        forget_peak(door.pid)
        answers = await asyncio.gather(*(_stream(door, signature) for _ in range(STREAMS)))
        growth = max(0.0, peak(door.pid) - before)
    if taken := [answer for answer in answers if b" 2" in answer[:13]]:
        raise RuntimeError(f"the door took what nobody had signed: {taken[0]!r}")
    how = f"{STREAMS} streams at once, {STREAMS * STREAM_MEBIBYTES} MiB in all; {before:.0f} MiB before"
    return [Figure(PART, f"peak growth, {name}", growth, "MiB", MOST_GROWTH, how)]


async def _stream(door: Door, signature: str) -> bytes:
    """Send a chunked body until it is through or the door hangs up; returns the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(_head(signature))
    with contextlib.suppress(ConnectionError):
        for _ in range(STREAM_MEBIBYTES * 1024 * 1024 // len(CHUNK)):
            writer.write(b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    answer = b""
    with contextlib.suppress(ConnectionError):
        answer = await reader.read(64)
    writer.close()
    return answer


def _head(signature: str) -> bytes:
    return (
        "POST /webhook HTTP/1.1\r\nHost: door\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n"
        f"X-GitHub-Event: issues\r\nX-GitHub-Delivery: 1\r\n{signature}\r\n"
    ).encode()
