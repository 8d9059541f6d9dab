"""What the repair of CI does where it does not come to an end by itself."""

from collections.abc import Callable

from pull_kit import CONFIG, open_pull
from story_kit import Story, script

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
