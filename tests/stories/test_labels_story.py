"""The labels say whose turn it is, and no longer than that is so."""

from collections.abc import Callable

from project_kit import FILES as PROJECT
from project_kit import begun, part
from pull_kit import CONFIG, open_pull
from story_kit import PERSON, Story, script, until

FILES = {".aidp/aidp.yml": CONFIG, "answer.txt": "empty\n"}
READY = ("aidp-ready",)
COMPLETE = "echo 'STATUS: COMPLETE'"


async def test_what_is_handed_over_is_ready_until_it_is_worked_on(begin: Callable[..., Story]) -> None:
    """The label is on when people can take over, off while somebody has it changed, and on again afterwards."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "right\n"})
    await pull.ask("aidp-auto")
    await pull.ending("Done")
    assert story.labels(pull.number) == READY
    await pull.say(f"/aidp fix {script(f'sleep 1; echo better > answer.txt; {COMPLETE}')}")
    await until(lambda: story.labels(pull.number) == ("aidp-working",))
    await until(lambda: story.labels(pull.number) == READY)
    assert await pull.file("answer.txt") == "better\n"


async def test_what_ends_badly_is_not_ready_any_more(begin: Callable[..., Story]) -> None:
    """A change that nobody could make asks for somebody instead."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "right\n"})
    await story.label(pull.number, label="aidp-ready")
    await pull.say(f"/aidp fix {script('exit 1')}")
    await until(lambda: story.labels(pull.number) not in {READY, ("aidp-working",)})
    await pull.ending("Gave up", "Failed")
    assert "aidp-ready" not in story.labels(pull.number)


async def test_a_pull_request_that_is_no_draft_is_for_people(begin: Callable[..., Story]) -> None:
    """Where a build opens it for review at once, it is ready from the beginning."""
    config = FILES[".aidp/aidp.yml"].replace("verify_rounds: 0", "verify_rounds: 0, draft: false")
    story = begin({**FILES, ".aidp/aidp.yml": config})
    number = await story.ask(script(f"echo right > answer.txt; {COMPLETE}"))
    await story.ending(number, "Done")
    [pull_request] = story.pull_requests()
    assert story.labels(pull_request.number) == READY


async def test_parts_that_are_never_begun_do_not_stay_blocked(begin: Callable[..., Story]) -> None:
    """A part waits for one that fails; when the project is over, it waits for nothing any more."""
    story = begin(PROJECT)
    project = await begun(story, part("first", run="exit 1"), part("second", "first"))
    await project.says("failed: `/aidp retry`")
    second = project.issue("second")
    assert second
    assert story.labels(second.number) == ("aidp-blocked",)
    await until(lambda: "aidp-needs-input" in story.labels(project.number))
    await story.github.comment(story.repository, project.number, PERSON, "/aidp cancel")
    await story.ending(project.number, f"{PERSON} cancelled it")
    assert story.labels(second.number) == ()
    assert story.labels(project.number) == ()
