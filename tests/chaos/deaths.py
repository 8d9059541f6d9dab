"""Ways to die on purpose: at a step of a webhook on its way through the door, or at an activity of a worker.

An order to die is an empty file in a folder: whoever comes to the place it names removes it and is killed there, so
that the next life passes. `orders` writes them, `claimed` takes one.
"""

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Coroutine, Generator, Iterable
from contextvars import ContextVar
from pathlib import Path
from types import coroutine
from typing import Any, TypeVar, cast

import temporalio.client
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

MOMENTS = ("before", "between", "after")
"""Before the effect; between the effect and its report; after the report."""
REPORTED_SECONDS = 0.05
REPOSITORY = re.compile(r":(\d+)(?:[#:]|$)")
"""In every workflow id of an item or a repository: the repository."""
DOOR = "door-"
COUNTED = "steps"
"""Where a door writes down how many steps a webhook took."""
EVENT = b"x-github-event"

T = TypeVar("T")


def orders(folder: Path, names: Iterable[str]) -> None:
    """Order deaths."""
    for name in names:
        (folder / name).touch()


def claimed(order: Path) -> bool:
    """Take an order, if it is there; only one process gets it."""
    try:
        order.unlink()
    except FileNotFoundError:
        return False
    return True


def at_door(event: str, step: int) -> str:
    """Name the order to die at a step of the next webhook of an event."""
    return f"{DOOR}{event}-{step}"


def die() -> None:
    """End this process without a chance to do or say anything more."""
    os.kill(os.getpid(), signal.SIGKILL)


# --- of a worker ------------------------------------------------------------------------------------------------------


class MortalWorker(temporalio.client.Interceptor, Interceptor):
    """Dies at the activities it is ordered to: `<repository>-<activity type>-<moment>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002  # Temporal's name
        """Stand before every activity."""
        return _MortalActivity(next, self.folder)


class _MortalActivity(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, folder: Path) -> None:
        super().__init__(following)
        self._folder = folder

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401  # Temporal's signature
        if self._ordered("before"):
            die()
        result = await super().execute_activity(input)
        if self._ordered("between"):
            die()
        if self._ordered("after"):
            asyncio.get_running_loop().call_later(REPORTED_SECONDS, die)
        return result

    def _ordered(self, moment: str) -> bool:
        info = activity.info()
        found = REPOSITORY.search(info.workflow_id or "")
        return bool(found) and claimed(self._folder / f"{found[1]}-{info.activity_type}-{moment}")


# --- of a door --------------------------------------------------------------------------------------------------------


class Steps:
    """How often the tasks of one webhook have gone on so far, and at which time they die."""

    def __init__(self, last: int) -> None:
        self.taken, self.last = 0, last

    def take(self) -> None:
        """Count one, or die instead."""
        if self.taken == self.last:
            die()
        self.taken += 1


STEPS: ContextVar[Steps | None] = ContextVar("STEPS", default=None)


class MortalDoor:
    """Dies at the step `n` of the next webhook of an event, if there is an order `door-<event>-<n>`; 0 is the first."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app, self._folder = app, folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and count its steps."""
        found = self._folder.glob(f"{DOOR}{event}-*") if (event := _event(scope)) else ()
        ordered = next((order for order in found if claimed(order)), None)
        if not ordered:
            await self._app(scope, receive, send)
            return
        steps = Steps(int(ordered.name.rpartition("-")[2]))
        token = STEPS.set(steps)
        asyncio.get_running_loop().set_task_factory(_counting)
        try:
            await _wrapped(self._app(scope, _rest(receive), _rest_of(send)), steps)
        finally:
            STEPS.reset(token)
        (self._folder / COUNTED).write_text(str(steps.taken))


def _event(scope: Scope) -> str:
    """Name the event of a webhook; empty for any other request."""
    headers: Iterable[tuple[bytes, bytes]] = scope.get("headers", ())
    return next((value.decode() for name, value in headers if name == EVENT), "")


def _rest(receive: Receive) -> Receive:
    async def read() -> Message:
        await asyncio.sleep(0)  # a body that is there already would be no step
        return await receive()

    return read


def _rest_of(send: Send) -> Send:
    async def write(message: Message) -> None:
        await asyncio.sleep(0)  # neither would be an answer that fits into the socket
        await send(message)

    return write


@coroutine
def _counted(running: Coroutine[Any, Any, T], steps: Steps) -> Generator[Any, Any, T]:
    """Run a coroutine, and count each time it goes on."""
    error: BaseException | None = None
    while True:
        steps.take()
        try:
            waits_for = running.throw(error) if error else running.send(None)
        except StopIteration as end:
            return end.value
        try:
            yield waits_for
        except BaseException as thrown:  # noqa: BLE001  # whatever it is, it is for the coroutine
            error = thrown
        else:
            error = None


def _counting(loop: asyncio.AbstractEventLoop, running: Any, **options: Any) -> "asyncio.Task[Any]":  # noqa: ANN401  # asyncio's signature
    """Make a task; one that a counted webhook starts is counted with it."""
    steps = STEPS.get()
    return asyncio.Task(_wrapped(running, steps) if steps else running, loop=loop, **options)


async def _wrapped(running: Awaitable[T], steps: Steps) -> T:
    return await _counted(cast("Coroutine[Any, Any, T]", running), steps)
