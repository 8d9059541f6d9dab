"""Guards: what may not change never reaches a commit, and the agent and people hear about it."""

import pytest
from loop_scene import DONE, MORE, Loop, Scene, part
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from workflows.advice import AT_A_TERMINAL
from workflows.loop_controls import GuardUpdate
from workflows.model import Ending, Guards, Waiting
from workflows.work_loop import WorkLoopWorkflow

FORBIDDEN = "mkdir -p .github/workflows; echo 'on: push' > .github/workflows/x.yml"
GIVEAWAY = "echo 'key = \"AKIA'Q3EGRT5NXLKM2PVB'\"' > settings.py"
CONFIRM = "commands: []\nproviders: [command]\nguards: {confirm: ['db/**']}\n"
MIGRATE = f"mkdir -p db; echo 'drop table' > db/one.sql; {DONE}"


async def update(loop: Loop, guard: GuardUpdate) -> str:
    """Ask for other guards."""
    name = WorkLoopWorkflow.ask_to_guard
    return await loop.handle.execute_update(name, guard)  # pyright: ignore[reportUnknownMemberType]  # the SDK's own gap


async def test_what_is_forbidden_is_taken_out_and_told(scene: Scene) -> None:
    """A CI definition and a secret never reach a checkpoint; the next prompt names both, and the rest counts."""
    loop = await scene.start(part("command", f"{FORBIDDEN}; {GIVEAWAY}; {DONE}", DONE))
    result = await loop.result()
    assert result.published
    assert result.published.files == ("done.txt",)
    assert "`.github/workflows/x.yml`" in scene.prompt(2)
    assert "`settings.py`: it may give away a secret" in scene.prompt(2)
    assert scene.git("log", "--all", "--format=%h", "--", ".github", "settings.py") == ""


async def test_an_agent_that_keeps_doing_it_is_stopped(scene: Scene) -> None:
    """The third iteration in a row ends the work, and says over what."""
    loop = await scene.start(part("command", f"{FORBIDDEN}; {MORE}"))
    result = await loop.result()
    assert result.outcome.ending is Ending.GAVE_UP
    assert "keeps changing what it may not: `.github/workflows/x.yml`" in result.outcome.reason
    assert len(scene.runs) == 3


async def test_an_iteration_without_violation_starts_the_count_anew(scene: Scene) -> None:
    """Only one after the other counts."""
    wrong = f"{FORBIDDEN}; {MORE}"
    loop = await scene.start(part("command", wrong, wrong, MORE, wrong, wrong, DONE))
    assert (await loop.result()).outcome.ending is Ending.DONE


async def test_an_approved_change_goes_on(scene: Scene) -> None:
    """Files that need it wait for a person; the approval lets them through, also in later iterations."""
    scene.configure(CONFIRM)
    loop = await scene.start(part("command", MIGRATE))
    waiting = await loop.until(lambda progress: progress.awaiting != ())
    assert waiting.awaiting == ("db/one.sql",)
    reason = f"Waiting for an approval to change `db/one.sql`: {AT_A_TERMINAL.approve}"
    assert (await loop.until_note("Waiting for an approval")).waiting == Waiting(reason, for_people=True)
    assert await loop.handle.query(WorkLoopWorkflow.job_status) == "waiting"
    assert await scene.client.approve(loop.id) == "Approved: db/one.sql."
    result = await loop.result()
    assert result.published
    assert result.published.files == ("db/one.sql", "done.txt")


async def test_a_refused_change_is_taken_out(scene: Scene) -> None:
    """The refusal takes out what was asked for, and the agent hears that a person has refused."""
    scene.configure(CONFIRM)
    loop = await scene.start(part("command", MIGRATE, DONE))
    await loop.until(lambda progress: progress.awaiting != ())
    told = await scene.client.refuse(loop.id)
    assert told == "Refused: db/one.sql. What was refused is taken out, and the agent is told."
    result = await loop.result()
    assert result.published
    assert result.published.files == ("done.txt",)
    assert "`db/one.sql`: a person was asked to approve this change, and refused" in scene.prompt(2)


async def test_anybody_who_steers_may_tighten(scene: Scene) -> None:
    """From the next commit on, also for the agent that is running."""
    loop = await scene.start(part("command", scene.waiting(f"echo no > no.txt; {DONE}"), DONE))
    await scene.run_number(1)
    assert await update(loop, GuardUpdate(Guards(exclude=("no.txt",)))) == "The guards hold from the next commit on."
    scene.cue()
    result = await loop.result()
    assert result.published
    assert result.published.files == ("done.txt",)
    assert "`no.txt`: `no.txt` is excluded" in scene.prompt(2)


async def test_loosening_takes_an_admin(scene: Scene) -> None:
    """The update of anybody else is refused in words, their signal changes nothing; an admin's update holds."""
    looser = Guards(allow_protected=(".github/workflows/**",))
    change = f"{FORBIDDEN}; {DONE}"
    loop = await scene.start(part("command", scene.waiting(change), scene.waiting(change, "go-2")))
    await scene.run_number(1)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await update(loop, GuardUpdate(looser))
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.message == "only an admin may loosen allow_protected"
    await loop.handle.signal(WorkLoopWorkflow.update_guard, GuardUpdate(looser))
    scene.cue()
    await scene.run_number(2)
    assert "`.github/workflows/x.yml`: " in scene.prompt(2)
    await update(loop, GuardUpdate(looser, by_admin=True))
    scene.cue("go-2")
    result = await loop.result()
    assert result.published
    assert result.published.files == (".github/workflows/x.yml", "done.txt")
