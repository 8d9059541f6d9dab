"""Workstreams as a job: interrupted, sped up, retried, and found with all that belongs to them."""

from datetime import timedelta
from pathlib import Path

import pytest
from jobs_scene import CONFIG, Stage, until
from test_job_stories import is_alive, listed

from github_app.jobs import JobFilter, JobState, JobStatus, RefusedError, Workstreams
from workflows.loop_controls import Pause
from workflows.model.workstreams import Unit, WorkstreamSummary


def units(stage: Stage, *slugs: str) -> tuple[Unit, ...]:
    """Write units whose agents wait for cues in a folder of their own."""
    for slug in slugs:
        (stage.directory / slug).mkdir()
    return tuple(Unit(slug, slug, f"stage: {stage.directory / slug}\nAnswer: {slug}") for slug in slugs)


async def until_there(path: Path) -> str:
    """Wait until somebody has written a file."""

    async def look() -> str:
        return path.read_text() if path.exists() else ""

    return await until(look)


async def until_waiting(stage: Stage, job_id: str, words: str) -> JobStatus:
    """Wait until the first unit waits for this."""

    async def look() -> JobStatus | None:
        status = await stage.client.status(job_id)
        return status if status.workstreams and words in status.workstreams.units[0].waiting else None

    return await until(look)


async def test_an_interruption_stops_the_agents_of_a_plan(stage: Stage) -> None:
    """`--interrupt` reaches the running agents; they are asked again on resuming. Each unit tells what it waits for."""
    (stage.project / ".aidp/aidp.yml").write_text(f"{CONFIG}guards: {{confirm: [answer.txt]}}\n")
    stage.commit()
    wanted = Workstreams("stop", str(stage.project), units(stage, "one"))
    job_id = await stage.client.start_workstreams(wanted)
    pid = int(await until_there(stage.directory / "one/pid-1"))
    assert await stage.client.pause(job_id, Pause(interrupt=True)) == "Interrupted and paused."

    async def gone() -> bool:
        return not is_alive(pid)

    await until(gone)
    assert (await until_waiting(stage, job_id, "Paused")).job.state is JobState.PAUSED
    (stage.directory / "one/go").touch()
    await stage.client.resume(job_id)
    held = await until_waiting(stage, job_id, "Waiting for an approval to change `answer.txt`")
    assert (held.job.state, held.job.reason[:12]) == (JobState.WAITING, "one: Waiting")
    shown = (await stage.say("status", job_id)).out
    assert f"`aidp jobs approve` or `aidp jobs refuse` (loop:{job_id}/one)" in shown.splitlines()[-1]
    await stage.client.approve(f"loop:{job_id}/one")
    summary = await stage.client.result(job_id)
    assert isinstance(summary, WorkstreamSummary)
    assert (summary.counts.done, summary.units[0].attempt, summary.units[0].waiting) == (1, 1, "")


async def test_more_units_at_once_from_the_command_line(stage: Stage) -> None:
    """A higher number starts the next unit at once; a single loop has no units."""
    wanted = Workstreams("more", str(stage.project), units(stage, "one", "two"), concurrency=1)
    job_id = await stage.client.start_workstreams(wanted)
    await until_there(stage.directory / "one/pid-1")
    assert not (stage.directory / "two/pid-1").exists()
    said = await stage.say("concurrency", job_id, "2")
    assert said.out == "2 units run at once from now on; running ones are not stopped.\n"
    await until_there(stage.directory / "two/pid-1")
    with pytest.raises(RefusedError, match="it is a single work loop"):
        await stage.client.set_concurrency(f"loop:{job_id}/one", 3)
    unit = await listed(stage.client, JobFilter(project=str(stage.project), everything=True), f"loop:{job_id}/one")
    assert unit.title == "one"
    for slug in ("one", "two"):
        (stage.directory / slug / "go").touch()
    await stage.client.wait(job_id)


async def test_a_held_plan_is_retried(stage: Stage) -> None:
    """It stays after its last unit and says so; a retry runs what failed, and too late is told with what helps."""
    hold = timedelta(hours=1).total_seconds()
    wanted = Workstreams("hold", str(stage.project), units(stage, "one"), hold_seconds=hold)
    job_id = await stage.client.start_workstreams(wanted)
    await until_there(stage.directory / "one/pid-1")
    with pytest.raises(RefusedError, match="`one` is no unit that failed; those are: none"):
        await stage.client.retry(job_id, "one")
    with pytest.raises(RefusedError, match="none of its units has failed"):
        await stage.client.retry(job_id)
    await stage.temporal.get_workflow_handle(f"loop:{job_id}/one").terminate("by hand")
    status = await stage.until_state(job_id, JobState.WAITING)
    assert f"failed units can run again: aidp jobs retry {job_id}" in status.job.reason
    (stage.directory / "one/go").touch()
    assert (await stage.say("retry", job_id, "one")).out.startswith("1 of its units run again")
    summary = await stage.client.result(job_id)
    assert isinstance(summary, WorkstreamSummary)
    assert (summary.counts.done, summary.units[0].attempt, summary.held_until) == (1, 2, "")
    late = await stage.say("retry", job_id)
    assert late.err.endswith("start it again, with --hold 1h to have time for retries.\n")
