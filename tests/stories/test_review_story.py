"""What a review is to people: one for each commit and focus, from several perspectives, and none after a cancel."""

import json
from collections.abc import Callable

from inline_snapshot import snapshot
from pull_kit import BRANCH, CONFIG, NOTHING, found, look, open_pull
from story_kit import PERSON, Story, shown

BOTH = CONFIG.replace("[senior]", "[senior, security]")
FILES = {".aidp/aidp.yml": BOTH, "answer.txt": "empty\n"}
AS_SECURITY = "grep -q '^You look at it as .*security'"
HIGH = found("high", "It is wrong")


async def test_one_review_comes_of_all_perspectives_also_of_those_that_answer(begin: Callable[..., Story]) -> None:
    """What can be shown at its line is, with what to write instead; what nobody has looked at is named."""
    story = begin({**FILES, ".aidp/aidp.yml": BOTH.replace("security]", "security], max_chunks: 1")})
    here = {"path": "answer.txt", "line": 1, "severity": "high", "title": "It is wrong", "suggestion": "right"}
    findings = [here | {"detail": "See there."}, here | {"line": 9, "severity": "minor", "title": "Line 9 is missing"}]
    answer = f"echo '{json.dumps({'summary': 'Looked.', 'findings': findings})}'"
    files = {"answer.txt": "wrong\n", "long.txt": "A line of a very long file.\n" * 3000}
    pull = await open_pull(story, files, body=look(f"if {AS_SECURITY}; then echo; else {answer}; fi"))
    await pull.ask("aidp-review")
    assert "1 high" in await pull.ending("Done")
    [review] = pull.reviews()
    assert shown(review) == snapshot("""\
**Senior**: Looked.

No answer came from security: no usable answer came in 3 attempts: \
there was no JSON object at the end of your answer; end it with one, between ```json and ```

Not looked at, because it is generated or there was no room: `long.txt`

🔴 high 1 · 🟡 minor 1

🟡 **Line 9 is missing** · `answer.txt:9` · senior\
""")
    [remark] = story.repository.review_comments.values()
    assert shown(remark.body) == snapshot("""\
🔴 **It is wrong** · senior

See there.

```suggestion
right
```\
""")


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
    """Also when some perspectives have answered already; the button on the check does it as the command does."""
    story = begin(FILES)
    pull = await open_pull(
        story, {"answer.txt": "wrong\n"}, body=look(f"if {AS_SECURITY}; then sleep 300; else {HIGH}; fi")
    )
    await pull.ask("aidp-review")
    await pull.press("cancel")
    assert "ada cancelled it" in await pull.ending("Cancelled")
    assert pull.reviews() == []
    assert pull.check_run().conclusion == "cancelled"
