"""Preferring: a person says who is to work from now on, and what is not to be had is refused in words."""

import pytest
from loop_scene import DONE, MORE, Scene, part, recorded

from github_app.jobs import Wishes
from github_app.jobs.errors import RefusedError
from workflows.loop_controls import Preference
from workflows.model import Ending
from workflows.work_loop import WorkLoopWorkflow

ALL = "commands: []\nproviders: [claude, codex, command]\n"


async def test_the_preferred_agent_gets_the_next_prompt(scene: Scene) -> None:
    """The running one finishes; the others stay behind it, in their order."""
    scene.configure(ALL)
    loop = await scene.start(part("claude", scene.waiting(MORE), DONE), part("codex", MORE, recorded("codex/cx429")))
    await scene.run_number(1)
    told = await scene.client.prefer(loop.id, Preference.of("codex"))
    assert told == "codex gets the next prompt, unless its own limit says no; a running agent finishes."
    scene.cue()
    assert (await loop.result()).outcome.ending is Ending.DONE
    assert scene.agents == ["claude", "codex", "codex", "claude"]


async def test_a_model_alone_is_one_of_whoever_works(scene: Scene) -> None:
    """`/haiku` while claude works is claude's."""
    scene.configure(ALL)
    loop = await scene.start(part("claude", scene.waiting(MORE), DONE))
    await scene.run_number(1)
    await scene.client.prefer(loop.id, Preference.of("/haiku"))
    scene.cue()
    assert (await loop.result()).provider == "claude/haiku"


async def test_what_is_not_to_be_had_is_refused(scene: Scene) -> None:
    """With the list of what is; a signal that nobody answers leaves the reason in the log."""
    scene.configure(ALL)
    loop = await scene.start(part("claude", scene.waiting()))
    await scene.run_number(1)
    with pytest.raises(RefusedError, match="`cluade` is not offered here; there is claude, codex, command"):
        await scene.client.prefer(loop.id, Preference.of("cluade"))
    with pytest.raises(RefusedError, match="can not be the name of a model"):
        await scene.client.prefer(loop.id, Preference.of("claude/--help"))
    with pytest.raises(RefusedError, match="no agent is named"):
        await scene.client.prefer(loop.id, Preference.of(" "))
    await loop.handle.signal(WorkLoopWorkflow.prefer, Preference.of("cluade", by="ada"))
    assert (await loop.log())[-1].startswith("A preference by ada was not taken: `cluade` is not offered here")
    scene.cue()
    assert (await loop.result()).provider == "claude"


async def test_waiting_for_a_limit_ends_when_another_one_is_preferred(scene: Scene) -> None:
    """Nobody has to wait for hours when there is a model without that limit."""
    scene.configure("commands: []\nproviders: [claude/opus]\n")
    loop = await scene.start(part("claude", recorded("claude/e429"), DONE))
    await loop.until_note("Waiting for claude/opus")
    await scene.client.prefer(loop.id, Preference.of("claude/haiku"))
    assert (await loop.result()).outcome.ending is Ending.DONE
    assert scene.agents == ["claude/opus", "claude/haiku"]


async def test_a_new_configuration_forgets_no_preference(scene: Scene) -> None:
    """A person's word counts more than the file's."""
    scene.configure(ALL)
    loop = await scene.start(part("claude", scene.waiting(MORE)), part("codex", DONE))
    await scene.run_number(1)
    await scene.client.prefer(loop.id, Preference.of("codex"))
    scene.configure("commands: []\nproviders: [command, codex]\n")
    await scene.client.reload(loop.id)
    scene.cue()
    await loop.result()
    assert scene.agents == ["claude", "codex"]


async def test_whoever_starts_the_work_may_choose(scene: Scene) -> None:
    """The agents and the number of iterations, over what is configured."""
    loop = await scene.start(part("codex", MORE), wishes=Wishes(("codex",), max_iterations=2))
    result = await loop.result()
    assert (result.outcome.ending, result.iterations, scene.agents) == (Ending.GAVE_UP, 2, ["codex"] * 2)
