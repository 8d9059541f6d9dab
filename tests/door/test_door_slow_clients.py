"""A client that is slow, silent or endless costs the door neither a connection nor memory."""

import asyncio
import contextlib
import logging
import re
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import ClassVar

import pytest
from door_kit import Answer, door_settings, exchange, letter, opened, silence

from github_app.app import build
from github_app.server import HeaderDeadline
from github_app.webhook import Limits

MEBIBYTE = 1024 * 1024


class Impatient(HeaderDeadline):
    """The same rule, in test time."""

    seconds: ClassVar[float] = 0.3


@pytest.fixture(scope="module")
async def door() -> AsyncGenerator[int]:
    """Open a door that waits 0.3 s for headers and as long for bodies."""
    limits = Limits(body_seconds=0.3)
    async with (
        silence() as temporal,
        opened(build(door_settings(), await temporal.client(), limits), Impatient) as port,
    ):
        yield port


async def dribble(port: int, start: bytes, drop: bytes) -> Answer:
    """Send a start, then a drop every 50 ms, until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.create_task(_heard(reader))
    writer.write(start)
    with contextlib.suppress(ConnectionError):
        while not answer.done():
            await asyncio.sleep(0.05)
            writer.write(drop)
    writer.close()
    return Answer(await answer)


async def _heard(reader: asyncio.StreamReader) -> bytes:
    """Read to the end, which is a reset where the server has hung up on somebody who goes on talking."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(MEBIBYTE):
            heard += part
    return heard


@pytest.mark.parametrize(
    ("start", "drop"),
    [(b"", b""), (b"POST /webhook HTTP/1.1\r\n", b"x: y\r\n"), (b"GET /healthz HTTP/1.1\r\nHost: door\r\n", b"")],
    ids=["silent", "a header at a time", "no end of headers"],
)
async def test_headers_have_a_deadline(door: int, start: bytes, drop: bytes) -> None:
    """A connection without complete headers is closed in time, however busy it looks."""
    started = time.monotonic()
    answer = await asyncio.wait_for(dribble(door, start, drop), 2)
    assert answer.raw == b""
    assert 0.25 < time.monotonic() - started < 1


async def test_the_deadline_counts_again_after_an_answer(door: int) -> None:
    """A kept connection may ask again in time, and is closed when it only pretends to."""
    request = b"GET /healthz HTTP/1.1\r\nHost: door\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", door)
    for _ in range(3):
        await asyncio.sleep(0.15)
        writer.write(request + b"\r\n")
        assert b" 200 " in await reader.readuntil(b'"ok"}')
    writer.write(request)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 2) == b""
    writer.close()


async def test_a_body_has_a_deadline(door: int) -> None:
    """A body that drips is answered 408 and cut."""
    start = letter({}).having("Content-Length", "1000").raw()
    started = time.monotonic()
    assert (await asyncio.wait_for(dribble(door, start, b" "), 2)).status == 408
    assert time.monotonic() - started < 1


async def test_a_body_nobody_waits_for_is_cut(door: int) -> None:
    """Refused before its body was read, a client can not hold the connection with what is left."""
    start = letter({}).having("Content-Length", "1000").having("Content-Type", "text/plain").lacking("Connection").raw()
    assert (await asyncio.wait_for(dribble(door, start, b" "), 2)).status == 415


async def test_headers_after_the_body_do_not_grow_for_ever(door: int) -> None:
    """What a chunked body may have at its end is counted with its headers."""
    start = letter({}).lacking("Content-Length").also("Transfer-Encoding", "chunked").raw().removesuffix(b"{}")
    trailers = b"2\r\n{}\r\n0\r\n" + b"x: " + b"y" * MEBIBYTE
    assert (await asyncio.wait_for(dribble(door, start + trailers, b"y" * MEBIBYTE), 2)).status == 400


async def test_nonsense_after_a_refusal_gets_no_second_answer(door: int) -> None:
    """The client might take it for the answer to its next request."""
    refused = letter({}).lacking("Content-Length").lacking("Connection").having("Content-Type", "text/plain")
    start = refused.also("Transfer-Encoding", "chunked").raw().removesuffix(b"{}")
    answer = await asyncio.wait_for(dribble(door, start, b"no length\r\n"), 2)
    assert answer.status == 415
    assert answer.raw.count(b"HTTP/1.1 ") == 1


async def test_a_hundred_dawdlers_do_not_keep_a_letter_out(door: int) -> None:
    """While they dawdle, GitHub is served."""
    dawdlers = [asyncio.create_task(dribble(door, b"POST /webhook HTTP/1.1\r\n", b"x: y\r\n")) for _ in range(100)]
    await asyncio.sleep(0.1)
    assert (await exchange(door, letter({}))).status == 204
    assert {answer.raw for answer in await asyncio.gather(*dawdlers)} == {b""}


async def test_a_client_that_hangs_up_in_its_body_leaves_nothing_behind(
    door: int, caplog: pytest.LogCaptureFixture
) -> None:
    """It is simply gone: no error to look into, and the door serves on."""
    _, writer = await asyncio.open_connection("127.0.0.1", door)
    writer.write(letter({}).having("Content-Length", "1000").raw())
    await writer.drain()
    writer.close()
    assert (await exchange(door, letter({}))).status == 204
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


DOOR_PROGRAM = """
import asyncio
from door_kit import door_settings
from github_app.app import build
from github_app.server import listen, serve_on
from temporalio.client import Client

async def main():
    listener = listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    await serve_on(listener, build(door_settings(), await Client.connect("127.0.0.1:1", lazy=True)))

asyncio.run(main())
"""


def peak_memory(pid: int) -> int:
    """Return the most resident memory a process ever had, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


async def flood(port: int, head: bytes, chunk: bytes) -> Answer:
    """Send 200 MiB, whatever is answered meanwhile."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    for _ in range(200):
        writer.write(chunk)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(65536), 5)
    writer.close()
    return Answer(answer)


@pytest.fixture
async def door_process() -> AsyncGenerator[tuple[int, int]]:
    """Start a door in a process of its own; its port, and its id."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DOOR_PROGRAM, cwd=Path(__file__).parent, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout
    yield int(await program.stdout.readline()), program.pid
    program.kill()
    await program.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_memory_stays_flat_under_endless_streams(door_process: tuple[int, int]) -> None:
    """200 MiB cost less than 64 MiB, after a refusal nothing more, and many such streams at once not many times it."""
    port, process = door_process
    assert (await exchange(port, letter({}))).status == 204
    before = peak_memory(process)
    endless = letter({}).lacking("Content-Length").lacking("Connection").also("Transfer-Encoding", "chunked")
    head, chunk = endless.raw().removesuffix(b"{}"), b"%x\r\n%b\r\n" % (MEBIBYTE, b"x" * MEBIBYTE)
    assert (await flood(port, head, chunk)).status == 413
    assert (await flood(port, head.replace(b"/json", b"/xml"), chunk)).status == 415
    assert peak_memory(process) - before < 64 * MEBIBYTE
    answers = await asyncio.gather(*(flood(port, head, chunk) for _ in range(8)))
    assert {answer.status for answer in answers} == {413}
    assert peak_memory(process) - before < 192 * MEBIBYTE
