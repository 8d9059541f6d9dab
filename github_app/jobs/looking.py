"""Looking at jobs: Temporal knows which there are, the running ones tell how they are, the ended ones left a result."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from github_app.jobs.errors import NoWorkerError, RefusedError, UnknownJobError
from github_app.jobs.model import Job, JobFilter, JobState, JobStatus
from github_app.jobs.starting import PREFIX
from workflows.model import CheckpointReport, Ending, Guards, LoopResult
from workflows.model.workstreams import UnitCounts, UnitStatus, WorkstreamSummary
from workflows.search_attributes import KIND, PROJECT, Kind
from workflows.work_loop import WorkLoopWorkflow
from workflows.workstreams import WorkstreamOrchestratorWorkflow

UNANSWERED = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED, RPCStatusCode.FAILED_PRECONDITION)
"""What a query ends with when no worker takes it."""
SIMILAR = 3
RECENT = 200
SEARCHED = 10_000
"""So many workflows are looked at for a list."""
HELD = "until {until} failed units can run again: aidp jobs retry {id}"
WORK = f"WorkflowType IN ({', '.join(repr(kind.workflow_type) for kind in Kind)})"
LAST_RUN = "ExecutionStatus != 'ContinuedAsNew'"
RUNNING = "ExecutionStatus = 'Running'"
BY_ID = f"WorkflowId STARTS_WITH '{PREFIX}'"
QUOTE = "'"
ENDINGS = {
    WorkflowExecutionStatus.CANCELED: "cancelled",
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.TIMED_OUT: "timed out",
}
"""Endings that no loop reports by itself."""

LoopHandle = WorkflowHandle[WorkLoopWorkflow, LoopResult]
WorkstreamsHandle = WorkflowHandle[WorkstreamOrchestratorWorkflow, WorkstreamSummary]


def kind_of(execution: WorkflowExecution) -> Kind:
    """Tell a job's kind; raises `UnknownJobError` for what is no job."""
    for kind in Kind:
        if execution.workflow_type == kind.workflow_type:
            return kind
    raise UnknownJobError(f"`{execution.id}` is no job but a {execution.workflow_type}.")


@dataclass(frozen=True, slots=True)
class Looking:
    """Reads what there is to know of jobs."""

    temporal: Client
    patience: timedelta

    async def describe(self, job_id: str) -> WorkflowExecutionDescription:
        """Find a job; raises `UnknownJobError` that names similar ones."""
        try:
            return await self.temporal.get_workflow_handle(job_id).describe(rpc_timeout=self.patience)
        except RPCError as error:
            if error.status not in {RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT}:
                raise
        query = f"{WORK} AND {LAST_RUN}"
        known = {execution.id async for execution in self.temporal.list_workflows(query, limit=RECENT)}
        similar = get_close_matches(job_id, known, n=SIMILAR, cutoff=0.4)
        hint = f" Did you mean {' or '.join(similar)}?" if similar else " `aidp jobs list` shows what there is."
        raise UnknownJobError(f"There is no job `{job_id}`.{hint}")

    async def status(self, job_id: str) -> JobStatus:
        """Show everything there is to see of a job; raises `NoWorkerError` when it runs and nobody can ask it."""
        status = await self._now(await self.describe(job_id))
        if not status.progress:
            return status
        async with _answered():
            return replace(status, checkpoint=await self._checkpoint(status.job))

    async def guards(self, job_id: str) -> Guards:
        """Show the guards of a running loop."""
        async with _answered():
            return await self._loop(job_id).query(WorkLoopWorkflow.guards, rpc_timeout=self.patience)

    async def find(self, wanted: JobFilter) -> Sequence[Job]:
        """Show jobs, the newest first."""
        jobs = await asyncio.gather(*map(self._line, await self._executions(wanted)))
        return [job for job in jobs if not (wanted.running and job.ending)]  # Temporal's lists lag

    async def result(self, job_id: str) -> LoopResult | WorkstreamSummary:
        """Wait for a job's result."""
        kind = kind_of(await self.describe(job_id))
        try:
            if kind is Kind.WORKSTREAMS:
                return await self._workstreams(job_id).result()
            return await self._loop(job_id).result()
        except WorkflowFailureError as error:
            raise RefusedError(f"it has no result: {error.cause}") from error

    async def _executions(self, wanted: JobFilter) -> list[WorkflowExecution]:
        try:
            return await self._search(wanted, attributes=True)
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT:  # a server that does not know our attributes
                raise
        return await self._search(wanted, attributes=False)

    async def _search(self, wanted: JobFilter, *, attributes: bool) -> list[WorkflowExecution]:
        """Page through what Temporal knows; what it can not search for is looked at one by one."""
        found = list[WorkflowExecution]()
        query = _query(wanted, attributes=attributes)
        async for execution in self.temporal.list_workflows(query, limit=SEARCHED, rpc_timeout=self.patience):
            if wanted.project in {"", await execution.memo_value("project", "")}:
                found.append(execution)
            if len(found) == wanted.limit:
                break
        return found

    async def _line(self, execution: WorkflowExecution) -> Job:
        try:
            return (await self._now(execution)).job
        except NoWorkerError:
            return await _outline(execution)

    async def _now(self, execution: WorkflowExecution) -> JobStatus:
        """Ask a running job how it is; read how an ended one ended, or one that has ended since it was found."""
        if execution.close_time:
            return await self._ended(await _outline(execution), execution)
        async with _answered():
            status = await self._running(await _outline(execution))
        since = await self.describe(execution.id)
        return await self._now(since) if since.close_time else status

    async def _running(self, job: Job) -> JobStatus:
        if job.kind is Kind.WORKSTREAMS:
            return await self._running_workstreams(job)
        return await self._running_loop(job)

    async def _running_loop(self, job: Job) -> JobStatus:
        progress = await self._loop(job.id).query(WorkLoopWorkflow.status, rpc_timeout=self.patience)
        state = JobState(progress.status)
        if progress.waiting and state is JobState.RUNNING:
            state = JobState.WAITING
        reason = progress.waiting.reason if progress.waiting and state is JobState.WAITING else ""
        job = replace(_begun(job, progress.started), state=state, branch=progress.branch, reason=reason)
        return JobStatus(job, progress)

    async def _running_workstreams(self, job: Job) -> JobStatus:
        summary = await self._workstreams(job.id).query(
            WorkstreamOrchestratorWorkflow.progress, rpc_timeout=self.patience
        )
        state, reason = _standing(summary, job.id)
        return JobStatus(replace(_lasting(job, summary.seconds), state=state, reason=reason), workstreams=summary)

    async def _ended(self, job: Job, execution: WorkflowExecution) -> JobStatus:
        try:
            if job.kind is Kind.WORKSTREAMS:
                summary = await self._workstreams(job.id).result()
                job = _lasting(job, summary.seconds)
                return JobStatus(replace(job, ending=_ending_of(summary.counts)), workstreams=summary)
            result = await self._loop(job.id).result()
        except WorkflowFailureError as error:
            status = execution.status or WorkflowExecutionStatus.FAILED
            return JobStatus(replace(job, ending=ENDINGS.get(status, Ending.FAILED), reason=str(error.cause)))
        job, outcome = _lasting(job, result.seconds), result.outcome
        return JobStatus(
            replace(job, ending=outcome.ending, reason=outcome.reason, branch=result.branch), result=result
        )

    async def _checkpoint(self, job: Job) -> CheckpointReport:
        return await self._loop(job.id).query(WorkLoopWorkflow.checkpoint, rpc_timeout=self.patience)

    def _loop(self, job_id: str) -> LoopHandle:
        return self.temporal.get_workflow_handle_for(WorkLoopWorkflow.run, job_id)

    def _workstreams(self, job_id: str) -> WorkstreamsHandle:
        return self.temporal.get_workflow_handle_for(WorkstreamOrchestratorWorkflow.run, job_id)


