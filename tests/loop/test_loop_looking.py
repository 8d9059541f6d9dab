"""Looking at a loop and changing its configuration while it runs."""

import pytest
from loop_scene import DONE, MORE, Loop, Scene, part

from workflows.model import CheckpointReport, Ending
from workflows.work_loop import WorkLoopWorkflow

TESTS = """\
import unittest
class Three(unittest.TestCase):
    def test_a(self): open("a.txt")
    def test_b(self): open("b.txt")
    def test_c(self): open("c.txt")
"""
UNITTEST = "commands: [{name: tests, command: python3 -m unittest, category: test}]\nproviders: [command]\n"


async def checkpoint(loop: Loop) -> CheckpointReport:
    """Ask for the last checkpoint."""
    return await loop.handle.query(WorkLoopWorkflow.checkpoint)


async def test_the_checkpoint_tells_whether_it_gets_better(scene: Scene) -> None:
    """How many tests failed after each iteration, the trend, and a commit that another host can fetch."""
    scene.configure(UNITTEST)
    scene.commit({"test_three.py": TESTS})
    better = part("command", scene.waiting("touch a.txt"), "touch b.txt", scene.waiting(f"touch c.txt; {DONE}", "end"))
    loop = await scene.start(better)
    await scene.run_number(1)
    assert await checkpoint(loop) == CheckpointReport("", 0, (await loop.progress()).change)
    scene.cue()
    await scene.run_number(3)
    report = await checkpoint(loop)
    assert (report.failing, report.trend, report.iteration, report.change.files) == ((2, 1), "improving", 2, 2)
    assert scene.git("for-each-ref", "--format=%(objectname)", "refs/aidp/") == report.sha
    scene.cue("end")
    await loop.result()
    assert (await checkpoint(loop)).failing == (2, 1, 0)


async def test_one_word_says_how_it_is(scene: Scene) -> None:
    """Running, paused, running again, finished; and the worktree's loop is where it says."""
    loop = await scene.start(part("command", scene.waiting()))
    await scene.run_number(1)
    words = [await loop.handle.query(WorkLoopWorkflow.job_status)]
    await scene.client.pause(loop.id)
    words.append(await loop.handle.query(WorkLoopWorkflow.job_status))
    await scene.client.resume(loop.id)
    words.append(await loop.handle.query(WorkLoopWorkflow.job_status))
    scene.cue()
    await loop.result()
    words.append(await loop.handle.query(WorkLoopWorkflow.job_status))
    assert words == ["running", "paused", "running", "finished"]


async def test_a_new_configuration_holds_from_the_next_iteration_on(scene: Scene) -> None:
    """The running iteration ends by the old commands and agents; the next one knows only the new ones."""
    loop = await scene.start(part("command", scene.waiting(MORE)), part("codex", DONE))
    await scene.run_number(1)
    scene.configure("commands: [{name: new, command: test -e more.txt}]\nproviders: [codex]\n")
    assert await scene.client.reload(loop.id) == "The configuration is read again before the next iteration."
    scene.cue()
    result = await loop.result()
    assert scene.agents == ["command", "codex"]
    assert ("`new`" in scene.prompt(1), "`new`" in scene.prompt(2)) == (False, True)
    assert [check.name for check in result.checks] == ["new"]


@pytest.mark.parametrize("asked", [False, True])
async def test_a_wrong_configuration_ends_no_running_loop(scene: Scene, *, asked: bool) -> None:
    """It is not even read unprompted; who asks for it finds in the log what is wrong, and the old one stays."""
    loop = await scene.start(part("command", scene.waiting(MORE), DONE))
    await scene.run_number(1)
    scene.configure("max_iterations: ten\n")
    if asked:
        await scene.client.reload(loop.id)
    scene.cue()
    assert (await loop.result()).outcome.ending is Ending.DONE
    log = await loop.log()
    assert any("The old configuration stays: " in text and "must be a whole number" in text for text in log) is asked
