"""What people do with jobs, from start to branch, through the Python client."""

from pathlib import Path

import pytest
from jobs_scene import Stage, until
from temporalio.client import Client

from github_app.jobs import (
    AidpClient,
    InputError,
    Job,
    JobFilter,
    JobState,
    RefusedError,
    UnknownJobError,
    Workstreams,
)
from workflows.loop_controls import GuardUpdate, Pause
from workflows.model import Ending, Guards, Instruction, LoopResult, Priority, Progress
from workflows.model.workstreams import Unit, WorkstreamSummary
from workflows.search_attributes import KIND, PROJECT


def is_alive(pid: int) -> bool:
    """Look whether a process is there."""
    return Path("/proc", str(pid), "status").exists()


async def until_held(stage: Stage, job_id: str) -> Progress:
    """Wait until a pause has taken hold."""

    async def look() -> Progress | None:
        progress = (await stage.client.status(job_id)).progress
        return progress if progress and progress.note == "Paused" else None

    return await until(look)


async def listed(client: AidpClient, wanted: JobFilter, job_id: str) -> Job:
    """Wait until a list shows a job: visibility lags by moments."""

    async def look() -> Job | None:
        return next((job for job in await client.list(wanted) if job.id == job_id), None)

    return await until(look)


async def test_a_job_is_steered_to_its_result(stage: Stage) -> None:
    """An instruction reaches the agent's next prompt, a pause holds the job, and the branch has what was asked for."""
    client, job_id = stage.client, await stage.start()
    await stage.until_working()
    assert "number 1 of 1" in await client.instruct(job_id, Instruction("Answer: right", Priority.HIGH))
    await client.pause(job_id)
    stage.cue()
    progress = await until_held(stage, job_id)
    assert (await client.status(job_id)).job.state is JobState.PAUSED
    assert [each.text for each in progress.instructions] == ["Answer: right"]
    assert not (stage.directory / "pid-2").exists()
    assert await client.resume(job_id) == "Resumed."

    result = await client.result(job_id)
    assert isinstance(result, LoopResult)
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 2)
    assert stage.git("show", f"{result.branch}:answer.txt") == "right"
    assert stage.git("log", "--format=%s", f"main..{result.branch}") == "Add an answer"


async def test_a_cancelled_job_leaves_no_agent(stage: Stage) -> None:
    """When the job says that it is cancelled, its agent is gone, and nothing was pushed."""
    job_id = await stage.start()
    pid = await stage.until_working()
    assert is_alive(pid)
    await stage.client.cancel(job_id, "wrong idea")
    result = await stage.client.result(job_id)
    assert not is_alive(pid)
    assert isinstance(result, LoopResult)
    assert (result.outcome.ending, result.outcome.reason) == (Ending.CANCELLED, "wrong idea")
    assert stage.git("branch", "--list", "aidp/*") == ""


async def test_a_stopped_job_ends_as_a_cancelled_one(stage: Stage) -> None:
    """Temporal's own cancellation stops the agent, too."""
    job_id = await stage.start()
    pid = await stage.until_working()
    await stage.client.stop(job_id)
    await stage.client.wait(job_id)
    assert not is_alive(pid)
    assert (await stage.client.status(job_id)).job.ending == Ending.CANCELLED


async def test_a_job_is_found_by_its_repository(stage: Stage) -> None:
    """Lists show what Temporal indexes: our attributes are on the job, and a quote in a path is no injection."""
    job_id = await stage.start("Answer: now")
    found = await listed(stage.client, JobFilter(project=str(stage.project), running=True), job_id)
    assert (found.title, found.state, found.project) == ("Add an answer", JobState.RUNNING, str(stage.project))
    description = await stage.temporal.get_workflow_handle(job_id).describe()
    assert description.typed_search_attributes.get(KIND) == "work"
    assert description.typed_search_attributes.get(PROJECT) == str(stage.project)
    assert await stage.client.list(JobFilter(project="it's elsewhere' OR 'a' = 'a")) == []
    stage.cue()
    await stage.client.wait(job_id)
    ended = await listed(stage.client, JobFilter(project=str(stage.project)), job_id)
    assert (ended.state, ended.ending) == (JobState.FINISHED, Ending.DONE)


