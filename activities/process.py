"""The only place that starts a process: bounded in time and output, and gone when its worker is.

Every child runs with exactly the environment it is given, and behind `supervise.py` unless it is a short-lived program
of our own choice. Inside an activity a timer sends the heartbeats, so that a silent child does not look like a dead
worker.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import anyio
from anyio.abc import ByteReceiveStream, Process
from temporalio import activity

from activities.output import Log, Tail, open_log

SUPERVISOR = Path(__file__).with_name("supervise.py")
HEARTBEATS_PER_TIMEOUT = 4
LOG_BYTES = 20_000_000
KEEP_BYTES = 1_000_000


class Ended(StrEnum):
    """Who ended the child."""

    EXITED = "exited"
    WALL_TIME = "wall_time"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Command:
    """A child process to run to its end."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    """The child's whole environment; nothing is inherited."""
    stdin: bytes = b""
    log: Path | None = None
    """File for the output, at most `log_bytes` of it."""
    merge_stderr: bool = False
    trusted: bool = False
    """A short-lived program of our own choice, such as git: run without a supervisor, which would cost more than it."""
    wall_seconds: float = 600
    idle_seconds: float | None = None
    """Longest silence on stdout and stderr before the child is taken for dead."""
    grace_seconds: float = 5
    """Between TERM and KILL of the whole tree."""
    keep_bytes: int = KEEP_BYTES
    """How much of the end of stdout, and of stderr, is returned."""
    log_bytes: int = LOG_BYTES


@dataclass(frozen=True, slots=True)
class Finished:
    """How the child ended."""

    ended: Ended
    exit_code: int
    """As a shell reports it: 128+n when killed by signal n, 127 when there is no such program."""
    stdout: bytes
    stderr: bytes
    seconds: float


@dataclass(slots=True)
class _Watch:
    """When the child last said something, and who ended it."""

    last_output: float
    ended: Ended = Ended.EXITED


async def run(command: Command) -> Finished:
    """Run a child to its end, whatever ends it; a cancellation kills its whole tree before it is passed on.

    Raises `FileNotFoundError` when `cwd` does not exist.
    """
    started = time.monotonic()
    stdout, stderr = Tail(command.keep_bytes), Tail(command.keep_bytes)
    watch = _Watch(started)
    with open_log(command.log, command.log_bytes) as log:
        async with _running(command) as (process, release):
            async with anyio.create_task_group() as watchers:
                watchers.start_soon(_heartbeat)
                watchers.start_soon(_watchdog, command, watch, release)
                async with anyio.create_task_group() as streams:
                    streams.start_soon(_pump, process.stdout, (stdout, log), watch)
                    streams.start_soon(_pump, process.stderr, (stderr, log), watch)
                watchers.cancel_scope.cancel()
            exit_code = _as_in_a_shell(await process.wait())
    return Finished(watch.ended, exit_code, stdout.bytes(), stderr.bytes(), time.monotonic() - started)


@contextlib.asynccontextmanager
async def service(command: Command) -> AsyncGenerator[Process]:
    """Keep a child running for as long as the block lasts; its output goes to its log, and no time limit ends it."""
    watch = _Watch(time.monotonic())
    with open_log(command.log, command.log_bytes) as log:
        async with supervised(command) as (process, release), anyio.create_task_group() as streams:
            for stream in (process.stdout, process.stderr):
                streams.start_soon(_pump, stream, (Tail(command.keep_bytes), log), watch)
            try:
                yield process
            finally:
                release()  # the streams end when the child does


def _running(command: Command) -> AbstractAsyncContextManager[tuple[Process, Callable[[], None]]]:
    return _unsupervised(command) if command.trusted else supervised(command)


@contextlib.asynccontextmanager
async def _unsupervised(command: Command) -> AsyncGenerator[tuple[Process, Callable[[], None]]]:
    """Start a child by itself; leaving the block ends its process group."""
    process = await _open(command, command.argv)
    stop = _Stop(process)
    try:
        yield process, stop
    finally:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                stop()
                with anyio.move_on_after(command.grace_seconds):
                    await process.wait()
                stop()
            await process.wait()
            await process.aclose()


