"""What `aidp-auto` does by itself, and what it says of it: no more than is so."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot
from pull_kit import CONFIG, NOTHING, first_pull, found, look, open_pull
from story_kit import Story, script, until

from github_app.demo.github.faults import Fault, Kind, When, Where

COMPLETE = "echo 'STATUS: COMPLETE'"
FILES = {".aidp/aidp.yml": CONFIG, "answer.txt": "empty\n"}
CI = "cat repair.txt; cat answer.txt; grep -q right answer.txt"
HIGH, MINOR = found("high", "It is wrong"), found("minor", "It is short")
STILL_WRONG = f"if grep -q '[+] wrong'; then {HIGH}; else {MINOR}; fi"
"""The answer of a reviewer who finds something grave wherever `wrong` is in the diff that was shown."""


def said(status: str) -> str:
    """Leave out of a status comment what differs from run to run."""
    return re.sub(r"`[0-9a-f]{8}`", "`SHA`", status.split("\n\n")[1])


async def test_an_issue_becomes_a_pull_request_that_people_can_take_over(begin: Callable[..., Story]) -> None:
    """Planned, built, reviewed, green and ready: nobody had to do anything but to put the label on."""
    story = begin(FILES, ci="grep -q right answer.txt")
    number = await story.open(script(f"echo right > answer.txt; {COMPLETE}"))
    await story.label(number, label="aidp-auto")
    await story.answered(number, "Do what it says.")
    pull = await first_pull(story)
    status = await pull.ending("Done")
    assert said(status) == snapshot(
        "reviewed, with no grave finding open; the CI is green on `SHA`; ready without a fix"
    )
    assert pull.issue.pull
    assert not pull.issue.pull.draft
    assert len(pull.reviews()) == 1
    assert "Done" in await story.ending(number, "Done")


async def test_what_is_grave_is_repaired_and_the_rest_is_told(begin: Callable[..., Story]) -> None:
    """A commit that had been reviewed is reviewed for this work too, so that what is repaired was said somewhere."""
    obey = script(f"echo right > answer.txt; {COMPLETE}")
    story = begin({**FILES, "obey.txt": obey})
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(STILL_WRONG))
    await pull.ask("aidp-review")
    await pull.end_of("review", "1 high")
    await pull.say("/aidp auto")
    status = await pull.end_of("auto", "with no grave finding open")
    assert said(status) == snapshot(
        "reviewed, with no grave finding open; still open: 1 minor; no CI ran on `SHA`; ready after one pushed fix"
    )
    assert ["🔴 high 1" in review for review in pull.reviews()] == [True, True, False]


@pytest.mark.parametrize("stale", [1, 4])
async def test_a_repair_that_github_does_not_show_yet_is_not_made_again(
    begin: Callable[..., Story], tmp_path: Path, stale: int
) -> None:
    """What was pushed is waited for, and in the end reviewed without GitHub's word: git has it."""
    at_work, cue = tmp_path / "at work", tmp_path / "cue"
    wait = f"touch '{at_work}'; while ! test -e '{cue}'; do sleep 0.1; done"
    story = begin({**FILES, "obey.txt": script(f"{wait}; echo right > answer.txt; {COMPLETE}")})
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(STILL_WRONG))
    lag = Fault(Kind.PUSH_UNSEEN, Where("GET", f"/{story.repository.name}/pulls/{pull.number}$"), When(count=None))
    await pull.ask("aidp-auto")
    await until(at_work.exists)
    story.github.faults.add(lag)
    before = len(story.github.faults.injected)
    cue.touch()
    await until(lambda: len(story.github.faults.injected) - before >= stale)
    story.github.faults.withdraw(lag)
    status = await pull.end_of("auto", "Done", "Gave up")
    assert said(status) == snapshot(
        "reviewed, with no grave finding open; still open: 1 minor; no CI ran on `SHA`; ready after one pushed fix"
    )
    assert len(pull.reviews()) == 2


