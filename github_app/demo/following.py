"""Following a work loop while it runs, as any client can: by its reports."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from workflows.model import CheckResult, LoopResult, Progress
from workflows.work_loop import WorkLoopWorkflow

GLANCE_SECONDS = 0.05
BEGIN_SECONDS = 60
ANSWER = timedelta(seconds=20)

Show = Callable[[str, str], None]
"""Shows one step: who or what, and details."""
Loop = WorkflowHandle[WorkLoopWorkflow, LoopResult]


@dataclass(slots=True)
class Following:
    """A loop, and what was shown of it; only what is new is shown next."""

    loop: Loop
    notes: list[str] = field(default_factory=list[str])
    checks: tuple[CheckResult, ...] = ()

    @classmethod
    async def begin(cls, client: Client, prefix: str) -> "Following":
        """Wait for a loop whose id begins like this."""
        question = f"WorkflowType = 'WorkLoopWorkflow' AND WorkflowId STARTS_WITH '{prefix}'"
        with anyio.fail_after(BEGIN_SECONDS):
            while True:
                async for execution in client.list_workflows(question):
                    return cls(client.get_workflow_handle_for(WorkLoopWorkflow.run, execution.id))
                await anyio.sleep(GLANCE_SECONDS)

    async def until(self, show: Show, is_so: Callable[[Progress], bool]) -> Progress:
        """Show each step as the loop itself reports it, until it is so or has ended."""
        progress = None
        async for progress in self._reports():
            self._show(show, progress)
            if is_so(progress):
                break
        if not progress:
            raise RuntimeError("the loop never said anything")
        return progress

    async def to_the_end(self, show: Show) -> Progress:
        """Show each step until it has ended."""
        return await self.until(show, lambda _: False)

    async def _reports(self) -> AsyncGenerator[Progress]:
        """Ask the loop where it is, again and again, until it has ended."""
        ended = False
        while not ended:
            try:
                ended = (await self.loop.describe()).close_time is not None
                yield await self.loop.query(WorkLoopWorkflow.status, rpc_timeout=ANSWER)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:  # it is about to start
                    raise
            await anyio.sleep(GLANCE_SECONDS)

    def _show(self, show: Show, progress: Progress) -> None:
        if progress.note and progress.note not in self.notes[-1:]:
            self.notes.append(progress.note)
            show("loop", f"{f'iteration {progress.iteration}: ' * bool(progress.iteration)}{progress.note}")
        if progress.checks != self.checks:
            self.checks = progress.checks
            show("checks", summary(progress.checks))


def summary(checks: tuple[CheckResult, ...]) -> str:
    """Tell how the checks went, in one line."""
    return ", ".join(f"{'✅' if check.passed else '❌'} {check.name}: {check.summary}" for check in checks)
