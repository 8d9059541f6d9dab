"""Cancelling: whatever the loop is doing, nothing runs on, and what was done is not lost."""

from loop_scene import DONE, MORE, Loop, Scene, alive, limited_for, mirrors_locked, part, pushing
from story_kit import until

from github_app.jobs import AidpClient
from workflows.loop_controls import Pause
from workflows.model import Ending, LoopResult, LoopState

ONE_CHECK = "commands: [{name: slow, command: sh slow.sh, category: test}]\nproviders: [command]\n"


async def cancelled(scene: Scene, loop: Loop) -> LoopResult:
    """Cancel, and see that the loop says so and has closed its workspace."""
    assert await scene.client.cancel(loop.id, "ada changed her mind") == "Cancelling; the agent is being stopped."
    result = await loop.result()
    assert result.outcome.ending is Ending.CANCELLED
    assert result.outcome.reason == "ada changed her mind"
    assert result.published is None
    assert scene.git("branch", "--list", "aidp/*") == ""
    assert scene.worktrees() == []
    return result


async def test_while_the_agent_runs(scene: Scene) -> None:
    """The agent is dead, and so is everything it has started."""
    pids = scene.directory / "pids"
    loop = await scene.start(
        part("command", f"sleep 300 & echo $! > {pids}; setsid sleep 300 & echo $! >> {pids}; wait")
    )
    agent = await scene.run_number(1)
    children = await until(lambda: [int(pid) for pid in scene.read("pids").split()])
    await cancelled(scene, loop)
    assert [pid for pid in (agent.pid, *children) if alive(pid)] == []


async def test_what_the_agent_was_at_is_kept(scene: Scene) -> None:
    """Half an iteration is a checkpoint that the ending names, without what the guards refuse or would ask for."""
    scene.configure("commands: []\nproviders: [command]\nguards: {exclude: [no.txt], confirm: [ask.txt]}\n")
    files = "echo half > half.txt; echo no > no.txt; echo ask > ask.txt"
    loop = await scene.start(part("command", f"{files}; touch {scene.directory}/begun; sleep 300"))
    await until((scene.directory / "begun").exists)
    result = await cancelled(scene, loop)
    ref = result.outcome.advice.partition("git show ")[2].partition("`")[0]
    assert scene.git("diff", "--name-only", f"main...{ref}") == "half.txt"


async def test_while_checks_run(scene: Scene) -> None:
    """A check that takes its time is stopped like an agent."""
    scene.configure(ONE_CHECK)
    scene.commit({"slow.sh": f"echo $$ > {scene.directory}/check; sleep 300\n"})
    loop = await scene.start(part("command", DONE))
    check = int(await until(lambda: scene.read("check")))
    assert (await loop.progress()).state is LoopState.TEST
    await cancelled(scene, loop)
    assert not alive(check)


async def test_while_paused_between_two_steps(scene: Scene) -> None:
    """A held loop does not have to be resumed to be cancelled."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    await scene.client.pause(loop.id)
    scene.cue()
    await loop.until_note("Paused")
    await cancelled(scene, loop)


async def test_while_a_pause_waits_for_the_agent(scene: Scene) -> None:
    """The pause does not keep the agent from being stopped."""
    loop = await scene.start(part("command", "sleep 300"))
    agent = await scene.run_number(1)
    await scene.client.pause(loop.id)
    await cancelled(scene, loop)
    assert not alive(agent.pid)


async def test_right_after_an_interruption(scene: Scene) -> None:
    """The interruption stops the agent, the cancellation the work."""
    loop = await scene.start(part("command", "trap '' TERM; sleep 300 & wait; wait"))
    agent = await scene.run_number(1)
    await scene.client.pause(loop.id, Pause(interrupt=True))
    await cancelled(scene, loop)
    assert not alive(agent.pid)


async def test_while_waiting_for_a_limit(scene: Scene) -> None:
    """Nobody has to wait for a limit to end what is not wanted any more."""
    loop = await scene.start(part("command", limited_for(3000)))
    await loop.until_note("Waiting for command")
    await cancelled(scene, loop)


async def test_before_its_first_step(scene: Scene) -> None:
    """A cancellation that comes with the start is heeded; no agent ever runs."""
    result = await scene.start_with("cancel", "ada changed her mind", part("command", DONE))
    assert (result.outcome.ending, result.outcome.reason) == (Ending.CANCELLED, "ada changed her mind")
    assert scene.runs == []


async def test_through_temporal_itself(scene: Scene) -> None:
    """An operator who cancels the workflow gets the same tidy ending."""
    loop = await scene.start(part("command", "sleep 300"))
    agent = await scene.run_number(1)
    await AidpClient(scene.temporal).stop(loop.id)
    result = await loop.result()
    assert (result.outcome.ending, result.outcome.reason) == (Ending.CANCELLED, "the operator cancelled it")
    assert not alive(agent.pid)
    assert scene.worktrees() == []


async def test_through_temporal_while_it_publishes(scene: Scene) -> None:
    """What is not pushed yet is not pushed any more, and the ending says where it is kept."""
    async with pushing(scene) as loop:
        await AidpClient(scene.temporal).stop(loop.id)
        result = await loop.result()
    assert (result.outcome.ending, result.outcome.reason) == (Ending.CANCELLED, "the operator cancelled it")
    [ref] = scene.git("for-each-ref", "--format=%(refname)", "refs/aidp/").split()
    assert f"`git show {ref}`" in result.outcome.advice
    assert scene.file(ref, "done.txt") == "done"
    assert (result.published, scene.git("branch", "--list", "aidp/*"), scene.worktrees()) == (None, "", [])


async def test_through_temporal_when_all_is_over(scene: Scene) -> None:
    """The ending that was settled stays, its workspace is closed, and the log says that somebody was too late."""
    loop = await scene.start(part("command", scene.waiting("exit 64")))
    await scene.run_number(1)
    with mirrors_locked(scene):
        scene.cue()
        await until(lambda: not scene.worktrees())
        await AidpClient(scene.temporal).stop(loop.id)
        await loop.until(lambda progress: progress.status == "cancelling")
    assert (await loop.result()).outcome.ending is Ending.FAILED
    assert any(text.startswith("A cancellation by the operator came too late") for text in await loop.log())
    assert scene.worktrees() == []


async def test_the_work_so_far_can_be_fetched(scene: Scene) -> None:
    """What was checkpointed stays under a ref, and the advice says how to get it."""
    loop = await scene.start(part("command", MORE, "sleep 300"))
    await scene.run_number(2)
    result = await cancelled(scene, loop)
    [ref] = scene.git("for-each-ref", "--format=%(refname)", "refs/aidp/").split()
    assert f"`git show {ref}`" in result.outcome.advice
    assert scene.file(ref, "more.txt") == "more"


async def test_without_work_no_ref_stays(scene: Scene) -> None:
    """A loop that has changed nothing leaves nothing."""
    loop = await scene.start(part("command", "echo 'STATUS: CONTINUE'", "sleep 300"))
    await scene.run_number(2)
    result = await cancelled(scene, loop)
    assert scene.git("for-each-ref", "refs/aidp/") == ""
    assert "kept" not in result.outcome.advice
