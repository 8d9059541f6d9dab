"""The demo's agent works on what it sees: its mistakes are real, and so is what it makes of being told of them."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import chdir
from pathlib import Path

import pytest

from activities.answers.forms import read
from github_app.demo.agent.building import build
from github_app.demo.agent.planning import plan
from github_app.demo.agent.repairing import change, repair
from github_app.demo.agent.reviewing import review
from github_app.demo.agent.verifying import verify
from github_app.demo.stage import sample
from github_app.demo.story import BODY, EXAMPLE, UNITS
from workflows.model import Finding, Question, Subject

UNMET = "a comparison with the task found this missing"


@pytest.fixture(autouse=True)
def worktree(tmp_path: Path) -> Generator[Path]:
    """Stand in a copy of the sample repository, as an agent does."""
    for name, text in sample().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with chdir(tmp_path):
        yield tmp_path


def run(*arguments: str) -> str:
    """Run Python on the worktree; returns what it complains of."""
    finished = subprocess.run([sys.executable, "-B", "-m", *arguments], capture_output=True, text=True, check=False)
    return finished.stdout + finished.stderr if finished.returncode else ""


def unmet() -> tuple[str, ...]:
    """Have the work compared with the issue."""
    answer = read(verify(BODY), Question(Subject.VERIFICATION)).verification
    assert answer
    return answer.unmet


def reviewed(worktree: Path) -> tuple[Finding, ...]:
    """Have the module reviewed as if every line of it were new."""
    lines = (worktree / "durations.py").read_text().splitlines()
    diff = "\n".join(f"{number:>6} + {line}" for number, line in enumerate(lines, 1))
    answer = read(review(f"You look at it as **senior**.\n{diff}"), Question(Subject.REVIEW)).review
    assert answer
    return answer.findings


def finish() -> None:
    """Build it all, as the prompts of a loop lead to it."""
    for prompt in (BODY, "FAIL: test_nonsense_is_refused", 'Also read days: "1d" is 86400 seconds.', UNMET):
        build(prompt)


def test_the_first_attempt_fails_its_tests_and_the_second_does_not() -> None:
    """The bug is one that the tests find, and their output is enough to repair it."""
    build(BODY)
    red = run("unittest")
    assert "test_nonsense_is_refused" in red
    build(red)
    assert run("unittest") == ""


def test_what_people_say_changes_the_code() -> None:
    """Capitals come with the plan, days with an instruction; both have a test that passes."""
    build(f"{BODY} in upper case, too")
    build("FAIL: test_nonsense_is_refused. Also read days.")
    tests = Path("tests/test_parse.py").read_text()
    assert "1H 30M" in tests
    assert "1d 2h" in tests
    assert run("unittest") == ""


def test_the_verifier_tries_what_the_issue_asks_for() -> None:
    """It names what is missing while it is missing."""
    build(BODY)
    assert len(unmet()) == 2
    build("FAIL: test_nonsense_is_refused")
    assert unmet() == ("The README shows no example of `parse_duration`",)
    build(UNMET)
    assert unmet() == ()


def test_a_wrong_example_is_repaired_from_the_log() -> None:
    """The README's example is wrong until the agent has read what doctest prints."""
    finish()
    red = run("doctest", "README.md")
    assert "Failed example" in red
    assert "7500" in repair(red)
    assert run("doctest", "README.md") == ""


def test_a_review_suggests_what_the_change_then_does(worktree: Path) -> None:
    """The suggestion replaces its line, and once both lines are changed there is nothing to find."""
    finish()
    [finding] = reviewed(worktree)
    lines = (worktree / "durations.py").read_text().splitlines()
    place = next(number for number, line in enumerate(lines, 1) if "not a duration:" in line)
    items = [(1, finding.line, UNITS), (2, place, EXAMPLE)]
    prompt = "".join(
        f"### Item {it}\n\n`durations.py`, line {line}, where\n\nada wants:\n\n{text}\n\n" for it, line, text in items
    )
    assert change(f"{prompt}End your answer").splitlines() == [
        "ITEM 1: DONE The patterns take their letters from `UNITS`.",
        "ITEM 2: DONE The message says `1h 30m`.",
    ]
    assert finding.suggestion in (worktree / "durations.py").read_text().splitlines()
    assert "not a duration such as 1h 30m" in (worktree / "durations.py").read_text()
    assert reviewed(worktree) == ()
    assert run("unittest") == ""


def test_the_plan_asks_until_it_is_answered() -> None:
    """Its question is gone once somebody has answered, and the answer is in the plan."""
    asked = read(plan(BODY), Question(Subject.PLAN)).plan
    answered = read(plan(f"{BODY}\n## Answers\n\n- May ...? ada answers: Yes, please."), Question(Subject.PLAN)).plan
    assert asked
    assert answered
    assert len(asked.questions) == 1
    assert answered.questions == ()
    assert "upper case" in answered.summary
