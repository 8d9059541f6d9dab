"""What people read on GitHub, letter by letter."""

from dataclasses import replace

from inline_snapshot import snapshot

from activities.github import comments
from workflows.model import (
    Actor,
    Category,
    ChangeStat,
    CheckCommand,
    CheckResult,
    Ending,
    Instruction,
    Item,
    LoopResult,
    LoopState,
    Outcome,
    Progress,
    Published,
    PullRequest,
    PullRequestDraft,
    StatusReport,
)

ITEM = Item(installation_id=1, repository_id=2, number=12)
CHECKS = (
    CheckResult("unit", Category.TEST, passed=True, required=True, summary="14 passed", seconds=3.2),
    CheckResult("lint", Category.LINT, passed=False, required=True, summary="2 errors | 1 file", seconds=61),
    CheckResult("docs", Category.DOCS, passed=False, required=False, summary="exit code 2"),
)
PROGRESS = Progress(
    LoopState.TEST,
    iteration=2,
    max_iterations=50,
    started="2026-11-23T06:00:00Z",
    note="The checks run.",
    provider="claude",
    branch="aidp/issue-12",
    checks=CHECKS,
)
WORKING = StatusReport(ITEM, now="2026-11-23T06:03:12Z", progress=PROGRESS)
RESULT = LoopResult(
    Outcome(Ending.DONE, "All checks pass."),
    iterations=3,
    branch="aidp/issue-12",
    published=Published("abc", ChangeStat(files=2, additions=31, deletions=4), ("calc.py", "tests/test_calc.py")),
    checks=CHECKS[:1],
    message="Division by zero now raises `ValueError`.\n\nA test shows it.",
    provider="claude",
    seconds=243,
)
DRAFT = PullRequestDraft(ITEM, "aidp/issue-12", "main", "Divide safely", RESULT, Actor(7, "ada"))


def test_a_seen_item_says_so() -> None:
    """Before there is anything to report, the comment says that the item was seen."""
    assert comments.status(StatusReport(ITEM)) == snapshot("""\
👀 **aidp has seen this**

<!-- aidp:status v1 -->\
""")


def test_steered_work_shows_what_waits_and_what_is_left() -> None:
    """A paused run shows the instructions that wait for the agent, and how far its budget is used."""
    waiting = (Instruction("Keep the old name working.", author="ada"), Instruction("Add a test, @everyone."))
    progress = replace(PROGRESS, paused=True, instructions=waiting, budget="82 % of this run's $5.00", checks=())
    assert comments.status(replace(WORKING, progress=progress)) == snapshot("""\
⏸️ **aidp is paused** · iteration 2 of 50 · 3m 12s · claude · 82 % of this run's $5.00

The checks run.

With the next prompt the agent is told:

- ada: Keep the old name working.
- Add a test, @\u200beveryone.

- [x] Workspace on `aidp/issue-12`
- [ ] Iteration 2 of 50
- [ ] Checks
- [ ] Pull request

<!-- aidp:status v1 -->\
""")


def test_work_in_progress_shows_how_far_it_is() -> None:
    """One look tells the iteration, the time, the agent, the stages and the last checks."""
    assert comments.status(WORKING) == snapshot("""\
⏳ **aidp is working** · iteration 2 of 50 · 3m 12s · claude

The checks run.

- [x] Workspace on `aidp/issue-12`
- [ ] Iteration 2 of 50
- [ ] Checks: 1 of 3 pass
- [ ] Pull request

| | Check | Result | Time |
|---|---|---|--:|
| ✅ | `unit` | 14 passed | 3s |
| ❌ | `lint` | 2 errors \\| 1 file | 1m 1s |
| ⚠️ | `docs` | exit code 2 | 0s |

<!-- aidp:status v1 -->\
""")


def test_detected_commands_are_named() -> None:
    """A repository without configuration learns which commands were chosen for it."""
    detected = (CheckCommand("tests", "python3 -m pytest"), CheckCommand("lint", "ruff check"))
    report = replace(WORKING, progress=replace(PROGRESS, iteration=0, checks=(), detected=detected))
    assert comments.status(report) == snapshot("""\
⏳ **aidp is working** · 3m 12s · claude

The checks run.

- [x] Workspace on `aidp/issue-12`
- [ ] Iterations
- [ ] Checks
- [ ] Pull request

No commands in `.aidp/aidp.yml`: using the detected `python3 -m pytest`, `ruff check`.

<!-- aidp:status v1 -->\
""")


def test_paused_work_does_not_look_busy() -> None:
    """The headline says that nothing happens until somebody resumes."""
    report = replace(WORKING, progress=replace(PROGRESS, paused=True, note="`/aidp resume` to go on."))
    assert comments.status(report).splitlines()[:3] == snapshot(
        ["⏸️ **aidp is paused** · iteration 2 of 50 · 3m 12s · claude", "", "`/aidp resume` to go on."]
    )


def test_changes_that_wait_for_approval_are_named() -> None:
    """Whoever may approve sees what there is to approve."""
    report = replace(WORKING, progress=replace(PROGRESS, awaiting=("Makefile", ".github/workflows/ci.yml")))
    expected = "has to approve these changes: `Makefile`, `.github/workflows/ci.yml`."
    assert comments.status(report).splitlines()[4].endswith(expected)


def test_done_links_the_pull_request() -> None:
    """The end is the headline; what to do next stands below it."""
    report = replace(
        WORKING,
        progress=replace(PROGRESS, checks=CHECKS[:1]),
        outcome=Outcome(Ending.DONE, "All checks pass.", "Review the draft, then mark it ready."),
        pull_request=PullRequest(13, "https://github.com/acme/calc/pull/13", "abc"),
    )
    assert comments.status(report) == snapshot("""\
✅ **Done** in 3m 12s: #13

All checks pass.

**What you can do:** Review the draft, then mark it ready.

- [x] Workspace on `aidp/issue-12`
- [x] Iteration 2 of 50
- [x] Checks: 1 of 1 pass
- [x] Pull request #13

| | Check | Result | Time |
|---|---|---|--:|
| ✅ | `unit` | 14 passed | 3s |

<!-- aidp:status v1 -->\
""")


def test_every_other_ending_says_why() -> None:
    """No ending is silent about its reason."""
    endings = [ending for ending in Ending if ending is not Ending.DONE]
    reports = [replace(WORKING, outcome=Outcome(ending, "The reason.", "The advice.")) for ending in endings]
    assert ["\n".join(comments.status(report).splitlines()[:5]) for report in reports] == snapshot(
        [
            """\
✅ **Nothing to do** after 3m 12s

The reason.

**What you can do:** The advice.\
""",
            """\
🛑 **Gave up** after 3m 12s

The reason.

**What you can do:** The advice.\
""",
            """\
❌ **Failed** after 3m 12s

The reason.

**What you can do:** The advice.\
""",
            """\
⏹️ **Cancelled** after 3m 12s

The reason.

**What you can do:** The advice.\
""",
        ]
    )


def test_an_ending_before_the_work_began_is_short() -> None:
    """Without progress there is no empty checklist and no time."""
    report = StatusReport(ITEM, outcome=Outcome(Ending.NOTHING_TO_DO, "The issue is closed."))
    assert comments.status(report) == snapshot("""\
✅ **Nothing to do**

The issue is closed.

<!-- aidp:status v1 -->\
""")


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
