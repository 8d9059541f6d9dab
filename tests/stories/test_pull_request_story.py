"""What labels on pull requests do: repair the CI, change what reviews ask for, rebase, and go all the way."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pull_kit import BRANCH, CONFIG, Pull, open_pull
from story_kit import PERSON, Story, script, until

from github_app.demo.github.reviewing import Remark, ReviewDraft

REVIEWER = "grace"
COMPLETE = "echo 'STATUS: COMPLETE'"
FILES = {".aidp/aidp.yml": CONFIG, "answer.txt": "empty\n", "README.md": "Read me.\n"}
CI = "cat repair.txt; grep -q right answer.txt"
"""The CI prints what the agent then does: it is an obedient one, and the log is part of its prompt."""


async def test_red_ci_is_repaired_and_watched_until_it_is_green(begin: Callable[..., Story], tmp_path: Path) -> None:
    """The log of the failed job is the agent's task, its fix one commit; our check moves on to that."""
    story, cue = begin(FILES, ci=CI), tmp_path / "cue"
    repair = script(f"while ! test -e {cue}; do sleep 0.1; done; echo right > answer.txt; {COMPLETE}")
    pull = await open_pull(story, {"answer.txt": "wrong\n", "repair.txt": repair})
    red = pull.head_sha
    await pull.ask("aidp-fix-ci")
    before = await until(lambda: next(iter(pull.check_runs()), None))
    assert before.status == "in_progress"
    cue.touch()
    status = await pull.ending("Done")
    assert "the CI is green" in status
    assert await pull.file("answer.txt") == "right\n"
    assert pull.check_run().conclusion == "success"
    left = story.repository.check_runs[before.id]
    assert (left.conclusion, left.output["title"]) == ("neutral", "A newer commit took its place")
    git = story.github.world.git(story.repository)
    assert (await git.commit(pull.head_sha)).parents == (red,)


async def test_green_ci_needs_no_agent(begin: Callable[..., Story]) -> None:
    """What is green already is told so, and nothing is pushed."""
    story = begin(FILES, ci="true")
    pull = await open_pull(story, {"answer.txt": "right\n"})
    before = pull.head_sha
    await pull.ask("aidp-fix-ci")
    assert "the CI is green" in await pull.ending("Done")
    assert pull.head_sha == before


async def test_an_accident_is_run_again_before_anybody_works_on_it(begin: Callable[..., Story]) -> None:
    """A failure that looks like nobody's fault gets a second run of the same commit, and that is all."""
    flaky = 'test -e "$HOME/../again" || { touch "$HOME/../again"; echo "error: connection reset by peer"; exit 1; }'
    story = begin(FILES, ci=flaky)
    pull = await open_pull(story, {"answer.txt": "right\n"})
    before = pull.head_sha
    await pull.ask("aidp-fix-ci")
    assert "the CI is green" in await pull.ending("Done")
    assert pull.head_sha == before


async def test_an_accident_that_happens_again_is_none(begin: Callable[..., Story]) -> None:
    """A commit is run again once; what fails like an accident then is worked on like any failure."""
    story = begin(FILES, ci='grep -q right answer.txt || { cat repair.txt; echo "connection reset by peer"; exit 1; }')
    repair = script(f"echo right > answer.txt; {COMPLETE}")
    pull = await open_pull(story, {"answer.txt": "wrong\n", "repair.txt": repair})
    red = pull.head_sha
    await pull.ask("aidp-fix-ci")
    assert "the CI is green" in await pull.ending("Done")
    runs = story.github.check_runs(story.repository, red)
    assert [run.conclusion for run in runs if run.name != "aidp"] == ["failure", "failure"]


async def test_what_does_not_help_is_not_tried_again(begin: Callable[..., Story]) -> None:
    """A fix after which the same fails in the same way ends the work with a request to look."""
    story = begin(FILES, ci=CI)
    repair = script(f"echo useless >> README.md; {COMPLETE}")
    pull = await open_pull(story, {"answer.txt": "wrong\n", "repair.txt": repair})
    await pull.say("/aidp fix-ci")
    status = await pull.ending("Gave up")
    assert "the same checks fail as before the last fix" in status
    assert "aidp-needs-input" in story.labels(pull.number)


async def test_a_test_less_is_no_repair(begin: Callable[..., Story]) -> None:
    """Whether it is deleted or skipped: the guards take that out, and somebody has to look."""
    story = begin(FILES, ci="cat repair.txt; python3 -m unittest -q")
    failing = (
        "import unittest\n\n\nclass Tests(unittest.TestCase):\n    def test_it(self):\n        self.assertTrue(False)\n"
    )
    skip = "sed -i 's/^class/@unittest.skip(\"\")\\nclass/' test_it.py"
    repair = script(f"rm test_it.py; {COMPLETE}", f"{skip}; {COMPLETE}")
    pull = await open_pull(story, {"test_it.py": failing, "repair.txt": repair})
    await pull.ask("aidp-fix-ci")
    status = await pull.ending("Gave up")
    assert "it takes tests away or turns them off; leave them, and make the code pass: test_it" in status
    assert "make the code pass: @\u200bunittest.skip" in status
    assert await pull.file("test_it.py") == failing