async def test_a_repair_that_helps_nothing_is_not_taken_for_one(begin: Callable[..., Story]) -> None:
    """After a repair all of it is looked at again, so that what is still there is found again."""
    config = CONFIG.replace("verify_rounds: 0", "verify_rounds: 0, auto_attempts: 1")
    obey = script(f"echo useless > README.md; {COMPLETE}")
    story = begin({**FILES, ".aidp/aidp.yml": config, "obey.txt": obey})
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(STILL_WRONG))
    await pull.ask("aidp-auto")
    status = await pull.ending("Gave up")
    assert said(status) == snapshot("1 grave finding left open after one pushed fix; see the review")


async def test_what_nobody_has_judged_again_is_not_called_repaired(begin: Callable[..., Story]) -> None:
    """Whoever found something grave has to look again; without an answer from there it counts as open."""
    config = CONFIG.replace("[senior]", "[senior, security]")
    obey = script(f"echo right > answer.txt; {COMPLETE}")
    security = "grep -q '^You look at it as .*security'"
    answer = f"if {security}; then if grep -q '^wrong' answer.txt; then {HIGH}; else echo; fi; else {NOTHING}; fi"
    story = begin({**FILES, ".aidp/aidp.yml": config, "obey.txt": obey})
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(answer))
    await pull.ask("aidp-auto")
    status = await pull.ending("Gave up")
    assert said(status) == snapshot(
        "1 grave finding not judged again after one pushed fix; no answer came from security"
    )


async def test_fixes_are_counted_whatever_they_were_for(begin: Callable[..., Story]) -> None:
    """Where reviews have used the attempts, the CI gets none, and the end says how many there were."""
    config = CONFIG.replace("verify_rounds: 0", "verify_rounds: 0, auto_attempts: 1")
    obey = script(f"echo good > answer.txt; {COMPLETE}")
    story = begin({**FILES, ".aidp/aidp.yml": config, "obey.txt": obey}, ci="grep -q right answer.txt")
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(STILL_WRONG))
    await pull.ask("aidp-auto")
    status = await pull.ending("Gave up")
    assert said(status) == snapshot("the CI is still red on `SHA` after one pushed fix: `test`")


async def test_how_far_it_is_counts_in_fixes(begin: Callable[..., Story]) -> None:
    """A look is no iteration of anything: comment and check run tell how many of the fixes that may be are pushed."""
    obey = script(f"echo right > answer.txt; {COMPLETE}")
    story = begin({**FILES, "obey.txt": obey})
    answer = f"if grep -q '[+] wrong'; then {HIGH}; else sleep 300; fi"
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(answer))
    await pull.ask("aidp-auto")
    status = await until(lambda: it if "auto · 1 of 5 fixes" in (it := story.status(pull.number)) else None)
    assert "iteration" not in status.partition("\n")[0]
    told = "1 of 5 fixes pushed; at work with command."
    await until(
        lambda: any(told in str(run.output) for run in story.github.check_runs(story.repository, pull.head_sha))
    )
    await pull.say("/aidp cancel")
    await pull.ending("Cancelled")


async def test_a_cancelled_review_ends_all_of_it(begin: Callable[..., Story]) -> None:
    """Nothing is posted and nothing goes on, also when some perspectives have answered already."""
    config = CONFIG.replace("[senior]", "[senior, security]")
    answer = f"if grep -q '^You look at it as .*security'; then sleep 300; else {HIGH}; fi"
    story = begin({**FILES, ".aidp/aidp.yml": config})
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(answer))
    await pull.ask("aidp-auto")
    await until(lambda: "working" in story.status(pull.number))
    await pull.say("/aidp cancel")
    assert "Cancelled" in await pull.ending("Cancelled")
    assert pull.reviews() == []


async def test_what_was_tried_for_the_ci_is_remembered_over_a_review(begin: Callable[..., Story]) -> None:
    """A review whose repair brings the old failure back does not make it a new one: somebody has to look."""
    undo = f"if grep -q right answer.txt; then echo wrong > answer.txt; else echo right > answer.txt; fi; {COMPLETE}"
    story = begin({**FILES, "obey.txt": script(undo)}, ci="grep -q right answer.txt")
    answer = f"if grep -q '[+] right'; then {HIGH}; else {NOTHING}; fi"
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(answer))
    await pull.ask("aidp-auto")
    status = await pull.ending("Gave up")
    assert said(status) == snapshot("the same checks fail as before the last fix, on `SHA`: `test`")
    assert await pull.file("answer.txt") == "wrong\n"
