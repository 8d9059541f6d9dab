"""Following the work while it runs, as any client of Temporal can: every loop tells where it is."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
from temporalio.client import Client, WorkflowExecution, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from github_app.demo.page import Show
from workflows.model import CheckResult, LoopResult, LoopState, Progress, Spent
from workflows.processors import PROCESSORS
from workflows.work_loop import WorkLoopWorkflow

GLANCE_SECONDS = 0.15
ANSWER = timedelta(seconds=20)
LOOPS = "WorkflowType IN ('WorkLoopWorkflow', 'ConsultationWorkflow')"
UNSAID = ("Preparing a workspace", "Running the checks", "claude is working")
"""Every loop says so; what comes of it tells more."""
AT_WORK = f"WorkflowType IN ({', '.join(repr(name) for name in PROCESSORS.values())}) AND ExecutionStatus = 'Running'"
WORKING = " is working"
REASON = re.compile(r"( failed \(\w+\)): .*; ", re.DOTALL)
"""Of a failure; the status comment has it."""

Loop = WorkflowHandle[WorkLoopWorkflow, LoopResult]


@dataclass(slots=True)
class Shown:
    """What has been told of one loop; only what is new is told next."""

    name: str
    show: Show
    note: str = ""
    told: int = 0
    checks: tuple[CheckResult, ...] = ()

    def report(self, progress: Progress) -> None:
        """Tell what is new."""
        if progress.checks != self.checks:
            self.checks = progress.checks
            self.show("checks", f"{self.name}: {summary(progress.checks)}")
        for line in progress.log[self.told :]:
            what = REASON.sub(r"\1; ", line.text)
            self.show("aidp", f"{self.name}: {what}")
        self.told = len(progress.log)
        if progress.note != self.note and progress.state is not LoopState.DONE:
            self.note = progress.note
            if self.note and not self.note.startswith(UNSAID):
                self.show("agent" if self.note.endswith(WORKING) else "aidp", f"{self.name}: {self.note}")


@dataclass(slots=True)
class Follower:
    """Follows every loop there is."""

    client: Client
    show: Show
    loops: dict[str, Progress | None] = field(default_factory=dict[str, Progress | None])
    """Where each loop is, or was at its end."""

    async def follow(self) -> None:
        """Look for loops, and tell of each of them."""
        async with anyio.create_task_group() as group:
            while True:
                async for execution in self.client.list_workflows(LOOPS):
                    if execution.id not in self.loops:
                        self.loops[execution.id] = None
                        group.start_soon(self._follow, execution)
                await anyio.sleep(GLANCE_SECONDS)

    async def until_idle(self) -> None:
        """Wait until no work is left on any item; its labels go a moment earlier."""
        while True:
            if not [execution async for execution in self.client.list_workflows(AT_WORK)]:
                return
            await anyio.sleep(GLANCE_SECONDS)

    @property
    def spent(self) -> Spent:
        """Add up what all loops have spent."""
        return sum((progress.spent for progress in self.loops.values() if progress), Spent())

    def running(self, kind: str) -> Progress | None:
        """Say where the newest loop of some kind of work is."""
        found = [progress for name, progress in self.loops.items() if progress and name.startswith(kind)]
        return found[-1] if found else None

    async def _follow(self, execution: WorkflowExecution) -> None:
        loop = self.client.get_workflow_handle_for(WorkLoopWorkflow.run, execution.id)
        shown = Shown((execution.parent_id or execution.id).partition(":")[0], self.show)
        async for progress in progress_of(loop):
            self.loops[execution.id] = progress
            shown.report(progress)


async def progress_of(loop: Loop) -> AsyncGenerator[Progress]:
    """Ask a loop where it is, again and again, until it has ended."""
    ended = False
    while not ended:
        try:
            ended = (await loop.describe()).close_time is not None
            yield await loop.query(WorkLoopWorkflow.status, rpc_timeout=ANSWER)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it is about to start
                raise
        await anyio.sleep(GLANCE_SECONDS)


def summary(checks: tuple[CheckResult, ...]) -> str:
    """Tell how the checks went, in one line."""
    return (
        ", ".join(f"{'✅' if check.passed else '❌'} {check.name}: {check.summary}" for check in checks) or "none yet"
    )
