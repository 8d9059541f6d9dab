"""What the repair of CI does where the CI does not come to an end by itself, or somebody else has a hand in it."""

from collections.abc import Callable
from pathlib import Path

from pull_kit import BRANCH, CONFIG, Pull, first_pull, open_pull
from story_kit import PERSON, Story, script, until

from github_app.demo.github.checks import Checks, Push
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.demo.github.git import ZERO
from github_app.demo.github.world import LOCAL_CI

FILES = {".aidp/aidp.yml": CONFIG, "answer.txt": "empty\n"}
CI = "cat repair.txt; cat answer.txt; grep -q right answer.txt"


async def test_three_attempts_are_enough(begin: Callable[..., Story]) -> None:
    """Each fix changes the failure and none removes it: after the third somebody has to look, and is told so."""
    story = begin(FILES, ci=CI)
    repair = script("echo wrong >> answer.txt; echo 'STATUS: COMPLETE'")
    pull = await open_pull(story, {"answer.txt": "wrong\n", "repair.txt": repair})
    await pull.ask("aidp-fix-ci")
    status = await pull.ending("Gave up")
    assert f"the CI is still red on `{pull.head_sha[:8]}` after 3 pushed fixes: `test`" in status
    assert "`/aidp fix-ci hint` tries again" in status
    assert await pull.file("answer.txt") == "wrong\n" * 4
    assert "aidp-needs-input" in story.labels(pull.number)


async def test_a_fix_that_github_does_not_show_yet_is_waited_for(begin: Callable[..., Story], tmp_path: Path) -> None:
    """Also where no webhook tells of it: else the old commit's red checks would look as if the fix had not helped."""
    at_work, cue = tmp_path / "at work", tmp_path / "cue"
    story = begin(FILES, ci=CI)
    wait = f"touch '{at_work}'; while ! test -e '{cue}'; do sleep 0.1; done"
    repair = script(f"{wait}; echo right > answer.txt; echo 'STATUS: COMPLETE'")
    pull = await open_pull(story, {"answer.txt": "wrong\n", "repair.txt": repair})
    await pull.ask("aidp-fix-ci")
    await until(at_work.exists)
    silence = Fault(Kind.DELIVERY_LOST, Where(event="push|pull_request.*"), When(count=None))
    story.github.faults.add(silence)
    story.github.faults.add(Fault(Kind.PUSH_UNSEEN, Where("GET", f"/{story.repository.name}/pulls/{pull.number}$")))
    cue.touch()
    status = await pull.ending("Done", "Gave up")
    story.github.faults.withdraw(silence)
    assert "the CI is green" in status
    assert Kind.PUSH_UNSEEN in {it.kind for it in story.github.faults.injected}


async def test_ci_that_is_slow_to_begin_is_waited_for(begin: Callable[..., Story]) -> None:
    """Where no check was heard of yet there may be one in a minute; its beginning alone is told by no webhook."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "right\n"})
    await pull.ask("aidp-fix-ci")
    await until(lambda: _looks(pull) == 1)
    [slow] = await _begin_checks(pull, "slow")
    await until(lambda: _looks(pull) == 2)
    _checks(pull).change(slow, {"conclusion": "success"})
    assert "the CI is green" in await pull.ending("Done")


async def test_what_a_merge_does_not_need_may_fail(begin: Callable[..., Story]) -> None:
    """Where a rule says which checks count, these are waited for, and no other is repaired."""
    story = begin(FILES)
    story.github.require_checks(story.repository, "test")
    pull = await open_pull(story, {"answer.txt": "right\n"})
    await pull.ask("aidp-fix-ci")
    await until(lambda: _looks(pull) == 1)
    optional, test = await _begin_checks(pull, "optional", "test")
    _checks(pull).change(optional, {"conclusion": "failure"})
    _checks(pull).change(test, {"conclusion": "success"})
    assert "the CI is green" in await pull.ending("Done")


async def test_red_ci_of_ours_is_repaired_where_the_repository_wants_it(begin: Callable[..., Story]) -> None:
    """Nobody has to ask: a pull request of ours is looked after from the moment it is there."""
    story = begin({**FILES, ".aidp/aidp.yml": CONFIG.replace("ci: {", "ci: {fix: true, ")}, ci=CI)
    repair = script("echo right > answer.txt; echo 'STATUS: COMPLETE'").replace("\n", "\\n")
    await story.ask(script(f"printf \"{repair}\" > repair.txt; echo wrong > answer.txt; echo 'STATUS: COMPLETE'"))
    pull = await first_pull(story)
    assert "the CI is green" in await pull.ending("Done")
    assert await pull.file("answer.txt") == "right\n"


async def test_what_somebody_pushes_meanwhile_stays(begin: Callable[..., Story], tmp_path: Path) -> None:
    """The fix comes on top of it, and all of it together is what has to be green."""
    begun, cue = tmp_path / "begun", tmp_path / "cue"
    story = begin(FILES, ci=CI)
    wait = f"touch {begun}; while ! test -e {cue}; do sleep 0.1; done"
    repair = script(f"{wait}; echo right > answer.txt; echo 'STATUS: COMPLETE'")
    pull = await open_pull(story, {"answer.txt": "wrong\n", "repair.txt": repair})
    await pull.ask("aidp-fix-ci")
    await until(begun.exists)
    theirs = await story.github.push(story.repository, BRANCH, {"theirs.txt": "theirs\n"}, PERSON)
    cue.touch()
    assert "the CI is green" in await pull.ending("Done")
    assert (await story.github.world.git(story.repository).commit(pull.head_sha)).parents == (theirs,)
    assert await pull.file("theirs.txt") == "theirs\n"


async def test_a_pull_request_that_is_merged_is_waited_for_no_longer(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    """Its CI does not matter any more; the end says who, and nothing is left in progress."""
    cue = tmp_path / "cue"
    story = begin(FILES, ci=f"while ! test -e {cue}; do sleep 0.1; done")
    pull = await open_pull(story, {"answer.txt": "right\n"})
    await pull.ask("aidp-fix-ci")
    await until(lambda: _looks(pull) == 1)
    await story.github.merge(story.repository, pull.number, PERSON)
    assert "ada closed the pull request" in await pull.ending("Cancelled")
    assert pull.check_run().conclusion == "cancelled"
    cue.touch()


def _checks(pull: Pull) -> Checks:
    return Checks(pull.story.github.world, pull.story.repository, LOCAL_CI)


async def _begin_checks(pull: Pull, *names: str) -> list[int]:
    """Begin checks of the newest commit; returns their ids."""
    checks = _checks(pull)
    suite = await checks.open_suite(Push("", ZERO, pull.head_sha))
    return [checks.create(name, suite, {"status": "in_progress"}).id for name in names]


def _looks(pull: Pull) -> int:
    """Count how often the checks of the newest commit were read."""
    return sum(f"/commits/{pull.head_sha}/check-suites" in call.path for call in pull.story.github.calls)
