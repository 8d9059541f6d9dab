"""A host runs only so many agents at once; the others wait for their turn, and show that they are alive."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.agents.environment import AgentSettings
from activities.agents.runner import AgentActivities
from workflows.breaker import FAILURES
from workflows.model import AgentResult, AgentTask, AgentWait, Failure, FailureDetail, Source, Workspace

AGENT = """
import os, pathlib, sys, time
here = pathlib.Path("../..", "running")
here.mkdir(exist_ok=True)
mine = here / str(os.getpid())
mine.touch()
time.sleep(0.3)
print(len(list(here.iterdir())))
mine.unlink()
"""
FAILING_AGENT = """
import pathlib, sys
pathlib.Path("../../started").open("a").write("x")
sys.exit(75)
"""


class Host:
    """A host with one agent program, and a workspace for every task."""

    def __init__(self, root: Path, program: str, slots: int) -> None:
        self.root = root
        (root / "agent.py").write_text(program)
        self.settings = AgentSettings(
            command=f"{sys.executable} {root / 'agent.py'}",
            environment={"PATH": os.environ["PATH"]},
            slots=slots,
            breakers=root / "breakers",
        )
        self.agents = AgentActivities(self.settings)

    def task(self, name: str) -> AgentTask:
        """Prepare a run."""
        directory = self.root / name
        (directory / "tree").mkdir(parents=True, exist_ok=True)
        prompt = directory / "prompt.md"
        prompt.write_text("Do it.")
        workspace = Workspace(name, Source(), "queue", str(directory), "aidp/1", "main", "a", "a")
        return AgentTask(workspace, 1, str(prompt), "command")

    async def run(self, name: str) -> AgentResult:
        """Run the agent."""
        return await ActivityEnvironment().run(self.agents.run_agent, self.task(name))


async def test_no_more_agents_run_at_once_than_there_are_slots(tmp_path: Path) -> None:
    """Five tasks on two slots: never a third agent beside two others, and all get their turn."""
    host = Host(tmp_path, AGENT, slots=2)
    results = await asyncio.gather(*(host.run(name) for name in "abcde"))
    assert max(int(result.message) for result in results) == 2


async def test_a_waiting_run_sends_heartbeats(tmp_path: Path) -> None:
    """A task that waits for its slot longer than its heartbeat time-out is not taken for lost; they say how long."""
    host = Host(tmp_path, AGENT, slots=1)
    beats: list[Sequence[AgentWait]] = []
    waiting = ActivityEnvironment()
    queued = waiting.info.started_time - timedelta(seconds=100)
    waiting.info = replace(waiting.info, heartbeat_timeout=timedelta(seconds=0.2), scheduled_time=queued)
    waiting.on_heartbeat = lambda *details: beats.append(details)
    first = asyncio.create_task(host.run("first"))
    async with asyncio.timeout(10):
        while not (tmp_path / "running").exists():
            await asyncio.sleep(0.01)
    second = asyncio.create_task(waiting.run(host.agents.run_agent, host.task("second")))
    await first
    waits = [wait.seconds for [wait] in beats]
    assert len(waits) >= 3
    assert waits == sorted(waits)
    assert 100 <= waits[0] < 101
    await second
    assert beats[-1] == ()


async def test_a_cancelled_wait_leaves_the_slot_to_others(tmp_path: Path) -> None:
    """Whoever stops waiting takes nothing with them, and says that no agent has worked for them."""
    host = Host(tmp_path, AGENT, slots=1)
    runs = [asyncio.create_task(host.run(name)) for name in "abc"]
    await asyncio.sleep(0.05)
    runs[1].cancel()
    ends = await asyncio.gather(*runs, return_exceptions=True)
    assert [type(end) for end in ends] == [AgentResult, ApplicationError, AgentResult]
    assert isinstance(ends[1], ApplicationError)
    assert (ends[1].type, ends[1].details) == (Failure.NOT_BEGUN, (FailureDetail("command"),))


async def test_a_provider_that_keeps_failing_is_not_even_started(tmp_path: Path) -> None:
    """After five failures the sixth run is refused as rate limited, with the time at which it may try again."""
    host = Host(tmp_path, FAILING_AGENT, slots=1)
    for _ in range(FAILURES):
        with pytest.raises(ApplicationError) as failed:
            await host.run("a")
        assert replace(failed.value.details[0], seconds=0) == FailureDetail("command")
    with pytest.raises(ApplicationError) as refused:
        await host.run("a")
    assert refused.value.type == Failure.RATE_LIMITED
    detail = refused.value.details[0]
    assert isinstance(detail, FailureDetail)
    assert 290 < (detail.retry_after_seconds or 0) <= 300
    assert (tmp_path / "started").read_text() == "x" * FAILURES
