"""What the repair of CI does where the CI does not come to an end by itself."""

from collections.abc import Callable

from pull_kit import CONFIG, Pull, open_pull
from story_kit import Story, script, until

from github_app.demo.github.checks import Checks, Push
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


async def test_ci_that_is_slow_to_begin_is_waited_for(begin: Callable[..., Story]) -> None:
    """Where no check was heard of yet there may be one in a minute; its beginning alone is told by no webhook."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "right\n"})
    await pull.ask("aidp-fix-ci")
    await until(lambda: _looks(pull) == 1)
    checks = Checks(story.github.world, story.repository, LOCAL_CI)
    suite = await checks.open_suite(Push("", ZERO, pull.head_sha))
    test = checks.create("slow", suite, {"status": "in_progress"})
    await until(lambda: _looks(pull) == 2)
    checks.change(test.id, {"conclusion": "success"})
    assert "the CI is green" in await pull.ending("Done")


def _looks(pull: Pull) -> int:
    """Count how often the checks of the newest commit were read."""
    return sum(f"/commits/{pull.head_sha}/check-suites" in call.path for call in pull.story.github.calls)