def _query(wanted: JobFilter, *, attributes: bool) -> str:
    conditions = [WORK, LAST_RUN]
    if not wanted.everything:
        conditions.append(f"({KIND.name} IS NOT NULL OR {BY_ID})" if attributes else BY_ID)
    if wanted.running:
        conditions.append(RUNNING)
    if wanted.project and attributes:  # what others started, or a server that was new to it, has only a memo
        named = f"{PROJECT.name} = '{wanted.project.replace(QUOTE, QUOTE * 2)}'"
        conditions.append(f"({named} OR {PROJECT.name} IS NULL)")
    return " AND ".join(conditions)


async def _outline(execution: WorkflowExecution) -> Job:
    """Say what Temporal itself knows of a job."""
    ended = execution.close_time
    return Job(
        id=execution.id,
        kind=kind_of(execution),
        state=JobState.FINISHED if ended else JobState.NO_ANSWER,
        title=await execution.memo_value("title", ""),
        project=await execution.memo_value("project", ""),
        branch=await execution.memo_value("branch", ""),
        started=execution.start_time.isoformat(),
        seconds=((ended or datetime.now(UTC)) - execution.start_time).total_seconds(),
    )


def _begun(job: Job, started: str) -> Job:
    """Count from the beginning of the work: Temporal counts from its last continue-as-new."""
    if not started:
        return job
    begun, known = datetime.fromisoformat(started), datetime.fromisoformat(job.started)
    return replace(job, started=started, seconds=job.seconds + (known - begun).total_seconds())


def _lasting(job: Job, seconds: float) -> Job:
    """Say that it took so long until it ended, or until now."""
    begun = datetime.fromisoformat(job.started) + timedelta(seconds=job.seconds - seconds)
    return replace(job, started=begun.isoformat(), seconds=seconds) if seconds else job


def _standing(summary: WorkstreamSummary, job_id: str) -> tuple[JobState, str]:
    """Say how running workstreams are, and what they wait for; while one of the units works, they work."""
    if summary.held_until:
        return JobState.WAITING, HELD.format(until=summary.held_until, id=job_id)
    if summary.paused:
        return JobState.PAUSED, ""
    running = [unit for unit in summary.units if unit.status is UnitStatus.RUNNING]
    if not running or not all(unit.waiting for unit in running):
        return JobState.RUNNING, ""
    more = f" (and {len(running) - 1} more)" if len(running) > 1 else ""
    return JobState.WAITING, f"{running[0].slug}: {running[0].waiting}{more}"


def _ending_of(counts: UnitCounts) -> Ending:
    if counts.failed or counts.skipped:
        return Ending.FAILED
    return Ending.CANCELLED if counts.cancelled else Ending.DONE


@asynccontextmanager
async def _answered() -> AsyncGenerator[None]:
    """Tell a job that nobody works on from one that answers."""
    try:
        yield
    except WorkflowQueryFailedError as error:
        raise NoWorkerError from error
    except RPCError as error:
        if error.status not in UNANSWERED:
            raise
        raise NoWorkerError from error
