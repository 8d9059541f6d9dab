"""Where the stories of what a status writes play: a GitHub that takes it down."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

from status_workflows import FollowedWorkflow
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from github_app.worker import RUNNER
from workflows.model import (
    CheckRunReport,
    Failure,
    Item,
    LabelChange,
    LoopState,
    Progress,
    StatusReport,
    Waiting,
)
from workflows.ports import MAIN_QUEUE

ITEM = Item(1, 2, 3)
PROGRESS = Progress(LoopState.APPLY_PATCH, 1, 10, "2026-11-23T10:00:00+00:00", provider="claude", loop="one")


@dataclass
class GitHub:
    """Takes down what is written, and refuses check runs as long as it is told to."""

    statuses: list[StatusReport] = field(default_factory=list[StatusReport])
    check_runs: list[CheckRunReport] = field(default_factory=list[CheckRunReport])
    labels: set[str] = field(default_factory=set[str])
    refuses_check_runs: bool = False

    @activity.defn
    async def write_status(self, report: StatusReport) -> int:
        """Take the comment down."""
        self.statuses.append(report)
        return 9

    @activity.defn
    async def change_labels(self, change: LabelChange) -> None:
        """Change the labels."""
        self.labels = self.labels - set(change.remove) | set(change.add)

    @activity.defn
    async def write_check_run(self, report: CheckRunReport) -> int:
        """Take the check run down, also when it is refused; each commit has one."""
        self.check_runs.append(report)
        if self.refuses_check_runs:
            raise ApplicationError("no", type=Failure.PERMANENT, non_retryable=True)
        return sorted({run.sha for run in self.check_runs}).index(report.sha) + 1

    async def until(self, is_so: Callable[["GitHub"], bool]) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(20):
            while not is_so(self):
                await asyncio.sleep(0.02)

    @property
    def waiting(self) -> str:
        """Read in the comment what is waited for."""
        return self.statuses[-1].waiting if self.statuses else ""

    def concluded(self) -> list[tuple[str, str]]:
        """List the commits whose check run is over, and how."""
        return [(run.sha, run.conclusion) for run in self.check_runs if run.conclusion]


def held(reason: str, *, for_people: bool = True) -> Progress:
    """Tell that the loop waits."""
    return replace(PROGRESS, waiting=Waiting(reason, for_people=for_people))


@asynccontextmanager
async def followed(temporal: Client, github: GitHub) -> AsyncGenerator[WorkflowHandle[FollowedWorkflow, None]]:
    """Follow some work."""
    async with Worker(
        temporal,
        task_queue=MAIN_QUEUE,
        workflows=[FollowedWorkflow],
        workflow_runner=RUNNER,
        activities=[github.write_status, github.change_labels, github.write_check_run],
    ):
        yield await temporal.start_workflow(FollowedWorkflow.run, ITEM, id=f"followed:{uuid4()}", task_queue=MAIN_QUEUE)
