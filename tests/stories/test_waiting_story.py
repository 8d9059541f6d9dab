"""Work that a person has to let go on says so wherever it can be seen, and to whom."""

from collections.abc import Callable

from project_kit import FILES as PROJECT
from project_kit import begun, part
from story_kit import FILES, PERSON, Story, script, until

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"
CALL = "aidp-needs-input"


def configured(text: str) -> dict[str, str]:
    """Add to the usual repository's configuration."""
    return {**FILES, ".aidp/aidp.yml": FILES[".aidp/aidp.yml"] + text}


async def test_a_change_that_needs_an_approval_calls_for_it(begin: Callable[..., Story]) -> None:
    """The headline waits, names the file and both commands, and the label is on until somebody has approved."""
    story = begin(configured("guards: {confirm: ['answer.txt']}\n"))
    number = await story.ask(script(RIGHT))
    await until(lambda: "aidp waits" in story.status(number) and CALL in story.labels(number))
    reason = "Waiting for an approval to change `answer.txt`: `/aidp approve` or `/aidp reject` (write permission)."
    assert reason in story.status(number)
    await story.github.comment(story.repository, number, PERSON, "/aidp approve")
    status = await story.ending(number, "Done")
    assert "aidp waits" not in status
    assert CALL not in story.labels(number)
    branch = f"aidp/issue-{number}-make-it-right"
    page = f"{story.github.url}/{story.repository.full_name}"
    assert f"[Branch `{branch}`]({page}/tree/{branch})" in status


async def test_a_used_up_budget_calls_for_somebody_who_may_raise_it(begin: Callable[..., Story]) -> None:
    """How far it is used is told all the time; when all of it is, the headline waits and says who can allow more."""
    story = begin(configured("budget: {run: {iterations: 1}}\n"))
    story.github.set_permission(story.repository, PERSON, "admin")
    number = await story.ask(script("echo wrong > answer.txt; echo 'STATUS: CONTINUE'", RIGHT))
    await until(lambda: "0 % of this run's 1 iterations" in story.status(number))
    await until(lambda: "aidp waits" in story.status(number) and CALL in story.labels(number))
    assert "is used up. `/aidp budget +1 iterations` goes on (admin permission)" in story.status(number)
    await story.github.comment(story.repository, number, PERSON, "/aidp budget +1 iteration")
    assert "100 % of this run's 2 iterations" in await story.ending(number, "Done")
    assert CALL not in story.labels(number)


async def test_a_part_that_needs_an_approval_calls_for_it_on_its_project(begin: Callable[..., Story]) -> None:
    """People hear of it where their commands reach the part, and the project goes on once they have approved."""
    config = f"{PROJECT['.aidp/aidp.yml']}guards: {{confirm: ['core.txt']}}\n"
    story = begin({**PROJECT, ".aidp/aidp.yml": config})
    project = await begun(story, part("core"))
    core = await until(lambda: project.issue("core"))
    reason = f"#{core.number}: Waiting for an approval to change `core.txt`: `/aidp approve` or `/aidp reject`"
    await until(lambda: reason in story.status(project.number) and CALL in story.labels(project.number))
    assert "aidp waits" in story.status(project.number)
    await project.command("/aidp approve")
    await story.ending(project.number, "all 1 parts are done")
    assert CALL not in story.labels(project.number)
