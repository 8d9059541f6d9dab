"""Verdicts: which checks count when, what makes the work done, and when it gets nowhere."""

from loop_scene import DONE, MORE, Scene, part

from workflows.model import Ending

PHASES = """\
commands:
  - {name: always, command: 'echo always >> "$STAGE"', category: test}
  - {name: at the end, command: 'echo claimed >> "$STAGE"', category: test, phase: on_completion}
  - {name: whole, command: 'echo whole >> "$STAGE"; test -e whole.txt', category: test, phase: full_loop}
providers: [command]
"""
RED = "commands: [{name: red, command: test -e right.txt, category: test}]\nproviders: [claude, codex]\n"
OPTIONAL = "commands: [{name: nice to have, command: 'false', required: false}]\nproviders: [command]\n"


async def test_each_check_runs_in_its_phase(scene: Scene) -> None:
    """Some after every run, some only when the agent says that it is done, some when everything else passes."""
    scene.configure(PHASES.replace("$STAGE", str(scene.directory / "checks")))
    loop = await scene.start(part("command", MORE, DONE, f"echo whole > whole.txt; {DONE}"))
    result = await loop.result()
    assert result.outcome.ending is Ending.DONE
    assert scene.read("checks").split() == ["always", *["always", "claimed", "whole"] * 2]
    assert [(check.name, check.passed) for check in result.checks] == [
        ("always", True),
        ("at the end", True),
        ("whole", True),
    ]


async def test_what_fails_at_the_very_end_goes_into_the_next_prompt(scene: Scene) -> None:
    """The agent hears which of the last checks failed, like of any other."""
    scene.configure(PHASES.replace("$STAGE", str(scene.directory / "checks")))
    loop = await scene.start(part("command", DONE, f"echo whole > whole.txt; {DONE}"))
    await loop.result()
    assert "### `whole`: " in scene.prompt(2)
    assert "The final checks do not pass yet." in scene.prompt(2)


async def test_a_check_that_is_not_required_stands_in_nobodys_way(scene: Scene) -> None:
    """It is reported, and that is all."""
    scene.configure(OPTIONAL)
    result = await (await scene.start(part("command", DONE))).result()
    assert result.outcome.ending is Ending.DONE
    assert [(check.name, check.passed, check.required) for check in result.checks] == [("nice to have", False, False)]


async def test_no_progress_brings_another_agent_once(scene: Scene) -> None:
    """After two iterations without any change the next one tries; when that brings nothing either, people are asked."""
    scene.configure(RED)
    same = "echo wrong > wrong.txt; echo 'STATUS: COMPLETE'"
    result = await (await scene.start(part("claude", same), part("codex", same))).result()
    assert scene.agents == ["claude", "claude", "codex"]
    assert "Take another approach." in scene.prompt(3)
    assert (result.outcome.ending, result.outcome.advice) == (
        Ending.GAVE_UP,
        "Put the answer into the prompt and start it again.",
    )
    assert result.outcome.reason.startswith("no progress in 3 iterations: red: ")


async def test_final_checks_that_stay_red_end_it_too(scene: Scene) -> None:
    """An agent that says again and again that it is done, while they say that it is not, gets nowhere."""
    scene.configure(RED.replace("category: test", "category: test, phase: full_loop"))
    same = "echo wrong > wrong.txt; echo 'STATUS: COMPLETE'"
    result = await (await scene.start(part("claude", same), part("codex", same))).result()
    assert scene.agents == ["claude", "claude", "codex"]
    assert result.outcome.reason.startswith("no progress in 3 iterations: red: ")


async def test_an_agent_that_finds_the_way_out_is_not_held_to_the_past(scene: Scene) -> None:
    """The one who was brought in solves it."""
    scene.configure(RED)
    stuck = part("claude", "echo wrong > wrong.txt; echo 'STATUS: COMPLETE'")
    result = await (await scene.start(stuck, part("codex", f"echo right > right.txt; {DONE}"))).result()
    assert (result.outcome.ending, result.provider) == (Ending.DONE, "codex")


async def test_small_steps_are_progress(scene: Scene) -> None:
    """As long as the content changes, the same failing check is no reason to give up."""
    scene.configure(RED)
    step = "echo step >> steps.txt; echo 'STATUS: CONTINUE'"
    result = await (await scene.start(part("claude", *[step] * 4, f"echo right > right.txt; {DONE}"))).result()
    assert (result.outcome.ending, scene.agents) == (Ending.DONE, ["claude"] * 5)
