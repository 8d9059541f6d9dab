"""Budgets: what an agent costs is counted once, told in time, and nothing is spent beyond it unasked."""

import pytest
from loop_scene import DONE, MORE, Scene, part, recorded

from github_app.jobs.errors import RefusedError
from workflows.advice import AT_A_TERMINAL
from workflows.loop_controls import Allowance, Pause
from workflows.model import Ending, Limits, Waiting
from workflows.work_loop import WorkLoopWorkflow

FIVE_RUNS = "commands: []\nproviders: [claude]\nbudget: {run: {usd: 1.25}}\n"
"""A run of the stand-in costs a quarter of a dollar."""
COST = 0.25


async def test_four_fifths_are_told_and_the_end_holds(scene: Scene) -> None:
    """The status shows how much is used; when all of it is, no agent runs until somebody allows more."""
    scene.configure(FIVE_RUNS)
    loop = await scene.start(part("claude", MORE, MORE, MORE, MORE, scene.waiting(MORE), DONE))
    await scene.run_number(5)
    assert (await loop.progress()).budget == "80 % of this run's $1.25"
    scene.cue()
    holding = await loop.until_note("Holding")
    reason = f"Holding: 100 % of this run's $1.25 is used up. {AT_A_TERMINAL.allow}"
    assert holding.waiting == Waiting(reason, for_people=True)
    assert len(scene.runs) == 5
    assert await scene.client.allow(loop.id, Limits(usd=0.5)) == "Allowed. Used so far: 71 % of this run's $1.75."
    result = await loop.result()
    assert (result.outcome.ending, result.spent.usd, result.spent.iterations) == (Ending.DONE, 6 * COST, 6)
    assert (await loop.progress()).waiting is None
    assert [text for text in await loop.log() if text.startswith("Nearly")] == [
        "Nearly used up: 80 % of this run's $1.25",
        "Nearly used up: 85 % of this run's $1.75",
    ]


async def test_what_was_allowed_outlasts_a_new_configuration(scene: Scene) -> None:
    """The file says one run; a person has allowed another before it was read again."""
    scene.configure("commands: []\nproviders: [claude]\nbudget: {run: {usd: 0.25}}\n")
    loop = await scene.start(part("claude", scene.waiting(MORE), DONE))
    await scene.run_number(1)
    await scene.client.allow(loop.id, Limits(usd=0.25))
    await scene.client.reload(loop.id)
    scene.cue()
    assert (await loop.result()).outcome.ending is Ending.DONE
    log = await loop.log()
    assert "The configuration was read again" in log
    assert not any(text.startswith("Holding") for text in log)


TOLD = 'echo \'AIDP-USAGE: {"input_tokens": 100000, "output_tokens": 10000, "model": "claude-haiku-5"}\''


@pytest.mark.parametrize("script", [f"echo more >> more.txt; {TOLD}", f"{TOLD}; exit 69"])
async def test_an_agent_that_tells_its_model_is_priced_by_it(scene: Scene, script: str) -> None:
    """Nobody has chosen a model; the status shows the one that was used, also when it failed, and counts its price."""
    loop = await scene.start(part("command", script, scene.waiting(f"{DONE}; {TOLD}")))
    await scene.run_number(2)
    progress = await loop.progress()
    assert (progress.agent, progress.spent.usd) == ("command/claude-haiku-5", 0.15)
    scene.cue()
    result = await loop.result()
    assert (result.agent, result.spent.usd, result.spent.assumed_runs) == ("command/claude-haiku-5", 0.3, 0)


async def test_iterations_can_be_allowed_where_there_is_no_budget(scene: Scene) -> None:
    """Every loop has an end; dollars that nobody has limited are none to raise."""
    scene.configure("commands: []\nproviders: [claude]\nmax_iterations: 1\n")
    loop = await scene.start(part("claude", scene.waiting(MORE), DONE))
    await scene.run_number(1)
    with pytest.raises(RefusedError, match="it has no such limit"):
        await scene.client.allow(loop.id, Limits(usd=5))
    with pytest.raises(RefusedError, match="name an amount"):
        await scene.client.allow(loop.id, Limits())
    with pytest.raises(RefusedError, match="an amount is more than 0"):
        await scene.client.allow(loop.id, Limits(iterations=-1))
    await scene.client.allow(loop.id, Limits(iterations=1))
    scene.cue()
    result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 2)


async def test_a_pause_outlasts_an_allowance(scene: Scene) -> None:
    """Who allows more does not resume what somebody has paused."""
    scene.configure("commands: []\nproviders: [claude]\nbudget: {run: {iterations: 1}}\n")
    loop = await scene.start(part("claude", MORE, DONE))
    await loop.until_note("Holding")
    await scene.client.pause(loop.id)
    await loop.handle.signal(WorkLoopWorkflow.allow, Allowance(Limits(iterations=5)))
    await loop.until_note("Paused")
    assert len(scene.runs) == 1
    await scene.client.resume(loop.id)
    assert (await loop.result()).outcome.ending is Ending.DONE


async def test_a_holding_loop_can_be_cancelled(scene: Scene) -> None:
    """Nobody has to pay more to end it."""
    scene.configure("commands: []\nproviders: [claude]\nbudget: {run: {iterations: 1}}\n")
    loop = await scene.start(part("claude", MORE))
    await loop.until_note("Holding")
    await scene.client.cancel(loop.id, "too dear")
    assert (await loop.result()).outcome.reason == "too dear"


async def test_failures_and_interruptions_are_counted_once(scene: Scene) -> None:
    """An agent that was refused or interrupted costs its time and no iteration; the one that answered its price."""
    scene.configure("commands: []\nproviders: [claude, codex]\n")
    loop = await scene.start(
        part("claude", recorded("claude/e401")), part("codex", "sleep 300", MORE, "echo 'STATUS: COMPLETE'")
    )
    await scene.run_number(2)
    await scene.client.pause(loop.id, Pause(interrupt=True))
    await loop.until_note("Paused")
    await scene.client.resume(loop.id)
    spent = (await loop.result()).spent
    assert (spent.iterations, spent.tokens) == (2, 2 * 2200)


async def test_a_failed_run_that_tells_its_bill_is_not_free(scene: Scene) -> None:
    """Claude was denied a tool, and says what it cost until then; the one who stands in tells nothing."""
    scene.configure("commands: []\nproviders: [claude, command]\n")
    loop = await scene.start(part("claude", recorded("claude/cnoperm")), part("command", DONE))
    spent = (await loop.result()).spent
    assert (spent.iterations, spent.tokens, spent.usd) == (1, 240, 0.0016)


async def test_many_histories_count_as_one(forgetful: Scene) -> None:
    """A loop that continues as new takes along what it has spent, and what it may."""
    forgetful.configure("commands: []\nproviders: [command]\nbudget: {run: {iterations: 4}}\n")
    loop = await forgetful.start(part("command", "echo $$ > more.txt; echo 'STATUS: CONTINUE'"))
    holding = await loop.until_note("Holding")
    assert (holding.spent.iterations, holding.iteration) == (4, 5)
    runs = [run.run_id async for run in forgetful.temporal.list_workflows(f"WorkflowId = '{loop.id}'")]
    assert len(runs) > 1
    await loop.handle.signal(WorkLoopWorkflow.cancel, "enough")
    assert (await loop.result()).spent.iterations == 4
    assert len(forgetful.runs) == 4