async def test_a_running_job_says_why_it_refuses(stage: Stage) -> None:
    """Each refusal is a reason; nothing of what was refused happens."""
    client, job_id = stage.client, await stage.start("Answer: soon")
    await stage.until_working()
    with pytest.raises(RefusedError, match="it is not paused"):
        await client.resume(job_id)
    with pytest.raises(RefusedError, match="nothing waits for an approval"):
        await client.approve(job_id)
    with pytest.raises(RefusedError, match="the instruction is empty"):
        await client.instruct(job_id, Instruction("  "))
    assert "Interrupted" in await client.pause(job_id, Pause(interrupt=True))
    with pytest.raises(RefusedError, match="it is already paused"):
        await client.pause(job_id)
    await until_held(stage, job_id)
    await client.cancel(job_id)
    await client.wait(job_id)
    with pytest.raises(RefusedError, match=r"^it finished (just now|\d+ s ago)$"):
        await client.instruct(job_id, Instruction("Answer: late"))


async def test_guards_hold_from_when_they_are_told(stage: Stage) -> None:
    """A tightened guard keeps the agent's file out of the work; the configuration can be read again beside it."""
    client, job_id = stage.client, await stage.start("Answer: right")
    await stage.until_working()
    guards = Guards(exclude=("answer.txt",), allow_protected=("**",), max_changed_lines=None, max_file_bytes=None)
    assert "tightened" in await client.guard(job_id, GuardUpdate(guards))
    assert "read again" in await client.reload(job_id)
    stage.cue("go-1")
    await stage.until_working(2)
    status = await client.status(job_id)
    assert status.progress
    assert status.progress.change.files == 0
    await client.cancel(job_id)
    await client.wait(job_id)


async def test_a_wrong_id_names_the_right_one(stage: Stage) -> None:
    """An unknown job is told with those that are meant, and a workflow of another kind is no job."""
    job_id = await stage.start("Answer: right")
    stage.cue()
    await listed(stage.client, JobFilter(), job_id)
    with pytest.raises(UnknownJobError, match=f"Did you mean .*{job_id}"):
        await stage.client.status(f"{job_id[:-1]}0")
    with pytest.raises(UnknownJobError, match="There is no job"):
        await stage.client.pause("")
    await stage.client.wait(job_id)


async def test_workstreams_are_one_job(stage: Stage) -> None:
    """Units run in their order; what only a loop has is refused with the ids to use instead."""
    units = (
        Unit("first", "First", stage.prompt("Answer: one")),
        Unit("second", "Second", stage.prompt("Answer: two"), ("first",)),
    )
    client = stage.client
    job_id = await client.start_workstreams(Workstreams("both", str(stage.project), units))
    await stage.until_working()
    with pytest.raises(RefusedError, match=f"such as loop:{job_id}/SLUG"):
        await client.instruct(job_id, Instruction("Answer: three"))
    with pytest.raises(RefusedError, match="it is not paused"):
        await client.resume(job_id)
    await client.pause(job_id)
    assert (await listed(client, JobFilter(running=True), job_id)).state is JobState.PAUSED
    with pytest.raises(RefusedError, match="it is already paused"):
        await client.pause(job_id)
    await client.resume(job_id)
    stage.cue()
    summary = await client.result(job_id)
    assert isinstance(summary, WorkstreamSummary)
    assert summary.counts.done == len(units)
    assert stage.git("show", "aidp/second:answer.txt") == "two"
    assert (await client.status(job_id)).job.ending == Ending.DONE
    unit = await listed(client, JobFilter(everything=True), f"loop:{job_id}/second")
    assert (unit.title, unit.branch) == ("Second", "aidp/second")


async def test_a_flawed_plan_does_not_start(stage: Stage) -> None:
    """What is wrong with a plan is told before there is a job."""
    unit = Unit("only", "Only", "text", ("nobody",))
    with pytest.raises(InputError, match="nobody"):
        await stage.client.start_workstreams(Workstreams("plan", str(stage.project), (unit,)))


async def test_a_terminated_job_has_no_result(stage: Stage, temporal: Client) -> None:
    """A job that was ended from outside is told as what it is."""
    job_id = await stage.start()
    await stage.until_working()
    await temporal.get_workflow_handle(job_id).terminate("cleaning up")
    with pytest.raises(RefusedError, match="it has no result"):
        await stage.client.result(job_id)
    assert (await stage.client.status(job_id)).job.ending == "terminated"
    stage.cue()
