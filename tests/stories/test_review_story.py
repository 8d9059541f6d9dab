"""What a review is to people: one for each commit and focus, from several perspectives, and none after a cancel."""

from collections.abc import Callable

from pull_kit import BRANCH, CONFIG, NOTHING, found, look, open_pull
from story_kit import PERSON, Story, until

BOTH = CONFIG.replace("[senior]", "[senior, security]")
FILES = {".aidp/aidp.yml": BOTH, "answer.txt": "empty\n"}
AS_SECURITY = "grep -q '^You look at it as .*security'"
HIGH = found("high", "It is wrong")


async def test_one_review_comes_of_all_perspectives_also_of_those_that_answer(begin: Callable[..., Story]) -> None:
    """They look side by side; one that gives no usable answer is named, and the others' findings are posted."""
    story = begin(FILES)
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(f"if {AS_SECURITY}; then echo; else {HIGH}; fi"))
    await pull.ask("aidp-review")
    assert "1 high" in await pull.ending("Done")
    [review] = pull.reviews()
    assert "**Senior**: Looked." in review
    assert "No answer came from security: no usable answer came in 3 attempts" in review
    [remark] = story.repository.review_comments.values()
    assert "It is wrong" in remark.body


async def test_after_a_push_only_what_is_new_is_reviewed(begin: Callable[..., Story]) -> None:
    """The same commit is never reviewed twice; the next one is, from where the last review was."""
    answer = f"if grep -q '[+] wrong'; then {HIGH}; else {NOTHING}; fi"
    story = begin({**FILES, ".aidp/aidp.yml": CONFIG})
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(answer))
    await pull.ask("aidp-review")
    await pull.end_of("review", "1 high")
    reviewed = pull.head_sha
    await pull.ask("aidp-review")
    await pull.end_of("review", "this commit has been reviewed already")
    assert len(pull.reviews()) == 1
    await story.github.push(story.repository, BRANCH, {"README.md": "Read me.\n"}, PERSON)
    await pull.ask("aidp-review")
    await pull.ending("no findings")
    assert f"`{reviewed[:8]}` had been reviewed before" in pull.reviews()[1]


async def test_a_focus_gets_a_review_of_its_own(begin: Callable[..., Story]) -> None:
    """What somebody wants looked at is looked at and posted, though the commit has a review; once."""
    answer = f"if grep -q '^the lockin[g]'; then {HIGH}; else {NOTHING}; fi"
    story = begin({**FILES, ".aidp/aidp.yml": CONFIG})
    pull = await open_pull(story, {"answer.txt": "wrong\n"}, body=look(answer))
    await pull.ask("aidp-review")
    await pull.end_of("review", "no findings")
    await pull.say("/aidp review the locking")
    await pull.end_of("review", "1 high")
    [_, focused] = pull.reviews()
    assert "🔴 high 1" in focused
    await pull.say("/aidp review the locking")
    await pull.ending("reviewed with this focus already")
    assert len(pull.reviews()) == 2


async def test_a_cancelled_review_posts_nothing(begin: Callable[..., Story]) -> None:
    """Also when some perspectives have answered already."""
    story = begin(FILES)
    pull = await open_pull(
        story, {"answer.txt": "wrong\n"}, body=look(f"if {AS_SECURITY}; then sleep 300; else {HIGH}; fi")
    )
    await pull.ask("aidp-review")
    await until(lambda: "working" in story.status(pull.number))
    await pull.say("/aidp cancel")
    assert "Cancelled" in await pull.ending("Cancelled")
    assert pull.reviews() == []
