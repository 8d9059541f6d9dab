"""`aidp up`: Temporal, a worker and the door in one command, in the order in which each needs the one before."""

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from temporalio.client import Client

from github_app.agent_choice import check_agents
from github_app.app import build
from github_app.schedule import keep_schedules
from github_app.server import listen, serve_on
from github_app.settings import (
    DoorSettings,
    JobsSettings,
    OperatorError,
    ProcessSettings,
    Role,
    WorkerSettings,
    temporal_environment,
)
from github_app.temporal import TemporalUnavailableError, connect, embedded, prepare_foreign, profile_of, reach
from github_app.terminal import Say
from github_app.worker import working

Secrets = Mapping[str, str]
Attempt = Callable[[], Awaitable[Client]]
RECONNECT_SECONDS = 1


class StateDirInUseError(OperatorError):
    """Another `aidp up` has the state directory."""


class StateDirError(OperatorError):
    """Nothing can be kept in the state directory."""


class AddressInUseError(OperatorError):
    """Something else listens where the door should."""


async def up(settings: JobsSettings, secrets: Secrets, say: Say) -> None:
    """Run everything until SIGINT or SIGTERM, then drain in reverse order; the door only if GitHub is set up."""
    started = time.monotonic()
    stop = stop_signal()
    check_agents(settings, Role.ALL, say)
    with locked(settings.state_dir):
        async with (
            temporal(settings, secrets, say) as client,
            working(client, settings) as host,
            webhooks(settings, client) as where,
        ):
            if isinstance(settings, WorkerSettings):
                await keep_schedules(client, settings)
            say("worker", f"host {host}, agents {', '.join(settings.agents)}")
            say("webhooks", where)
            say("ready", f"in {time.monotonic() - started:.1f} s; Ctrl-C stops")
            await stop.wait()
            say("stopping", "running agents are stopped, their iterations will be repeated")


async def serve(settings: DoorSettings, secrets: Secrets, say: Say) -> None:
    """Run the door alone; it starts without Temporal, and answers 503 until Temporal is there."""
    stop = stop_signal()
    profile = profile_of(temporal_environment(secrets))
    client = await connect(profile, settings.state_dir, lazy=True)
    async with door(settings, client) as address:
        say("webhooks", f"{address}/webhook")
        if await awaited(lambda: reach(client, profile), partial(_wait_at_door, say), stop):
            say("Temporal", f"{client.service_client.config.target_host}, namespace {client.namespace}")
            await stop.wait()


async def work(settings: WorkerSettings, role: Role, secrets: Secrets, say: Say) -> None:
    """Run a worker alone; it waits until Temporal is there."""
    stop = stop_signal()
    check_agents(settings, role, say)
    if role is not Role.DECIDE:
        open_lock(settings.state_dir).close()  # a host without a place for worktrees would fail at every job
    profile = profile_of(temporal_environment(secrets))
    client = await awaited(lambda: connect(profile, settings.state_dir), partial(_wait, say), stop)
    if not client:
        return
    async with working(client, settings, role) as host:
        if role is not Role.AGENTS:
            await keep_schedules(client, settings)
        say("worker", f"host {host}, role {role}, agents {', '.join(settings.agents)}")
        await stop.wait()
        say("stopping", "running agents are stopped, their iterations will be repeated")


async def awaited(attempt: Attempt, tell: Callable[[str], None], stop: asyncio.Event) -> Client | None:
    """Try until Temporal answers, and tell what is in the way; `None` when somebody stops us before it does."""
    trying, stopping = asyncio.create_task(_tried(attempt, tell)), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((trying, stopping), return_when=asyncio.FIRST_COMPLETED)
        return trying.result() if trying.done() else None
    finally:
        trying.cancel()
        stopping.cancel()
        await asyncio.gather(trying, stopping, return_exceptions=True)


async def _tried(attempt: Attempt, tell: Callable[[str], None]) -> Client:
    told = ""
    while True:
        try:
            return await attempt()
        except TemporalUnavailableError as error:
            if str(error) != told:
                tell(str(error))
            told = str(error)
        await asyncio.sleep(RECONNECT_SECONDS)


def _wait(say: Say, trouble: str) -> None:
    say("Temporal", f"{trouble} Waiting for it; Ctrl-C stops")


def _wait_at_door(say: Say, trouble: str) -> None:
    say("Temporal", f"{trouble} Waiting for it, webhooks get 503 until then; Ctrl-C stops")


def stop_signal() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def open_lock(state_dir: Path) -> TextIO:
    """Open the lock of the state directory, which is made if need be; raises `StateDirError` when that fails."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return (state_dir / "lock").open("a+")
    except OSError as error:
        hint = "Set AIDP_STATE_DIR to a directory that we may write to, or make."
        raise StateDirError(f"{state_dir} can not hold aidp's state ({error.strerror}). {hint}") from error


@contextmanager
def locked(state_dir: Path) -> Generator[None]:
    """Hold the state directory; raises `StateDirInUseError` when another process does."""
    with open_lock(state_dir) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise StateDirInUseError(
                f"{state_dir} is in use by {holder}. Stop it, or set AIDP_STATE_DIR to another directory."
            ) from error
        file.truncate(0)
        file.write(f"pid {os.getpid()}")
        file.flush()
        yield


@asynccontextmanager
async def temporal(settings: JobsSettings, secrets: Secrets, say: Say) -> AsyncGenerator[Client]:
    """Connect to the server the operator named, or bring one along."""
    profile = profile_of(temporal_environment(secrets))
    if profile.address:
        client = await connect(profile, settings.state_dir)
        await prepare_foreign(client)
        say("Temporal", f"{profile.address}, namespace {client.namespace}")
        yield client
        return
    async with embedded(settings.state_dir, settings.temporal_port) as server:
        client = await connect(profile, settings.state_dir)
        say("Temporal", f"{server.address}, embedded; UI at {server.ui}")
        yield client


@asynccontextmanager
async def webhooks(settings: ProcessSettings, client: Client) -> AsyncGenerator[str]:
    """Listen for webhooks if GitHub is set up; yields where, for people."""
    if not isinstance(settings, DoorSettings):
        yield "none; start jobs with: aidp jobs start work --help"
        return
    async with door(settings, client) as address:
        yield f"{address}/webhook"


@asynccontextmanager
async def door(settings: DoorSettings, client: Client) -> AsyncGenerator[str]:
    """Listen for webhooks; raises `AddressInUseError` when the address is taken."""
    try:
        listener = listen(settings.host, settings.port)
    except OSError as error:
        where = f"{settings.host} port {settings.port}"
        raise AddressInUseError(f"Cannot listen on {where} ({error.strerror}). Set AIDP_HOST and AIDP_PORT.") from error
    serving = asyncio.create_task(serve_on(listener, build(settings, client)))
    try:
        yield f"http://{settings.host}:{settings.port}"
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
