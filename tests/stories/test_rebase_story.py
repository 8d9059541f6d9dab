"""What a rebase does to a branch of ours: all of it anew, unless somebody else has a part in it."""

from collections.abc import Callable

from pull_kit import Pull, first_pull
from story_kit import PERSON, Story, script

DONE = "echo right > answer.txt; echo 'STATUS: COMPLETE'"


async def test_our_own_branch_is_put_on_top(story: Story) -> None:
    """Where all commits are ours, the branch goes on from what the base has now."""
    pull = await _built(story)
    base = await story.github.push(story.repository, "main", {"README.md": "Read me.\n"}, PERSON)
    await pull.ask("aidp-rebase")
    assert "is now on top of `main`" in await pull.ending("Done")
    assert await pull.file("README.md") == "Read me.\n"
    assert await _parents(pull) == (base,)
    assert "is now on top of `main`" in pull.check_run().output["title"]


async def test_a_branch_with_somebody_elses_commit_is_merged(begin: Callable[..., Story]) -> None:
    """Whoever pushed to our branch keeps their commit, and is told why there is a merge."""
    story = begin()
    pull = await _built(story)
    assert pull.issue.pull
    theirs = await story.github.push(story.repository, pull.issue.pull.head, {"theirs.txt": "theirs\n"}, PERSON)
    base = await story.github.push(story.repository, "main", {"README.md": "Read me.\n"}, PERSON)
    await pull.say("/aidp rebase")
    assert "it has commits that are not ours, and those are never rewritten" in await pull.ending("Done")
    assert await _parents(pull) == (theirs, base)


async def _built(story: Story) -> Pull:
    """Have an issue built."""
    number = await story.ask(script(DONE))
    await story.ending(number, "Done")
    return await first_pull(story)


async def _parents(pull: Pull) -> tuple[str, ...]:
    git = pull.story.github.world.git(pull.story.repository)
    return tuple((await git.commit(pull.head_sha)).parents)
