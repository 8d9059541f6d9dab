"""A door or a worker that is started again whenever it was killed: `lives.py door|work <name> <folder> <address>`.

It forks for each life, which is much quicker than to start Python and to import everything. `<folder>/<name>.pid` names
the process that lives now, `<folder>/<name>.lives` has a line for each life so far. SIGTERM ends it in order.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import FrameType

from deaths import MortalDoor, MortalWorker
from temporalio.client import Client

from github_app import telemetry
from github_app.app import build
from github_app.server import listen, serve_on
from github_app.settings import DoorSettings, WorkerSettings, load
from github_app.up import stop_signal
from github_app.worker import working

Live = Callable[[Path, str, Path], Awaitable[None]]


async def door(orders: Path, address: str, mark: Path) -> None:
    """Take webhooks until SIGTERM."""
    stop, settings = stop_signal(), load(DoorSettings)
    client = await Client.connect(address, lazy=True)
    app = MortalDoor(build(settings, client), orders)
    serving = asyncio.create_task(serve_on(listen(settings.host, settings.port), app))
    _mark(mark)
    await stop.wait()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def work(orders: Path, address: str, mark: Path) -> None:
    """Work until SIGTERM."""
    stop, settings = stop_signal(), load(WorkerSettings)
    client = await _connected(address, orders)
    async with working(client, settings):
        _mark(mark)
        await stop.wait()


ROLES: Mapping[str, Live] = {"door": door, "work": work}


async def _connected(address: str, orders: Path) -> Client:
    """Wait until Temporal answers, which may be dead as well."""
    while True:
        try:
            return await Client.connect(address, interceptors=[MortalWorker(orders)])
        except RuntimeError:
            await asyncio.sleep(0.1)


def _mark(mark: Path) -> None:
    """Tell that this life has begun."""
    with mark.open("a") as file:
        file.write(f"{os.getpid()}\n")


def main(role: str, name: str, folder: Path, address: str) -> None:
    """Keep it alive until SIGTERM; a life that ends by itself is a mistake."""
    (orders := folder / "orders").mkdir(exist_ok=True)
    signal.signal(signal.SIGTERM, _leave)
    while True:
        life = _fork(lambda: ROLES[role](orders, address, folder / f"{name}.lives"))
        (folder / f"{name}.pid").write_text(str(life))
        try:
            _, status = os.waitpid(life, 0)
        except SystemExit:
            os.kill(life, signal.SIGTERM)
            os.waitpid(life, 0)
            raise
        if (code := os.waitstatus_to_exitcode(status)) != -signal.SIGKILL:
            sys.exit(f"{name} ended by itself with {code}")


def _fork(live: Callable[[], Awaitable[None]]) -> int:
    if pid := os.fork():
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    code = 1
    try:
        telemetry.configure("json")
        asyncio.run(_awaited(live))
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


async def _awaited(live: Callable[[], Awaitable[None]]) -> None:
    await live()


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    sys.exit()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
