"""What happens to a pull request from a fork: it is reviewed, and what would change its branch is refused."""

from collections.abc import Callable

import pytest
from pull_kit import CONFIG, Pull, found, look
from story_kit import Story

from github_app.demo.github.merging import PullDraft

AUTHOR = "frida"
BRANCH = "theirs"


@pytest.fixture
async def pull(begin: Callable[..., Story]) -> Pull:
    """Let somebody without any permission propose a change."""
    story = begin({".aidp/aidp.yml": CONFIG, "answer.txt": "empty\n"})
    fork = story.github.fork(story.repository, AUTHOR)
    await story.github.push(fork, BRANCH, {"answer.txt": "wrong\n"}, AUTHOR)
    draft = PullDraft("A gift", f"{AUTHOR}:{BRANCH}", "main", look(found("major", "It is wrong")))
    issue = await story.github.open_pull_request(story.repository, draft, AUTHOR)
    return Pull(story, issue.number)


async def test_it_is_reviewed(pull: Pull) -> None:
    """Looking changes nothing; what was found is posted as on any pull request."""
    before = pull.head_sha
    await pull.ask("aidp-review")
    assert "1 major" in await pull.ending("Done")
    [review] = pull.reviews()
    assert "Looked." in review
    assert pull.head_sha == before


@pytest.mark.parametrize("work", ["aidp-fix-ci", "aidp-rebase", "aidp-request-changes", "aidp-auto"])
async def test_what_would_change_its_branch_is_refused(pull: Pull, work: str) -> None:
    """The refusal says why, and what is possible; nothing was pushed anywhere."""
    before = pull.head_sha
    await pull.ask(work)
    status = await pull.ending("Gave up")
    assert "it comes from a fork, whose branch is not ours to push to" in status
    assert "`/aidp review` works on it" in status
    assert pull.head_sha == before
    heads = await pull.story.github.world.git(pull.story.repository).refs("refs/heads/")
    assert list(heads) == ["refs/heads/main"]
