"""Following a work loop while it runs, as any client can: its reports, and a hand on its controls."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from github_app.demo.github import Repository
from github_app.jobs import AidpClient
from workflows.model import CheckResult, Instruction, LoopResult, Priority, Progress
from workflows.processors.build import BuildProcessorWorkflow
from workflows.work_loop import WorkLoopWorkflow

GLANCE_SECONDS = 0.05
ANSWER = timedelta(seconds=20)
INSTRUCTION = Instruction('Also read days: "1d" is 86400 seconds.', Priority.HIGH, author="ada")

Show = Callable[[str, str], None]
"""Shows one step: what happened, and details."""
Loop = WorkflowHandle[WorkLoopWorkflow, LoopResult]


@dataclass(slots=True)
class Shown:
    """What has been shown of a loop; only what is new is shown next."""

    show: Show
    notes: list[str] = field(default_factory=list[str])
    checks: tuple[CheckResult, ...] = ()

    def report(self, progress: Progress) -> None:
        """Show what is new."""
        if progress.note and progress.note not in self.notes[-1:]:
            self.notes.append(progress.note)
            self.show("loop", f"{f'iteration {progress.iteration}: ' * bool(progress.iteration)}{progress.note}")
        if progress.checks != self.checks:
            self.checks = progress.checks
            self.show("checks", summary(progress.checks))


async def find_loop(client: Client, repository: Repository, number: int) -> Loop:
    """Find the running work loop of an issue."""
    build = client.get_workflow_handle_for(BuildProcessorWorkflow.run, f"build:{repository.id}#{number}")
    run = (await build.describe()).run_id
    return client.get_workflow_handle_for(WorkLoopWorkflow.run, f"loop:{repository.id}#{number}:{run[:8]}")


async def progress_of(loop: Loop) -> AsyncGenerator[Progress]:
    """Ask the loop where it is, again and again, until it has ended."""
    ended = False
    while not ended:
        try:
            ended = (await loop.describe()).close_time is not None
            yield await loop.query(WorkLoopWorkflow.status, rpc_timeout=ANSWER)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it is about to start
                raise
        await anyio.sleep(GLANCE_SECONDS)


async def steer(client: Client, loop: Loop, show: Show) -> None:
    """Pause it, tell the agent something, and let it go on; `aidp jobs` does the same."""
    jobs = AidpClient(client)
    show("pause", await jobs.pause(loop.id))
    show("tell", f"“{INSTRUCTION.text}”")
    show("tell", await jobs.instruct(loop.id, INSTRUCTION))
    async for progress in progress_of(loop):
        if progress.note == "Paused":
            break
    show("loop", "Paused; waiting writes no history and may take a month")
    show("resume", await jobs.resume(loop.id))


def summary(checks: tuple[CheckResult, ...]) -> str:
    """Tell how the checks went, in one line."""
    return ", ".join(f"{'✅' if check.passed else '❌'} {check.name}: {check.summary}" for check in checks)