async def test_a_review_is_worked_off_and_answered_in_its_thread(begin: Callable[..., Story]) -> None:
    """Each thread hears which commit did what it asked for, and is resolved."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "wrong\n"})
    wish = script(f"echo right > answer.txt; echo 'ITEM 1: DONE right'; echo 'ITEM 2: DONE right'; {COMPLETE}")
    await _review(pull, wish)
    await pull.ask("aidp-request-changes")
    status = await pull.ending("Done")
    assert "all 2 changes are in" in status
    assert await pull.file("answer.txt") == "right\n"
    thread = _threads(pull)[0]
    assert f"Done in {pull.head_sha}" in thread[-1]
    assert _resolved(pull) == [True]


async def test_a_question_is_asked_in_the_thread(begin: Callable[..., Story]) -> None:
    """What a person has to decide is asked where it came up, and the thread stays open."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "wrong\n"})
    ask = "; ".join(f"echo 'ITEM {number}: QUESTION right or left?'" for number in (1, 2))
    wish = script(f"{ask}; echo 'STATUS: BLOCKED'")
    await _review(pull, wish)
    await pull.ask("aidp-request-changes")
    await pull.ending("Gave up")
    assert "A question first: right or left?" in _threads(pull)[0][-1]
    assert _resolved(pull) == [False]


async def test_somebody_elses_branch_is_merged_not_rewritten(begin: Callable[..., Story]) -> None:
    """A clean merge needs no agent, and keeps the person's commits."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "right\n"})
    before = pull.head_sha
    await story.github.push(story.repository, "main", {"README.md": "Read me twice.\n"}, PERSON)
    await pull.ask("aidp-rebase")
    status = await pull.ending("Done")
    assert f"`main` is merged into `{BRANCH}`" in status
    assert await pull.file("README.md") == "Read me twice.\n"
    git = story.github.world.git(story.repository)
    assert before in [commit.sha for commit in await git.commits(f"main..{BRANCH}")]


@pytest.mark.parametrize("work", ["aidp-rebase", "aidp-fix-ci"])
async def test_conflicts_are_resolved_by_the_agent(begin: Callable[..., Story], work: str) -> None:
    """The agent gets the files with their conflict markers, and what it resolves is the merge."""
    story = begin(FILES, ci="true")
    obey = script(f"echo both > answer.txt; {COMPLETE}")
    pull = await open_pull(story, {"answer.txt": "mine\n", "obey.txt": obey})
    await story.github.push(story.repository, "main", {"answer.txt": "theirs\n"}, PERSON)
    await pull.ask(work)
    await pull.ending("Done")
    assert await pull.file("answer.txt") == "both\n"
    assert len((await story.github.world.git(story.repository).commit(pull.head_sha)).parents) == 2


async def test_auto_repairs_and_hands_over_what_is_ready(begin: Callable[..., Story]) -> None:
    """Reviewed without a grave finding, green, and only then ready; the end says no more than is so."""
    story = begin(FILES, ci=CI)
    repair = script(f"echo right > answer.txt; {COMPLETE}")
    pull = await open_pull(story, {"answer.txt": "wrong\n", "repair.txt": repair})
    await pull.ask("aidp-auto")
    status = await pull.ending("Done")
    assert "reviewed, with no grave finding open; the CI is green" in status
    assert "ready after one pushed fix" in status


async def _review(pull: Pull, wish: str) -> None:
    """Ask for a change on a line, as a colleague."""
    github, repository = pull.story.github, pull.story.repository
    github.set_permission(repository, REVIEWER, "write")
    draft = ReviewDraft("REQUEST_CHANGES", "Please see below.", (Remark("answer.txt", 1, wish),))
    await github.review(repository, pull.number, draft, REVIEWER)


def _threads(pull: Pull) -> list[list[str]]:
    """Read the conversations on lines."""
    repository = pull.story.repository
    threads = [thread.id for thread in repository.threads.values() if thread.number == pull.number]
    remarks = list(repository.review_comments.values())
    return [[remark.body for remark in remarks if remark.thread_id == thread] for thread in threads]


def _resolved(pull: Pull) -> list[bool]:
    """Tell which of them are resolved."""
    threads = pull.story.repository.threads.values()
    return [thread.resolved_by is not None for thread in threads if thread.number == pull.number]
