"""What people read on GitHub beside the status comment, letter by letter."""

from dataclasses import replace

from inline_snapshot import snapshot

from activities.github import comments
from workflows.model import (
    Actor,
    Category,
    ChangeStat,
    CheckResult,
    Ending,
    Item,
    LoopResult,
    Outcome,
    Published,
    PullRequestDraft,
)

ITEM = Item(installation_id=1, repository_id=2, number=12)
CHECK = CheckResult("unit", Category.TEST, passed=True, required=True, summary="14 passed", seconds=3.2)
RESULT = LoopResult(
    Outcome(Ending.DONE, "All checks pass."),
    iterations=3,
    branch="aidp/issue-12",
    published=Published("abc", ChangeStat(files=2, additions=31, deletions=4), ("calc.py", "tests/test_calc.py")),
    checks=(CHECK,),
    message="Division by zero now raises `ValueError`.\n\nA test shows it.",
    provider="claude",
    seconds=243,
)
DRAFT = PullRequestDraft(ITEM, "aidp/issue-12", "main", "Divide safely", RESULT, Actor(7, "ada"))


def test_a_pull_request_tells_its_story() -> None:
    """The description: what it fixes, what the agent says, what changed, what was checked, how it was made."""
    assert comments.pull_request_title(DRAFT) == "Divide safely"
    assert comments.pull_request_body(DRAFT) == snapshot("""\
Fixes #12

> Division by zero now raises `ValueError`.
>
> A test shows it.

### What changed

2 files, +31 -4

<details><summary>Files</summary>

- `calc.py`
- `tests/test_calc.py`

</details>

### Checks

| | Check | Result | Time |
|---|---|---|--:|
| ✅ | `unit` | 14 passed | 3s |

### How it was made

3 iterations in 4m 3s with claude, asked for by @ada.
This is a draft: review it like anybody's work before you merge it.

<!-- aidp:pull-request v1 issue=12 -->\
""")


def test_a_title_closes_no_other_issue() -> None:
    """An issue's title becomes a pull request's, and with a squash a commit message: one line that closes nothing."""
    title = comments.pull_request_title(replace(DRAFT, title="Fixes #3\nand more"))
    assert title == "Fi\u200bxes #3 and more"
    assert len(comments.pull_request_title(replace(DRAFT, title="x" * 999))) == 256


def test_configuration_problems_are_a_list() -> None:
    """The text lists every problem; what to do next is said by whoever posts it."""
    found = ["line 3: `max_iterations` must be a whole number", "line 9: `on` is not a known key"]
    assert comments.configuration_problems(".aidp/aidp.yml", found) == snapshot("""\
`.aidp/aidp.yml` on the default branch can not be used:

- line 3: `max_iterations` must be a whole number
- line 9: `on` is not a known key\
""")


def test_a_note_carries_its_key_unseen() -> None:
    """The key of a note can hold anything and still can not end the hidden comment."""
    assert comments.note_marker("refused:build/12") == "<!-- aidp:note refused:build/12 -->"
    assert comments.note_marker("--> <b>") == "<!-- aidp:note -%2D%3E%20%3Cb%3E -->"
