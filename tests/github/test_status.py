"""What the status comment tells at a glance, letter by letter."""

from dataclasses import replace

from inline_snapshot import snapshot

from activities.github.status_texts import status
from workflows.advice import ON_GITHUB
from workflows.model import (
    Category,
    CheckCommand,
    CheckResult,
    Ending,
    Instruction,
    Item,
    LogLine,
    LoopState,
    Outcome,
    Progress,
    PullRequest,
    Spent,
    StatusReport,
    Step,
    Work,
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
    started="2026-11-23T06:02:59Z",
    note="The checks run.",
    provider="claude",
    branch="aidp/issue-12",
    checks=CHECKS,
)
WORKING = StatusReport(ITEM, started="2026-11-23T06:00:00Z", now="2026-11-23T06:03:12Z", progress=PROGRESS)


def test_a_seen_item_says_so() -> None:
    """Before there is anything to report, the comment says that the item was seen."""
    assert status(StatusReport(ITEM)) == snapshot("""\
👀 **aidp has seen this**

<!-- aidp:status v1 -->\
""")


def test_steered_work_shows_what_waits_and_what_is_left() -> None:
    """A paused run shows the instructions that wait for the agent, and how far its budget is used."""
    waiting = (Instruction("Keep the old name working.", author="ada"), Instruction("Add a test, @everyone."))
    progress = replace(PROGRESS, paused=True, instructions=waiting, budget="82 % of this run's $5.00", checks=())
    assert status(replace(WORKING, progress=progress)) == snapshot("""\
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
    assert status(WORKING) == snapshot("""\
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
    assert status(report) == snapshot("""\
⏳ **aidp is working** · 3m 12s · claude

The checks run.

- [x] Workspace on `aidp/issue-12`
- [ ] Iterations
- [ ] Checks
- [ ] Pull request

No commands in `.aidp/aidp.yml`: using the detected `python3 -m pytest`, `ruff check`.

<!-- aidp:status v1 -->\
""")


def test_the_model_is_the_one_that_was_used() -> None:
    """Who works is shown with the model that the agent has told, whatever was chosen for it."""
    progress = replace(PROGRESS, provider="claude/opus", model="claude-opus-5_5")
    headline = status(replace(WORKING, progress=progress)).splitlines()[0]
    assert headline == snapshot("⏳ **aidp is working** · iteration 2 of 50 · 3m 12s · claude/claude-opus-5\\_5")


def test_paused_work_does_not_look_busy() -> None:
    """The headline says that nothing happens until somebody resumes."""
    report = replace(WORKING, progress=replace(PROGRESS, paused=True, note="`/aidp resume` to go on."))
    assert status(report).splitlines()[:3] == snapshot(
        ["⏸️ **aidp is paused** · iteration 2 of 50 · 3m 12s · claude", "", "`/aidp resume` to go on."]
    )


def test_held_up_work_does_not_look_busy() -> None:
    """The headline says that it waits, and the line below for what and for whom."""
    reason = f"Waiting for an approval to change `Makefile`: {ON_GITHUB.approve}"
    assert status(replace(WORKING, waiting=reason, for_people=True)).splitlines()[:4] == snapshot(
        [
            "🙋 **aidp waits** · iteration 2 of 50 · 3m 12s · claude",
            "",
            "Waiting for an approval to change `Makefile`: `/aidp approve` or `/aidp reject` (write permission).",
            "",
        ]
    )


def test_what_there_is_to_look_at_is_linked() -> None:
    """The check run and the branch are one click away once they exist; what is none of them is no link."""
    report = replace(WORKING, check_id=7, branch="aidp/issue-12-say-100%", progress=replace(PROGRESS, checks=()))
    assert status(report, "https://github.com/acme/calc") == snapshot("""\
⏳ **aidp is working** · iteration 2 of 50 · 3m 12s · claude

The checks run.

- [x] Workspace on `aidp/issue-12`
- [ ] Iteration 2 of 50
- [ ] Checks
- [ ] Pull request

[Check run](https://github.com/acme/calc/runs/7) · [Branch `aidp/issue-12-say-100%`](https://github.com/acme/calc/tree/aidp/issue-12-say-100%25)

<!-- aidp:status v1 -->\
""")


def test_done_links_the_pull_request() -> None:
    """The end is the headline; what to do next stands below it."""
    report = replace(
        WORKING,
        progress=replace(PROGRESS, checks=CHECKS[:1]),
        outcome=Outcome(Ending.DONE, "All checks pass.", "Review the draft, then mark it ready."),
        pull_request=PullRequest(13, "https://github.com/acme/calc/pull/13", "abc"),
    )
    assert status(report) == snapshot("""\
✅ **Done** · 3m 12s · claude · #13

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
    assert ["\n".join(status(report).splitlines()[:5]) for report in reports] == snapshot(
        [
            """\
✅ **Nothing to do** · 3m 12s · claude

The reason.

**What you can do:** The advice.\
""",
            """\
🛑 **Gave up** · 3m 12s · claude

The reason.

**What you can do:** The advice.\
""",
            """\
❌ **Failed** · 3m 12s · claude

The reason.

**What you can do:** The advice.\
""",
            """\
⏹️ **Cancelled** · 3m 12s · claude

The reason.

**What you can do:** The advice.\
""",
        ]
    )


def test_an_ending_before_the_work_began_is_short() -> None:
    """Without progress there is no empty checklist and no time."""
    report = StatusReport(ITEM, outcome=Outcome(Ending.NOTHING_TO_DO, "The issue is closed."))
    assert status(report) == snapshot("""\
✅ **Nothing to do**

The issue is closed.

<!-- aidp:status v1 -->\
""")


def test_a_report_says_which_work_at_what_price() -> None:
    """One line: what is done, how far it is, for how long, by whom, for how much, and how near its limit."""
    progress = replace(PROGRESS, spent=Spent(usd=4.1), budget="82 % of this run's $5.00", checks=())
    assert status(replace(WORKING, work=Work.FIX_CI, spent=Spent(usd=6.3), progress=progress)) == snapshot("""\
⏳ **aidp is working** · fix-ci · iteration 2 of 50 · 3m 12s · claude · about $6.30 · 82 % of this run's $5.00

The checks run.

- [x] Workspace on `aidp/issue-12`
- [ ] Iteration 2 of 50
- [ ] Checks

<!-- aidp:status v1 -->\
""")


def test_what_is_not_counted_in_iterations_says_so() -> None:
    """Work made of several loops is measured by something that means the same all the time, until it has ended."""
    report = replace(WORKING, work=Work.AUTO, measure="1 of 5 fixes pushed")
    assert " · auto · 1 of 5 fixes pushed · 3m 12s · claude" in status(report)
    assert " · auto · 1 of 5 fixes pushed\n" in status(replace(report, progress=None, waiting="It waits for the CI"))
    ended = status(replace(report, outcome=Outcome(Ending.DONE, "The reason."))).splitlines()[0]
    assert ended == "✅ **Done** · auto · 3m 12s · claude"


def test_what_comes_by_itself_calls_for_nobody() -> None:
    """The hand is raised only where somebody has to act."""
    report = replace(WORKING, waiting="It waits for the checks of `abc`")
    assert [status(replace(report, for_people=each))[0] for each in (False, True)] == ["⏳", "🙋"]


def test_waiting_says_for_whom() -> None:
    """Where nothing happens until somebody acts, the comment says who can, and what is done already."""
    steps = (Step("Review the pull request", done=True), Step("Wait for CI, @everyone"), Step("Mark it ready"))
    waiting = "It waits for the checks of `abc`"
    report = StatusReport(ITEM, work=Work.AUTO, steps=steps, waiting=waiting, for_people=True)
    assert status(report) == snapshot("""\
🙋 **aidp waits** · auto

It waits for the checks of `abc`.

- [x] Review the pull request
- [ ] Wait for CI, @\u200beveryone
- [ ] Mark it ready

<!-- aidp:status v1 -->\
""")


def test_looking_has_no_stages_of_building() -> None:
    """A review or a plan runs no checks and opens no pull request, so none is promised."""
    assert "- [ ]" not in status(replace(WORKING, work=Work.REVIEW, progress=replace(PROGRESS, checks=())))
    assert "Pull request" not in status(replace(WORKING, work=Work.REBASE))


def test_what_happened_can_be_unfolded() -> None:
    """The last events with their times; what an agent said in them does nothing."""
    log = (
        LogLine("2026-11-23T06:00:01Z", "Iteration 1 with claude"),
        LogLine("2026-11-23T06:02:59Z", "Failed: </details> two\nlines, @everyone"),
    )
    assert status(replace(WORKING, progress=replace(PROGRESS, checks=(), log=log))) == snapshot("""\
⏳ **aidp is working** · iteration 2 of 50 · 3m 12s · claude

The checks run.

- [x] Workspace on `aidp/issue-12`
- [ ] Iteration 2 of 50
- [ ] Checks
- [ ] Pull request

<details><summary>What happened (UTC)</summary>

- 06:00 Iteration 1 with claude
- 06:02 Failed: <\u200b/details> two lines, @\u200beveryone

</details>

<!-- aidp:status v1 -->\
""")
