"""Hosts that are killed at a step of their own, and come back: `mortal_hosts.py <address> <folder> <step> ...`.

A host dies before, during and after its step, such as `run-agent`: each once, one after the other; during only those
that start a process, by which that moment is known. It works in a
Temporal namespace named like the step and in a process of its own; this one starts them, and starts them again. What
follows a dot, as in `run-agent.cancelled`, tells two hosts apart that die at the same step.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import temporalio.client
from loop_scene import settings
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from github_app.worker import working

MOMENTS = ("before", "during", "after")
CHILDLESS = ("detect-checks", "write-prompt", "write-question", "read-answer", "record-spending")
LOOK_SECONDS = 0.005


class Mortal(temporalio.client.Interceptor, Interceptor):
    """Kills its own process when an activity of one kind runs, and leaves a mark for each death."""

    def __init__(self, step: str, folder: Path) -> None:
        self.activity = step.partition(".")[0].replace("-", "_")
        self.deaths = [folder / f"{step}-{moment}" for moment in moments(step)]

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002  # Temporal's name
        """Stand before every activity."""
        return _MortalActivity(next, self)


class _MortalActivity(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, mortal: Mortal) -> None:
        super().__init__(following)
        self._mortal = mortal

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401  # Temporal's signature
        death = next((path for path in self._mortal.deaths if not path.exists()), None)
        if activity.info().activity_type != self._mortal.activity or not death:
            return await super().execute_activity(input)
        death.touch()
        if not death.name.endswith("before"):
            step = asyncio.create_task(super().execute_activity(input))
            while not step.done() and (death.name.endswith("after") or not _children()):
                await asyncio.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)
        return None


def moments(step: str) -> tuple[str, ...]:
    """List when a host dies."""
    return tuple(moment for moment in MOMENTS if moment != "during" or step not in CHILDLESS)


async def work(address: str, folder: Path, step: str) -> None:
    """Be a host until the end."""
    client = await temporalio.client.Client.connect(address, namespace=step, interceptors=[Mortal(step, folder)])
    async with working(client, settings(folder / step)):
        await asyncio.Event().wait()


def main(address: str, folder: Path, steps: list[str]) -> None:
    """Keep a host alive for every step."""
    signal.signal(signal.SIGTERM, _leave)
    hosts = {_start(address, folder, step): step for step in steps}
    try:
        while True:
            pid, status = os.wait()
            step = hosts.pop(pid)
            if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
                sys.exit(f"{step} ended by itself")
            hosts[_start(address, folder, step)] = step
    finally:
        for pid in hosts:
            os.kill(pid, signal.SIGKILL)


def _start(address: str, folder: Path, step: str) -> int:
    """Fork, which is much quicker than to start Python and import everything for each life of each host."""
    if pid := os.fork():
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        asyncio.run(work(address, folder, step))
    finally:
        os._exit(1)


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    sys.exit()


def _children() -> bool:
    return any(path.read_text() for path in Path("/proc/self/task").glob("*/children"))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
