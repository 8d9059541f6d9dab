"""Temporal's lists lag behind; ours tell how a job is now."""

from dataclasses import dataclass, field

import pytest
from jobs_scene import Stage, until
from temporalio.client import (
    Client,
    Interceptor,
    ListWorkflowsInput,
    OutboundInterceptor,
    WorkflowExecutionAsyncIterator,
)

from github_app.jobs import AidpClient, JobFilter, JobState
from workflows.model import Ending


@dataclass
class Late(Interceptor):
    """A server whose lists show what they showed before."""

    lists: list[WorkflowExecutionAsyncIterator] = field(default_factory=list[WorkflowExecutionAsyncIterator])

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002  # the SDK's name
        """Stand before the client."""
        return LateLists(next, self.lists)


class LateLists(OutboundInterceptor):
    """Answers with lists that were made before."""

    def __init__(self, next: OutboundInterceptor, lists: list[WorkflowExecutionAsyncIterator]) -> None:  # noqa: A002
        super().__init__(next)
        self.lists = lists

    def list_workflows(self, input: ListWorkflowsInput) -> WorkflowExecutionAsyncIterator:  # noqa: A002, ARG002
        """Hand out the next of them."""
        return self.lists.pop()


async def still_running(temporal: Client, job_id: str) -> WorkflowExecutionAsyncIterator:
    """List a job that runs."""

    async def look() -> WorkflowExecutionAsyncIterator | None:
        found = temporal.list_workflows(f"WorkflowId = '{job_id}' AND ExecutionStatus = 'Running'")
        await found.fetch_next_page()
        return found if found.current_page else None

    return await until(look)


@pytest.mark.parametrize(("running", "endings"), [(False, [Ending.DONE]), (True, [])])
async def test_a_late_list_tells_how_a_job_ended(stage: Stage, endings: list[Ending], *, running: bool) -> None:
    """A job that the list says is running has ended since: it shows its ending, or is none of the running ones."""
    late = Late()
    known = stage.temporal
    client = AidpClient(Client(known.service_client, data_converter=known.data_converter, interceptors=[late]))
    job_id = await stage.start("Answer: now")
    late.lists.append(await still_running(known, job_id))
    stage.cue()
    await stage.client.wait(job_id)
    found = await client.list(JobFilter(project=str(stage.project), running=running))
    assert [job.ending for job in found] == endings
    assert all(job.state is JobState.FINISHED for job in found)
