"""Drafts: what a person makes of a pull request holds, whatever aidp had made of it."""

from collections.abc import Callable
from pathlib import Path

from pull_kit import CONFIG, Pull, open_pull
from story_kit import PERSON, Story, until

FILES = {".aidp/aidp.yml": CONFIG, "answer.txt": "empty\n"}


def drafted(pull: Pull) -> bool:
    """Whether it is a draft now."""
    assert pull.issue.pull
    return pull.issue.pull.draft


async def turn(pull: Pull, *, draft: bool) -> None:
    """Make a draft of it, or end that, as a person; the mailbox has it when this returns, and takes it in order."""
    github, repository = pull.story.github, pull.story.repository
    github.merging(repository, PERSON).set_draft(pull.number, draft=draft)
    told = (repository.id, "converted_to_draft" if draft else "ready_for_review")
    await until(lambda: told in [(it.repository_id, it.action) for it in github.deliveries])


async def heard(pull: Pull) -> None:
    """Wait until everything that happened before has been taken."""
    before = len(pull.story.comments(pull.number))
    await pull.say("/aidp history")
    await until(lambda: len(pull.story.comments(pull.number)) == before + 2)


async def waiting(begin: Callable[..., Story], cue: Path, label: str, *more: str) -> Pull:
    """Have work wait for the CI of a pull request."""
    story = begin(FILES, ci=f"while ! test -e {cue}; do sleep 0.1; done")
    pull = await open_pull(story, {"answer.txt": "right\n"})
    for other in (*more, label):
        await pull.ask(other)
    await until(lambda: "waits for the CI" in story.status(pull.number))
    return pull


async def test_a_draft_that_a_person_makes_is_not_ready(begin: Callable[..., Story]) -> None:
    """The label goes, the status says who and what to do, and nothing makes it ready again but a person."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "right\n"})
    await pull.ask("aidp-auto")
    await pull.end_of("auto", "ready without a fix")
    assert "aidp-ready" in story.labels(pull.number)
    await turn(pull, draft=True)
    status = await until(lambda: found if "draft" in (found := story.status(pull.number)) else None)
    assert "ada made a draft of it, so it is not ready any more" in status
    assert "`/aidp auto` does once it is" in status
    await heard(pull)
    assert (story.labels(pull.number), drafted(pull)) == ((), True)
    await turn(pull, draft=False)
    await until(lambda: "ada marked it ready for review" in story.status(pull.number))


async def test_auto_leaves_a_draft_that_a_person_makes_meanwhile(begin: Callable[..., Story], tmp_path: Path) -> None:
    """It goes on to its end, and says why that is not the usual one; asked once more, it makes it ready."""
    pull = await waiting(begin, tmp_path / "cue", "aidp-auto")
    await turn(pull, draft=True)
    await heard(pull)
    (tmp_path / "cue").touch()
    status = await pull.end_of("auto", "Done")
    assert "without a fix; not ready, as ada made a draft of it" in status
    assert "- [ ] Ready for review by people" in status
    assert (pull.story.labels(pull.number), drafted(pull)) == ((), True)
    await pull.say("/aidp auto")
    await pull.end_of("auto", "ready without a fix")
    assert (pull.story.labels(pull.number), drafted(pull)) == (("aidp-ready",), False)


async def test_what_a_person_makes_ready_while_auto_runs_ends_as_usual(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    """A draft that was none for a while: what was said last counts, and what is so already is not done again."""
    pull = await waiting(begin, tmp_path / "cue", "aidp-auto")
    await turn(pull, draft=True)
    await turn(pull, draft=False)
    await heard(pull)
    (tmp_path / "cue").touch()
    assert "ready without a fix" in await pull.end_of("auto", "Done")
    assert (pull.story.labels(pull.number), drafted(pull)) == (("aidp-ready",), False)


async def test_other_work_does_not_give_the_label_back_to_a_draft(begin: Callable[..., Story], tmp_path: Path) -> None:
    """It was ready before the work began, and is a draft of a person's when it ends."""
    pull = await waiting(begin, tmp_path / "cue", "aidp-fix-ci", "aidp-ready")
    await turn(pull, draft=True)
    await heard(pull)
    (tmp_path / "cue").touch()
    status = await pull.end_of("fix-ci", "Done")
    assert "the CI is green" in status
    assert "; not ready, as ada made a draft of it" in status
    assert pull.story.labels(pull.number) == ()
