"""Pausing: the work holds, costs nothing meanwhile, and goes on as if nothing had been."""

from datetime import timedelta

import anyio
import pytest
from loop_scene import DONE, Scene, alive, now, part
from story_kit import until
from temporal_kit import own_events, pass_time
from temporalio.api.enums.v1 import EventType

from github_app.jobs.errors import RefusedError
from workflows.loop_controls import Pause
from workflows.model import Ending, Instruction, LoopState


async def test_a_pause_holds_after_the_running_step(scene: Scene) -> None:
    """The running agent finishes, nothing follows, and after the resume its answer counts."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    assert await scene.client.pause(loop.id) == "Paused; the running step is finished first."
    scene.cue()
    progress = await loop.until_note("Paused")
    assert (progress.paused, progress.state) == (True, LoopState.APPLY_PATCH)
    assert await scene.client.resume(loop.id) == "Resumed."
    assert (await loop.result()).outcome.ending is Ending.DONE
    assert len(scene.runs) == 1


async def test_an_interrupted_agent_is_gone_at_once_and_asked_again(scene: Scene) -> None:
    """Its process is gone within seconds, what it left unfinished is thrown away, and it gets the same prompt again."""
    loop = await scene.start(part("command", "echo half > half.txt; sleep 300", DONE))
    agent = await scene.run_number(1)
    began = now()
    assert await scene.client.pause(loop.id, Pause(interrupt=True)) == "Interrupted and paused."
    await until(lambda: not alive(agent.pid))
    assert now() - began < 5
    await loop.until_note("Paused")
    await scene.client.resume(loop.id)
    result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 1)
    assert result.published
    assert result.published.files == ("done.txt",)
    assert scene.prompt(2) == scene.prompt(1)


async def test_an_interrupted_agent_is_asked_with_what_was_said_meanwhile(scene: Scene) -> None:
    """Whoever interrupts it to tell it something does not have to wait an iteration for that."""
    loop = await scene.start(part("command", "sleep 300", DONE))
    await scene.run_number(1)
    await scene.client.pause(loop.id, Pause(interrupt=True))
    await loop.until_note("Paused")
    await scene.client.instruct(loop.id, Instruction("remember this"))
    await scene.client.resume(loop.id)
    result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 1)
    assert "remember this" not in scene.prompt(1)
    assert "remember this" in scene.prompt(2)


async def test_an_interruption_taken_back_at_once_is_only_an_interruption(scene: Scene) -> None:
    """Whoever resumes before the agent has died gets it asked again, not a cancelled loop."""
    loop = await scene.start(part("command", "sleep 300", DONE))
    await scene.run_number(1)
    await scene.client.pause(loop.id, Pause(interrupt=True))
    await scene.client.resume(loop.id)
    assert (await loop.result()).outcome.ending is Ending.DONE
    assert len(scene.runs) == 2


async def test_a_paused_loop_writes_no_history(scene: Scene) -> None:
    """However long it is held: no timer, no heartbeat, no event."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    await scene.client.pause(loop.id)
    scene.cue()
    await loop.until_note("Paused")
    length = await loop.history_length()
    await anyio.sleep(1)
    assert await loop.history_length() == length
    await scene.client.resume(loop.id)
    assert (await loop.result()).outcome.ending is Ending.DONE


async def test_a_pause_for_a_time_ends_by_itself(scene: Scene) -> None:
    """It says until when, and costs one timer however long it is."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    told = await scene.client.pause(loop.id, Pause(seconds=3))
    assert told.startswith("Paused; the running step is finished first. It goes on by itself at 20")
    scene.cue()
    await loop.until_note("Paused until 20")
    assert (await loop.result()).outcome.ending is Ending.DONE
    assert "Resumed: the time of the pause was over" in await loop.log()
    types = [event.event_type async for event in loop.handle.fetch_history_events()]
    assert (types.count(EventType.EVENT_TYPE_TIMER_STARTED), types.count(EventType.EVENT_TYPE_TIMER_FIRED)) == (1, 1)


async def test_whoever_resumes_earlier_cancels_the_timer(scene: Scene) -> None:
    """The work goes on at once, and nothing happens when the time would have been over."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    await scene.client.pause(loop.id, Pause(seconds=3600))
    scene.cue()
    await loop.until_note("Paused until 20")
    await scene.client.resume(loop.id)
    assert (await loop.result()).outcome.ending is Ending.DONE
    types = [event.event_type async for event in loop.handle.fetch_history_events()]
    assert types.count(EventType.EVENT_TYPE_TIMER_CANCELED) == 1


async def test_a_pause_lasts_a_month_and_writes_nothing(scene: Scene) -> None:
    """Thirty days are one timer, whose end is the resumption."""
    loop = await scene.start(part("command", scene.waiting(), DONE))
    await scene.run_number(1)
    await scene.client.pause(loop.id, Pause(seconds=30 * 24 * 3600))
    scene.cue()
    await loop.until_note("Paused until 20")
    before = len(await own_events(scene.temporal, loop.id))
    await pass_time(scene.temporal, loop.id, timedelta(days=29))
    assert (await loop.progress()).paused
    assert len(await own_events(scene.temporal, loop.id)) == before
    await pass_time(scene.temporal, loop.id, timedelta(days=1))
    assert (await loop.result()).outcome.ending is Ending.DONE


async def test_what_makes_no_sense_is_refused_in_words(scene: Scene) -> None:
    """Pausing twice, resuming what runs, and steering what has finished."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    with pytest.raises(RefusedError, match="it is not paused"):
        await scene.client.resume(loop.id)
    with pytest.raises(RefusedError, match="a pause lasts from a second to 30 days"):
        await scene.client.pause(loop.id, Pause(seconds=0))
    await scene.client.pause(loop.id)
    with pytest.raises(RefusedError, match="it is already paused"):
        await scene.client.pause(loop.id)
    await scene.client.resume(loop.id)
    scene.cue()
    await loop.result()
    for refused in (scene.client.pause(loop.id), scene.client.resume(loop.id), scene.client.cancel(loop.id)):
        with pytest.raises(RefusedError, match="it finished"):
            await refused
