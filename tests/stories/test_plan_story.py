"""A plan before the work: questions, answers, an approval that holds for what was approved and nothing else."""

from collections.abc import Callable

from story_kit import FILES, PERSON, STRANGER, Story, script, until

from github_app.demo.github import Edit

PLAN = "aidp-plan"
RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"
WORK = script(RIGHT)
SIMPLE = """echo '{"summary": "Write the answer.", "tasks": [{"title": "Write it"}], "files": ["answer.txt"]}'\n"""
ASKING = """echo '{"summary": "Write it.", "tasks": [{"title": "Write"}], "questions": ["Right or left?"]}'\n"""
CONFIG = FILES[".aidp/aidp.yml"]


def planned(*plans: str, work: str = WORK) -> str:
    """Write an issue whose agent plans like this."""
    return "".join(f"@plan\n{plan}@end\n" for plan in plans) + work


async def waiting(story: Story, number: int, words: str) -> str:
    """Wait until the status comment says what is waited for."""
    return await until(lambda: story.status(number) if words in story.status(number) else None)


async def test_a_plan_is_approved_and_then_built(story: Story) -> None:
    """The plan is a comment of its own; nothing is built before somebody approves it."""
    number = await story.open(planned(SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    plan = await story.answered(number, "Write the answer.")
    assert "`answer.txt`" in plan
    assert story.pull_requests() == []
    await story.say(number, "/aidp approve")
    await story.ending(number, "#")
    [pull_request] = await until(story.pull_requests)
    assert pull_request.body.startswith(f"Fixes #{number}")
    assert "approved by ada" in await story.answered(number, "Write the answer.")


async def test_a_question_is_answered_in_a_plain_comment(story: Story) -> None:
    """Whoever may, just answers; the plan is made again with the answer, and the old one folded away."""
    number = await story.open(planned(ASKING, SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "answers to the plan's questions")
    assert "Right or left?" in await story.answered(number, "Write it.")
    await until(lambda: "aidp-needs-input" in story.labels(number))
    await story.say(number, "Right, please.")
    await waiting(story, number, "/aidp approve")
    plan = await story.answered(number, "Write the answer.")
    assert "Right, please." in plan
    assert "<details>" in plan


async def test_a_strangers_answer_is_none(story: Story) -> None:
    """Somebody without triage permission decides nothing."""
    number = await story.open(planned(ASKING, SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "answers to the plan's questions")
    await story.say(number, "Left!", STRANGER)
    await story.say(number, "/aidp answer 1 Left!", STRANGER)
    await story.answered(number, "takes **triage** permission")
    await story.say(number, "/aidp answer 1 Right.")
    await waiting(story, number, "/aidp approve")
    assert "Left!" not in await story.answered(number, "Write the answer.")


async def test_an_edited_issue_voids_the_plan(story: Story) -> None:
    """What is approved is the issue as it was planned: after an edit there is a new plan to approve."""
    number = await story.open(planned(SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    other = planned(SIMPLE.replace("Write the answer.", "Write another answer."))
    await story.github.edit_issue(story.repository, number, Edit(body=other), PERSON)
    await story.answered(number, "The issue was edited")
    await story.answered(number, "Write another answer.")
    assert story.pull_requests() == []


async def test_a_rejected_plan_is_put_away(story: Story) -> None:
    """A refusal ends the work, with its reason."""
    number = await story.open(planned(SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    await story.say(number, "/aidp reject not worth it")
    assert "ada rejected it: not worth it" in await story.ending(number, "Cancelled")


async def test_a_build_label_approves_the_plan_that_waits(story: Story) -> None:
    """Whoever asks for the build has seen the plan."""
    number = await story.open(planned(SIMPLE))
    await story.label(number, label=PLAN)
    await waiting(story, number, "/aidp approve")
    await story.label(number)
    await until(story.pull_requests)
    await until(lambda: "aidp-build" not in story.labels(number))


async def test_a_build_without_a_plan_makes_one(begin: Callable[..., Story]) -> None:
    """The plan is there to read, and needs no approval: whoever asked for the build gave it."""
    story = begin({**FILES, ".aidp/aidp.yml": CONFIG.replace("plan: {first: false}\n", "")})
    number = await story.ask(planned(SIMPLE))
    await story.ending(number, "Done")
    await story.answered(number, "Write the answer.")
    assert len(story.pull_requests()) == 1


async def test_what_a_comparison_misses_is_done_next(begin: Callable[..., Story]) -> None:
    """Checks that pass are not everything: what was asked for and is not there becomes the next iteration's task."""
    story = begin({**FILES, ".aidp/aidp.yml": CONFIG.replace("verify_rounds: 0", "verify_rounds: 2")})
    verification = """@verification
test -e more.txt && echo '{"unmet": []}' || echo '{"unmet": ["more.txt is missing"]}'
@end
"""
    work = script(RIGHT, "echo more > more.txt; echo 'STATUS: COMPLETE'")
    number = await story.ask(verification + work)
    await story.ending(number, "Done")
    [pull_request] = story.pull_requests()
    assert pull_request.pull
    assert await story.file(pull_request.pull.head, "more.txt") == "more\n"
