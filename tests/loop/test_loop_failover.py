"""Failover: an agent that can not work is replaced, waited for or reported, by how it failed."""

import asyncio

from loop_scene import DONE, Scene, limited_for, part, recorded

from workflows.advice import AT_A_TERMINAL
from workflows.model import Ending, Waiting

ALL = "commands: []\nproviders: [claude, codex, command]\n"
TWO = "commands: []\nproviders: [command, claude]\n"
MODELS = "commands: []\nproviders: [claude/opus, claude/haiku]\n"


async def test_a_limited_agent_is_replaced(scene: Scene) -> None:
    """The next one in the list gets the same prompt at once, and the result says who did the work."""
    scene.configure(ALL)
    loop = await scene.start(part("claude", recorded("claude/e429")), part("codex", DONE))
    result = await loop.result()
    assert (result.outcome.ending, result.provider, result.iterations) == (Ending.DONE, "codex", 1)
    assert scene.agents == ["claude", "codex"]
    assert scene.prompt(1) == scene.prompt(2)


async def test_what_a_failed_agent_left_is_thrown_away(scene: Scene) -> None:
    """The next one starts from the last checkpoint, not from half an edit."""
    scene.configure(ALL)
    loop = await scene.start(part("claude", f"echo half > half.txt; {recorded('claude/e429')}"), part("codex", DONE))
    result = await loop.result()
    assert result.published
    assert result.published.files == ("done.txt",)


async def test_when_all_are_limited_it_waits_for_the_first_reset(scene: Scene) -> None:
    """The status says for whom and until when; then the one who is free first goes on, by itself."""
    scene.configure(TWO)
    loop = await scene.start(part("command", limited_for(3), DONE), part("claude", recorded("claude/e429")))
    progress = await loop.until_note("Waiting for")
    assert progress.note.startswith("Waiting for command until 20")
    assert progress.note.endswith(f"UTC; {AT_A_TERMINAL.prefer}")
    assert progress.waiting == Waiting(progress.note, for_people=False)
    result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 1)
    assert scene.agents == ["command", "claude", "command"]
    assert result.seconds > 3


async def test_without_any_login_it_ends_with_what_to_repair(scene: Scene) -> None:
    """Waiting would not help: the ending names each agent, what is wrong and what to do."""
    scene.configure("commands: []\nproviders: [claude, codex]\n")
    parts = part("claude", recorded("claude/e401")), part("codex", recorded("codex/cx401"))
    outcome = (await (await scene.start(*parts)).result()).outcome
    assert outcome.ending is Ending.FAILED
    assert "claude is not logged in: Invalid API key" in outcome.reason
    assert "codex is not logged in: unexpected status 401 Unauthorized" in outcome.reason
    assert "claude: sign in again on the agent host" in outcome.advice
    assert "codex: sign in again on the agent host" in outcome.advice


async def test_after_three_passing_troubles_the_next_model_is_asked(scene: Scene) -> None:
    """An overloaded model gets two more chances, then the next entry of the list has its turn."""
    scene.configure(MODELS)
    trouble = recorded("claude/e529")
    loop = await scene.start(part("claude", trouble, trouble, trouble, DONE))
    result = await loop.result()
    assert (result.outcome.ending, result.provider) == (Ending.DONE, "claude/haiku")
    assert scene.agents == ["claude/opus"] * 3 + ["claude/haiku"]


async def test_what_one_loop_suffers_another_is_spared(scene: Scene) -> None:
    """Five failures in a row open the breaker of the host: the next loop does not even try."""
    scene.configure(ALL)
    parts = part("claude", recorded("claude/e429")), part("codex", DONE)
    loops = [await scene.start(*parts) for _ in range(5)]
    await asyncio.gather(*(loop.result() for loop in loops))
    assert scene.agents.count("claude") == 5
    loop = await scene.start(*parts)
    assert (await loop.result()).provider == "codex"
    assert scene.agents.count("claude") == 5
