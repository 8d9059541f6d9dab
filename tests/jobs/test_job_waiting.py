"""What a job waits for, who works on it, and what that costs, as lists and a status tell."""

import asyncio

from jobs_scene import Stage

from github_app.jobs import JobState


async def test_a_job_that_holds_says_what_it_waits_for(stage: Stage) -> None:
    """With its budget used up it is no running job: the list and the status name the limit and the way on."""
    (stage.project / ".aidp/aidp.yml").write_text(
        "commands: []\nproviders: [command/large]\nmax_iterations: 5\nbudget: {run: {iterations: 1}}\n"
    )
    stage.commit()
    job_id = await stage.start()
    stage.cue()
    held = await stage.until_state(job_id, JobState.WAITING)
    assert held.job.reason.startswith("Holding: 100 % of this run's 1 iterations is used up")
    shown, listed = await asyncio.gather(stage.say("status", job_id), stage.until_listed("WAITS FOR"))
    assert "command, model large" in shown.out
    assert "of agents' work" in shown.out
    assert "100 % of this run's 1 iterations" in shown.out
    assert "Holding: 100 % of this run's 1 iterations" in listed.out
    await stage.client.cancel(job_id)
    await stage.client.wait(job_id)


async def test_logs_are_followed_as_json_lines(stage: Stage) -> None:
    """Every line is a document, from the first prompt on through every iteration; the last one is the ended job."""
    job_id = await stage.start("Answer: soon")
    await stage.until_working()
    followed = asyncio.create_task(stage.say("logs", job_id, "-f", "--json"))
    stage.cue()
    *lines, end = (await followed).json_lines()
    assert {(line["iteration"], line["what"]) for line in lines} == {(1, "prompt"), (1, "agent-command")}
    assert "Answer: soon" in [line["line"] for line in lines]
    assert (end["job"]["id"], end["job"]["ending"]) == (job_id, "done")
