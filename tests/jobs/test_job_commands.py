"""`aidp jobs` as a person types it: the words, the exit codes, and JSON for programs."""

import asyncio

import pytest
from jobs_scene import Stage


@pytest.fixture
def prompted(stage: Stage) -> Stage:
    """Write a prompt file."""
    (stage.directory / "prompt.md").write_text(stage.prompt("Answer: right"))
    return stage


START = ("start", "work", "--project-dir", "project", "--step", "Add [an] answer", "--prompt")


async def test_a_job_from_the_command_line(prompted: Stage) -> None:
    """Start, look, follow to the end: the last lines say which branch has the result and how to look at it."""
    stage = prompted
    (stage.project / "README.md").write_text("not committed\n")
    stage.git("add", "README.md")
    begun = await stage.say(*START, "prompt.md", "--provider", "command", "--max-iterations", "3", "--json")
    assert "Changes that are not committed are not part of the work" in begun.err
    job_id = begun.json()["id"]
    assert job_id.startswith("job-add-an-answer-")
    await stage.until_working()

    followed = asyncio.create_task(stage.say("logs", job_id, "-f"))
    listed, status, document = await asyncio.gather(
        stage.say("list", "--project-dir", "project"),
        stage.say("status", job_id),
        stage.say("status", job_id, "--json"),
    )
    assert job_id in listed.out
    assert "Add [an] answer" in listed.out
    assert "1 of at most 3" in status.out
    assert document.json()["progress"]["provider"] == "command"
    stage.cue()

    told = await followed
    branch = f"aidp/{job_id.removeprefix('job-')}"
    assert f"stage: {stage.directory}" in told.out
    assert "[31mrun 1 heard 1 answers" in told.out
    assert "\x1b[31m" not in told.out
    assert "done after" in told.out
    assert told.out.endswith(f"Look at it with: git -C {stage.project} diff main...{branch}\n")
    assert "+right" in stage.git("diff", f"main...{branch}")


async def test_a_job_is_steered_from_the_command_line(prompted: Stage) -> None:
    """Every answer is one sentence; what is refused says why, on stderr, with exit code 1."""
    stage = prompted
    job_id = (await stage.say(*START, "-", "--json", stdin=stage.prompt())).json()["id"]
    await stage.until_working()
    told, guarded, unheard, allowed, preferred, nobody = await asyncio.gather(
        stage.say("instruct", job_id, "Answer: left", "--priority", "critical", "--json"),
        stage.say("guard", job_id, "--exclude", "secret/**"),
        stage.say("resume", job_id),
        stage.say("allow", job_id, "--iterations", "2"),
        stage.say("prefer", job_id, "command/large"),
        stage.say("prefer", job_id, "claude"),
    )
    assert told.json() == {"answer": "The agent gets it with its next prompt, as number 1 of 1."}
    assert guarded.out == "The guards are tightened from the next commit on.\n"
    assert (unheard.code, unheard.out, unheard.err) == (1, "", "Refused: it is not paused.\n")
    assert allowed.out == "Allowed.\n"
    assert preferred.out.startswith("command/large gets the next prompt")
    assert nobody.err == "Refused: `claude` is not offered here; there is command.\n"
    paused, status = await stage.say("pause", job_id, "--minutes", "90"), await stage.say("status", job_id)
    assert "It goes on by itself at 20" in paused.out
    assert "1 of at most 7" in status.out
    cancelled = await stage.say("cancel", job_id, "--reason", "enough")
    assert cancelled.out == "Cancelling; the agent is being stopped.\n"
    await stage.client.wait(job_id)
    lines = (await stage.say("logs", job_id, "--json")).json_lines()
    assert {line["what"] for line in lines} >= {"prompt"}
    assert f"stage: {stage.directory}" in [line["line"] for line in lines]


async def test_what_can_not_be_done_is_told_in_a_line(stage: Stage) -> None:
    """Wrong input is exit code 2, an unknown job 1; nothing is started, and nothing is printed on stdout."""
    (stage.directory / "plan.yml").write_text("project_dir: project\nunits: []\n")
    said = await asyncio.gather(
        stage.say(*START, "missing.md"),
        stage.say("start", "workstreams", "plan.yml"),
        stage.say("status", "job-nobody"),
        stage.say("instruct", "job-nobody", "text", "--priority", "urgent"),
        stage.say(*START, "plan.yml", "--provider", "cluade/opus"),
    )
    assert [each.code for each in said] == [2, 2, 1, 2, 2]
    assert [each.out for each in said] == [""] * len(said)
    prompt, plan, unknown, priority, provider = (each.err for each in said)
    assert prompt == "Cannot read the prompt missing.md: No such file or directory.\n"
    assert plan == "The plan has no units. Add at least one.\n"
    assert unknown.startswith("There is no job `job-nobody`.")
    assert "critical, high, normal, low" in priority
    assert provider.startswith("There is no agent cluade/opus. There is claude, codex, ")


async def test_workstreams_from_a_file(stage: Stage) -> None:
    """A plan is one job; its table shows the units, and its logs are the units'."""
    stage.cue()
    text = stage.prompt("Answer: one").replace("\n", "\n      ")
    (stage.directory / "plan.yml").write_text(
        f"project_dir: project\nunits:\n  - slug: api\n    text: |\n      {text}\n"
    )
    job_id = (await stage.say("start", "workstreams", "plan.yml", "--json")).json()["id"]
    await stage.client.wait(job_id)
    status, logs, unit = await asyncio.gather(
        stage.say("status", job_id), stage.say("logs", job_id), stage.say("logs", f"loop:{job_id}/api")
    )
    assert "aidp/api" in status.out
    assert logs.err == f"Refused: it is a plan of workstreams; choose one of its units, such as loop:{job_id}/SLUG.\n"
    assert "run 1 heard 1 answers" in unit.out
