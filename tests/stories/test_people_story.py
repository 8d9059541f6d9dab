"""What people do while something runs or waits: none of it is lost, and none of it is taken for something else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pull_kit import CONFIG as PULL_CONFIG
from pull_kit import Pull, first_pull, open_pull
from story_kit import FILES, PERSON, Story, script, until

from github_app.demo.github.reviewing import Remark, ReviewDraft

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"
CONFIG = FILES[".aidp/aidp.yml"]
PLAN = """@plan\necho '{"summary": "Write the answer.", "tasks": [{"title": "Write it"}]}'\n@end\n"""


async def planned(story: Story, body: str) -> int:
    """Have a plan made, and wait until it waits for an approval."""
    number = await story.open(PLAN + body)
    await story.label(number, label="aidp-plan")
    await until(lambda: "/aidp approve" in story.status(number))
    return number


async def test_changes_that_wait_for_it_are_approved_with_a_command(begin: Callable[..., Story]) -> None:
    """What a repository wants to confirm, holds a build; `/aidp approve` lets it through."""
    story = begin({**FILES, ".aidp/aidp.yml": f"{CONFIG}guards: {{confirm: [answer.txt]}}\n"})
    number = await story.ask(script(RIGHT))
    await until(lambda: "answer.txt" in story.status(number))
    await story.say(number, "/aidp approve")
    await story.ending(number, "Done")
    assert len(story.pull_requests()) == 1


async def test_what_is_said_to_a_plan_that_waits_reaches_the_builder(begin: Callable[..., Story]) -> None:
    """The agent that builds is another one than the one that planned; it is told what was said in between."""
    story = begin(FILES)
    number = await planned(story, "Please.")
    await story.say(number, f"/aidp tell this:\n\n{script(RIGHT)}")
    await story.answered(number, "The next agent gets it.")
    await story.say(number, "/aidp approve")
    [pull_request] = await until(story.pull_requests)
    assert pull_request.pull
    assert await story.file(pull_request.pull.head, "answer.txt") == "right\n"


async def test_a_pause_before_the_approval_holds_after_it(story: Story) -> None:
    """Paused is paused: the approved build begins when somebody resumes it."""
    number = await planned(story, script(RIGHT))
    await story.say(number, "/aidp pause")
    await story.answered(number, "Paused before the next step.")
    await story.say(number, "/aidp approve")
    await until(lambda: "Paused" in story.status(number))
    assert story.pull_requests() == []
    await story.say(number, "/aidp resume")
    await until(story.pull_requests)


async def test_an_unknown_agent_is_refused_at_once(story: Story) -> None:
    """Nobody finds out later that a wish could not be met."""
    number = await planned(story, script(RIGHT))
    await story.say(number, "/aidp provider nobody")
    assert "command" in await story.answered(number, "`nobody` is not offered here")
    await story.say(number, "/aidp provider command")
    await story.answered(number, "The next agent gets it.")


async def test_a_review_during_other_work_is_worked_off_after_it(begin: Callable[..., Story], tmp_path: Path) -> None:
    """Somebody asks for changes while the CI is awaited; that is done once the item is free, but not for ever."""
    cue = tmp_path / "cue"
    config = PULL_CONFIG.replace("verify_rounds: 0", "verify_rounds: 0, change_rounds: 1")
    story = begin({**FILES, ".aidp/aidp.yml": config}, ci=f"while ! test -e {cue}; do sleep 0.1; done")
    await story.ask(script(RIGHT))
    pull = await first_pull(story)
    await pull.ask("aidp-fix-ci")
    await until(lambda: "aidp-working" in story.labels(pull.number))
    await asks_for(pull, script("echo better > answer.txt; echo 'ITEM 1: DONE'; echo 'STATUS: COMPLETE'"))
    await answered_or_waiting(pull)
    cue.touch()
    await until(
        lambda: "changes are in" in story.status(pull.number) or "the change is in" in story.status(pull.number)
    )
    assert await pull.file("answer.txt") == "better\n"
    await asks_for(pull, "And this?")
    await story.answered(pull.number, "@grace The limit of reviews worked off here by themselves is reached (1).")


async def test_what_is_taken_back_does_not_begin(story: Story) -> None:
    """A label that waits for its turn is as good as never put on when somebody takes it off."""
    number = await planned(story, script(RIGHT))
    await story.label(number, label="aidp-auto")
    await story.say(number, "/aidp status")
    await story.answered(number, "then `auto`")
    await story.github.unlabel_issue(story.repository, number, "aidp-auto", by=PERSON)
    await story.say(number, "/aidp reject")
    await story.ending(number, "Cancelled")
    await story.until_free(number)
    assert story.pull_requests() == []


@pytest.mark.parametrize("deed", ["delete", "transfer"])
async def test_work_ends_where_its_issue_is_gone(begin: Callable[..., Story], tmp_path: Path, deed: str) -> None:
    """Deleted or moved elsewhere: the agent is stopped, and nothing is left of its work."""
    story, begun = begin(), tmp_path / "begun"
    number = await story.ask(script(f"touch {begun}; sleep 300"))
    await until(begun.exists)
    owning = story.github.owning(story.repository, PERSON)
    if deed == "delete":
        owning.delete_issue(number)
    else:
        owning.transfer_issue(number, begin().repository)
    ended = await story.temporal.get_workflow_handle(f"build:{story.repository.id}#{number}").result()
    assert ended["reason"] == "ada moved or deleted it"
    assert list(await story.github.world.git(story.repository).refs("refs/")) == ["refs/heads/main"]


async def test_what_is_closed_while_it_waits_does_not_begin(story: Story) -> None:
    """Closing ends what runs, and what was to come after it."""
    number = await planned(story, script(RIGHT))
    await story.label(number, label="aidp-auto")
    await until(lambda: "aidp-auto" in story.labels(number))
    await story.github.close_issue(story.repository, number, by=PERSON)
    await story.ending(number, "Cancelled")
    await story.until_free(number)
    assert story.pull_requests() == []


async def test_a_label_on_a_closed_issue_is_explained(story: Story) -> None:
    """It is taken off again, with the reason; once the issue is open again, it is as good as any."""
    number = await story.open(script(RIGHT))
    await story.github.close_issue(story.repository, number, by=PERSON)
    await story.label(number)
    await story.answered(number, "It is closed. Open it again")
    await until(lambda: "aidp-build" not in story.labels(number))
    await story.github.reopen_issue(story.repository, number, by=PERSON)
    await story.label(number)
    await until(story.pull_requests)


async def test_buttons_do_what_commands_do(begin: Callable[..., Story]) -> None:
    """The check offers what makes sense at the moment: to hold the work, to go on, to let a change pass."""
    story = begin({".aidp/aidp.yml": f"{PULL_CONFIG}guards: {{confirm: [answer.txt]}}\n", "answer.txt": "empty\n"})
    pull = await open_pull(story, {"more.txt": "more\n"})
    await pull.say(f"/aidp fix {script(RIGHT)}")
    await pull.until_offered("approve")
    await pull.press("pause")  # also while it waits for somebody anyway
    await pull.press("resume")
    await pull.press("approve")
    await pull.ending("Done")
    assert await pull.file("answer.txt") == "right\n"


async def test_a_button_acts_on_its_own_work_only(begin: Callable[..., Story]) -> None:
    """Re-run on the check of what gave up retries it; retry on an older check only says what to do."""
    story = begin({".aidp/aidp.yml": PULL_CONFIG, "answer.txt": "empty\n"}, ci="cat obey.txt; false")
    useless = script("date +%N >> more.txt; echo 'STATUS: COMPLETE'")
    pull = await open_pull(story, {"obey.txt": useless})
    await pull.ask("aidp-fix-ci")
    await pull.ending("Gave up")
    gave_up, buttons = pull.check_run(), story.github.buttons(story.repository, PERSON)
    await pull.ask("aidp-review")
    await pull.ending("Done")
    buttons.press(gave_up.id, "retry")
    await story.answered(pull.number, "`/aidp fix-ci` starts it anew")
    await pull.ask("aidp-fix-ci")
    await pull.ending("Gave up")
    await story.until_free(pull.number)
    head = pull.head_sha
    buttons.rerequest(pull.check_run().id)
    await until(lambda: pull.head_sha != head)
    await pull.ending("Gave up")


async def asks_for(pull: Pull, wish: str) -> None:
    """Ask for a change, as a colleague."""
    github, repository = pull.story.github, pull.story.repository
    github.set_permission(repository, "grace", "write")
    draft = ReviewDraft("REQUEST_CHANGES", "", (Remark("answer.txt", 1, wish),))
    await github.review(repository, pull.number, draft, "grace")


async def answered_or_waiting(pull: Pull) -> None:
    """Wait until the mailbox says that the fix comes next."""
    await pull.say("/aidp status")
    await pull.story.answered(pull.number, "then `fix`")
