"""The log: what has happened, why, and who wanted it."""

import re

from loop_scene import DONE, Scene, part, recorded

from workflows.loop_controls import Pause
from workflows.model import Instruction
from workflows.work_loop import WorkLoopWorkflow

CONFIG = """\
commands: [{name: a, command: test -e a.txt}, {name: b, command: test -e b.txt}]
providers: [claude, codex]
guards: {exclude: [no.txt]}
"""
STORY = """\
Paused by ada
claude failed (RateLimited): .*; codex is next
Resumed by grace
Instruction by ada: mind the gap
Iteration 1 by codex: 1 failing
The guards took out `no.txt`: .*
Iteration 2 by codex: nothing fails, was 1
Iteration 3 by codex: nothing fails, was 0
Ended (done): .*
"""


async def test_it_tells_the_story(scene: Scene) -> None:
    """Who paused, who failed and who stood in, what was asked, what the guards did, whether it got better."""
    scene.configure(CONFIG)
    first, again = scene.waiting("touch a.txt", "two"), "touch b.txt no.txt; echo 'STATUS: COMPLETE'"
    loop = await scene.start(part("claude", scene.waiting(recorded("claude/e429"))), part("codex", first, again, DONE))
    await scene.run_number(1)
    await loop.handle.signal(WorkLoopWorkflow.pause, Pause(by="ada"))
    scene.cue()
    await loop.until_note("Paused")
    await loop.handle.signal(WorkLoopWorkflow.resume, "grace")
    await scene.run_number(2)
    await scene.client.instruct(loop.id, Instruction("mind the gap", author="ada"))
    scene.cue("two")
    await loop.result()
    told, lines = await loop.log(), STORY.splitlines()
    patterns = [re.escape(line).replace(r"\.\*", ".*") for line in lines]
    assert [bool(re.fullmatch(*pair)) for pair in zip(patterns, told, strict=True)] == [True] * len(lines), told


async def test_it_does_not_grow_for_ever(scene: Scene) -> None:
    """Of many things the last thirty, each in a line of bounded length."""
    loop = await scene.start(part("command", scene.waiting(), DONE))
    await scene.run_number(1)
    for number in range(40):
        await loop.handle.signal(WorkLoopWorkflow.inject_instruction, Instruction(f"{number} {'x' * 1000}"))
    log = await loop.log()
    assert [text.split()[1] for text in log] == [str(number) for number in range(10, 40)]
    assert max(map(len, log)) <= 301
    await scene.client.cancel(loop.id, "enough")
    await loop.result()
    assert (await loop.log())[-2:] == ["Cancelled: enough", "Ended (cancelled): enough"]
