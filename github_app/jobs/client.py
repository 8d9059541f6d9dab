"""`AidpClient`: starts, steers and shows jobs. A job is a workflow, and its id is the workflow's."""

import contextlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from github_app.jobs.errors import FinishedError, InputError, RefusedError
from github_app.jobs.globs import check_globs
from github_app.jobs.looking import Looking, kind_of
from github_app.jobs.model import Job, JobFilter, JobStatus, Wishes, Workstreams
from github_app.jobs.starting import NewJob, Starting, new_id
from github_app.jobs.steering import Steering
from workflows.dag import find_flaw
from workflows.loop_controls import Allowance, GuardUpdate, Pause, Preference
from workflows.loop_memory import LoopInput
from workflows.model import Guards, Instruction, Limits, LoopResult, LoopSpec, Source, Task
from workflows.model.workstreams import WorkstreamPlan, WorkstreamSummary
from workflows.search_attributes import Kind
from workflows.workstream_memory import WorkstreamInput

PATIENCE = timedelta(seconds=10)
"""How long a worker may take to answer; it may be busy with other workflows."""
TOO_LATE = "{ended}; start it again, with --hold 1h to have time for retries"


class AidpClient:
    """Everything there is to do with jobs; raises a `JobError` that says to people what it could not do, and why."""

    def __init__(self, temporal: Client, patience: timedelta = PATIENCE) -> None:
        self._starting = Starting(temporal)
        self._looking = Looking(temporal, patience)
        self._steering = Steering(temporal, self._looking)

    # --- start --------------------------------------------------------------------------------------------------------

    async def start_work_loop(self, project: Path, step: str, prompt: str, wishes: Wishes | None = None) -> str:
        """Have an agent work on a step in a local repository, given by its absolute path; returns the job's id."""
        job_id, wishes = new_id(step), wishes or Wishes()
        branch = f"aidp/{job_id.removeprefix('job-')}"
        spec = LoopSpec(
            id=job_id,
            source=Source(project_dir=str(project)),
            branch=branch,
            task=Task(step, prompt),
            commit_message=step,
            read_config=True,
            providers=wishes.providers,
            max_iterations=wishes.max_iterations,
        )
        job = NewJob(job_id, Kind.WORK, step, spec.source.project_dir, branch)
        await self._starting.start(job, LoopInput(spec))
        return job_id

    async def start_workstreams(self, wanted: Workstreams) -> str:
        """Have agents work on many units at once; returns the job's id. Raises `InputError` for a flawed plan."""
        job_id = new_id(wanted.name)
        plan = WorkstreamPlan(
            id=job_id,
            source=Source(project_dir=wanted.project),
            units=wanted.units,
            concurrency=wanted.concurrency,
            branch_prefix=wanted.branch_prefix,
            read_config=True,
            hold_seconds=wanted.hold_seconds,
        )
        if flaw := find_flaw(plan):
            raise InputError(flaw)
        job = NewJob(job_id, Kind.WORKSTREAMS, wanted.name, wanted.project, wanted.branch_prefix)
        await self._starting.start(job, WorkstreamInput(plan))
        return job_id

    # --- steer --------------------------------------------------------------------------------------------------------

    async def pause(self, job_id: str, how: Pause | None = None) -> str:
        """Hold a job after its running step, or interrupt that too."""
        if await self._steering.running_kind(job_id) is Kind.WORK:
            return await self._steering.update(job_id, "pause", how)
        if how and how.seconds:
            raise RefusedError("a plan of workstreams is paused until somebody resumes it; leave the minutes out")
        return await self._pause_workstreams(job_id, interrupt=bool(how and how.interrupt))

    async def resume(self, job_id: str) -> str:
        """Let a paused job go on."""
        if await self._steering.running_kind(job_id) is Kind.WORK:
            return await self._steering.update(job_id, "resume")
        return await self._resume_workstreams(job_id)

    async def cancel(self, job_id: str, reason: str = "") -> str:
        """End a job now; its agents are stopped, and nothing is pushed."""
        if await self._steering.running_kind(job_id) is Kind.WORK:
            return await self._steering.update(job_id, "cancel", reason)
        await self._steering.signal(job_id, "cancel", reason)
        return "Cancelling; the agents are being stopped."

    async def instruct(self, job_id: str, instruction: Instruction) -> str:
        """Tell the agent something with its next prompt."""
        return await self._ask_loop(job_id, "inject_instruction", instruction)

    async def guard(self, job_id: str, update: GuardUpdate) -> str:
        """Change the guards: tighten them, or (`by_admin`) set them to exactly these."""
        check_globs(update.guards)
        await self._steering.check_loop(job_id)
        if update.by_admin:
            return await self._steering.update(job_id, "update_guard", update)
        await self._steering.signal(job_id, "update_guard", update)
        return "The guards are tightened from the next commit on."

    async def allow(self, job_id: str, more: Limits) -> str:
        """Raise a job's budget by so much; one that holds goes on."""
        return await self._ask_loop(job_id, "allow", Allowance(more))

    async def prefer(self, job_id: str, preference: Preference) -> str:
        """Have another agent or model work from the next prompt on."""
        return await self._ask_loop(job_id, "prefer", preference)

    async def reload(self, job_id: str) -> str:
        """Have the repository's configuration read again before the next iteration."""
        return await self._ask_loop(job_id, "reload_config")

    async def approve(self, job_id: str) -> str:
        """Let the changes through that wait for it."""
        return await self._ask_loop(job_id, "approve")

    async def refuse(self, job_id: str) -> str:
        """Have the changes taken out that wait for an approval."""
        return await self._ask_loop(job_id, "refuse")

    async def set_concurrency(self, job_id: str, number: int) -> str:
        """Change how many units of a plan run at once."""
        await self._steering.check_plan(job_id)
        await self._steering.ask(job_id, "set_concurrency", type(None), number)
        return f"{number} units run at once from now on; running ones are not stopped."

    async def retry(self, job_id: str, *units: str) -> str:
        """Run failed units of a plan again, or just those named."""
        try:
            await self._steering.check_plan(job_id)
        except FinishedError as error:
            raise FinishedError(TOO_LATE.format(ended=error)) from None
        if number := await self._steering.ask(job_id, "retry_failed", int, units):
            return f"{number} of its units run again, counting those that were skipped because of others."
        raise RefusedError("none of its units has failed")

    async def stop(self, job_id: str) -> str:
        """Cancel the job as Temporal does it, which needs no worker to take it in."""
        await self._steering.stop(job_id)
        return "Temporal passes the cancellation on as soon as a worker is there."

    # --- look ---------------------------------------------------------------------------------------------------------

    async def status(self, job_id: str) -> JobStatus:
        """Show a job, running or ended."""
        return await self._looking.status(job_id)

    async def guards(self, job_id: str) -> Guards:
        """Show which changes a running loop allows now."""
        await self._steering.check_loop(job_id)
        return await self._looking.guards(job_id)

    async def list(self, wanted: JobFilter | None = None) -> Sequence[Job]:
        """Show jobs, the newest first."""
        return await self._looking.find(wanted or JobFilter())

    async def kind(self, job_id: str) -> Kind:
        """Tell which kind of job it is."""
        return kind_of(await self._looking.describe(job_id))

    async def wait(self, job_id: str) -> None:
        """Wait for the end, whatever it is."""
        with contextlib.suppress(RefusedError):
            await self.result(job_id)

    async def result(self, job_id: str) -> LoopResult | WorkstreamSummary:
        """Wait for the end and return what came out of it; raises `RefusedError` when nothing did."""
        return await self._looking.result(job_id)

    # --- both kinds ---------------------------------------------------------------------------------------------------

    async def _pause_workstreams(self, job_id: str, *, interrupt: bool) -> str:
        if await self._is_paused(job_id):
            raise RefusedError("it is already paused")
        await self._steering.signal(job_id, "interrupt" if interrupt else "pause")
        return "Interrupted and paused." if interrupt else "Paused; running units finish their iteration."

    async def _resume_workstreams(self, job_id: str) -> str:
        if not await self._is_paused(job_id):
            raise RefusedError("it is not paused")
        await self._steering.signal(job_id, "resume")
        return "Resumed."

    async def _is_paused(self, job_id: str) -> bool:
        status = await self.status(job_id)
        return bool(status.workstreams and status.workstreams.paused)

    async def _ask_loop(self, job_id: str, name: str, *arguments: object) -> str:
        await self._steering.check_loop(job_id)
        return await self._steering.update(job_id, name, *arguments)
