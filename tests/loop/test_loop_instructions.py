"""Instructions: the most urgent first, with the next prompt, each exactly once, and none is ever lost."""

import asyncio
import re

import pytest
from loop_scene import DONE, MORE, Loop, Scene, part
from story_kit import until

from github_app.jobs.errors import RefusedError
from workflows.model import Ending, Instruction, Priority
from workflows.work_loop import WorkLoopWorkflow

MANY = 200
ITERATIONS = 50
EVENTS = 5_000
CONFIG = "commands: []\nproviders: [command]\nmax_iterations: 60\n"


def told(scene: Scene, number: int) -> list[str]:
    """List the instructions in a run's prompt, in order."""
    return re.findall(r"^remember \S+", scene.prompt(number), re.MULTILINE)


async def instruct(loop: Loop, word: str, priority: Priority = Priority.NORMAL) -> str:
    """Give an instruction."""
    return await loop.scene.client.instruct(loop.id, Instruction(f"remember {word}", priority))


async def test_the_most_urgent_comes_first(scene: Scene) -> None:
    """The next prompt has them by priority, then in order of arrival; the answers and the query say the same."""
    loop = await scene.start(part("command", scene.waiting(MORE), DONE))
    await scene.run_number(1)
    assert "as number 1 of 1" in await instruct(loop, "later", Priority.LOW)
    assert "as number 1 of 2" in await instruct(loop, "this")
    assert "as number 2 of 3" in await instruct(loop, "that")
    assert "as number 1 of 4" in await instruct(loop, "now", Priority.CRITICAL)
    pending = await loop.handle.query(WorkLoopWorkflow.pending_instructions)
    scene.cue()
    await loop.result()
    assert told(scene, 1) == []
    assert told(scene, 2) == ["remember now", "remember this", "remember that", "remember later"]
    assert [instruction.text for instruction in pending] == told(scene, 2)


async def test_each_is_told_once(scene: Scene) -> None:
    """What was in one prompt is not in the one after it."""
    loop = await scene.start(part("command", scene.waiting(MORE), MORE, DONE))
    await scene.run_number(1)
    await instruct(loop, "once")
    scene.cue()
    await loop.result()
    assert [told(scene, number) for number in (1, 2, 3)] == [[], ["remember once"], []]


async def test_an_agent_that_failed_is_told_again(scene: Scene) -> None:
    """A prompt that nobody has worked on has told nobody anything: the one who stands in gets it too."""
    scene.configure("commands: []\nproviders: [claude, command]\n")
    loop = await scene.start(part("claude", scene.waiting(MORE), "exit 1"), part("command", DONE))
    await scene.run_number(1)
    await instruct(loop, "this")
    scene.cue()
    await loop.result()
    assert (scene.agents, told(scene, 2), told(scene, 3)) == (
        ["claude", "claude", "command"],
        ["remember this"],
        ["remember this"],
    )


async def test_one_that_comes_last_keeps_the_work_going(scene: Scene) -> None:
    """The agent says that it is done, but has not been told everything: it is asked once more."""
    loop = await scene.start(part("command", scene.waiting(DONE), DONE))
    await scene.run_number(1)
    await instruct(loop, "this")
    scene.cue()
    result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 2)
    assert told(scene, 2) == ["remember this"]
    assert "new instructions" in scene.prompt(2)


async def test_one_that_no_prompt_could_hold_is_refused(scene: Scene) -> None:
    """Nothing is cut behind anybody's back; what a signal brings is told in the log."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    with pytest.raises(RefusedError, match="at most 4,000 bytes, this one has 6,000; say it in several"):
        await scene.client.instruct(loop.id, Instruction("é" * 3000))
    await loop.handle.signal(WorkLoopWorkflow.inject_instruction, Instruction("x" * 4001, author="ada"))
    assert (await loop.log())[-1].startswith("An instruction by ada was not taken: ")
    await scene.client.instruct(loop.id, Instruction("x" * 4000))
    assert len((await loop.progress()).instructions) == 1
    await scene.client.cancel(loop.id)
    await loop.result()


async def test_two_hundred_in_a_long_run_with_many_histories(forgetful: Scene) -> None:
    """While the loop goes through history after history, whatever is answered with yes is told, once, soon."""
    forgetful.configure(CONFIG)
    more = f"echo $$ > more.txt; if test -e {forgetful.directory}/go; then echo 'STATUS: COMPLETE'; fi"
    loop = await forgetful.start(part("command", more))
    await forgetful.run_number(1)
    for first in range(0, MANY, 10):
        await asyncio.gather(*(instruct(loop, f"number-{first + each}") for each in range(10)))
    await until(lambda: len(forgetful.runs) >= ITERATIONS)
    forgetful.cue()
    result = await loop.result()
    everything = [word for number in range(1, len(forgetful.runs) + 1) for word in told(forgetful, number)]
    assert sorted(everything) == sorted(f"remember number-{number}" for number in range(MANY))
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, len(forgetful.runs))
    lengths = [run.history_length or 0 async for run in forgetful.temporal.list_workflows(f"WorkflowId = '{loop.id}'")]
    assert len(lengths) > 3
    assert max(lengths) < EVENTS