@dataclass(slots=True)
class _Stop:
    """Ends a process group: with TERM the first time, with KILL from then on."""

    process: Process
    number: signal.Signals = signal.SIGTERM

    def __call__(self) -> None:
        if self.process.returncode is None:
            os.killpg(self.process.pid, self.number)
        self.number = signal.SIGKILL


def _as_in_a_shell(code: int) -> int:
    return code if code >= 0 else 128 - code


@dataclass(slots=True)
class Release:
    """The worker's end of the control pipe; letting go of it ends the child's tree."""

    fd: int

    def __call__(self) -> None:
        """Let go, once."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)


@contextlib.asynccontextmanager
async def supervised(command: Command) -> AsyncGenerator[tuple[Process, Release]]:
    """Start a child behind a supervisor; leaving the block ends the child's tree and waits until it is gone."""
    reader, writer = os.pipe()
    release = Release(writer)
    supervisor = (sys.executable, "-I", "-S", str(SUPERVISOR), str(reader), str(command.grace_seconds))
    try:
        process = await _start(command, (*supervisor, *command.argv), reader)
        try:
            yield process, release
        finally:
            release()
            with anyio.CancelScope(shield=True):
                await process.wait()
                await process.aclose()
    finally:
        release()


async def _start(command: Command, argv: tuple[str, ...], reader: int) -> Process:
    """Start a supervisor that holds the reading end of the control pipe, and let go of it here."""
    try:
        return await _open(command, argv, (reader,))
    finally:
        os.close(reader)


async def _open(command: Command, argv: tuple[str, ...], pass_fds: tuple[int, ...] = ()) -> Process:
    """Start a process."""
    with _input(command.stdin) as stdin:
        return await _begun(
            anyio.open_process(
                argv,
                cwd=command.cwd,
                env=command.env,
                stdin=stdin,
                stderr=subprocess.STDOUT if command.merge_stderr else subprocess.PIPE,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        )


async def _begun(starting: Coroutine[Any, Any, Process]) -> Process:
    """Wait until a process has begun. A cancellation waits too, and comes again where somebody can end the process.

    asyncio, when it is cancelled while it starts one, kills it and may wait for ever for its end.
    """
    opening = asyncio.create_task(starting)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError as cancellation:
        with anyio.CancelScope(shield=True):
            await asyncio.wait([opening])
        if this := asyncio.current_task():
            this.uncancel()
            this.cancel(*cancellation.args)
        return opening.result()


@contextlib.contextmanager
def _input(data: bytes) -> Generator[int | IO[bytes]]:
    """Give a child its input as a file that has no name, which it may read or not, at its own pace."""
    if not data:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file


async def _pump(stream: ByteReceiveStream | None, sinks: tuple[Tail, Log], watch: _Watch) -> None:
    if not stream:
        return
    async for chunk in stream:
        watch.last_output = time.monotonic()
        for sink in sinks:
            sink.add(chunk)


async def _watchdog(command: Command, watch: _Watch, release: Callable[[], None]) -> None:
    """End the child when it takes too long, or is silent for too long."""
    wall = watch.last_output + command.wall_seconds
    idle = command.idle_seconds or command.wall_seconds
    while (left := min(wall, watch.last_output + idle) - time.monotonic()) > 0:  # noqa: ASYNC110  # each output moves it
        await anyio.sleep(left)
    watch.ended = Ended.WALL_TIME if time.monotonic() >= wall else Ended.IDLE
    release()
    await anyio.sleep(command.grace_seconds)
    release()


@contextlib.contextmanager
def heartbeating(details: Callable[[], Sequence[object]] = tuple) -> Generator[None]:
    """Send the activity's heartbeats, with what there is to tell, for as long as the block lasts."""
    beats = asyncio.create_task(_heartbeat(details))
    try:
        yield
    finally:
        beats.cancel()


async def _heartbeat(details: Callable[[], Sequence[object]] = tuple) -> None:
    if not activity.in_activity():
        return
    timeout = activity.info().heartbeat_timeout
    if not timeout:
        return
    while True:
        activity.heartbeat(*details())
        await anyio.sleep(timeout.total_seconds() / HEARTBEATS_PER_TIMEOUT)
