"""What checks come to together, and whether a failure is worth another run."""

import pytest

from workflows.ci import accidental, failed, verdict
from workflows.model import CiCheck, CiLog, CiVerdict

GREEN, RED, PENDING, STUCK = CiVerdict.GREEN, CiVerdict.RED, CiVerdict.PENDING, CiVerdict.STUCK


def checks(*conclusions: str) -> tuple[CiCheck, ...]:
    """Make required checks, and optional ones of what has a question mark."""
    return tuple(
        CiCheck(f"check {number}", conclusion.rstrip("?"), required=not conclusion.endswith("?"))
        for number, conclusion in enumerate(conclusions)
    )


@pytest.mark.parametrize(
    ("conclusions", "expected"),
    [
        ([], CiVerdict.NONE),
        (["success"], GREEN),
        (["neutral"], GREEN),
        (["skipped"], GREEN),
        (["failure"], RED),
        (["timed_out"], RED),
        (["startup_failure"], RED),
        (["cancelled"], RED),
        (["stale"], RED),
        (["invented_tomorrow"], RED),
        (["action_required"], STUCK),
        ([""], PENDING),
        (["success", ""], PENDING),
        (["failure", ""], PENDING),
        (["failure", "action_required", "success"], RED),
        (["action_required", "success"], STUCK),
        (["success", "failure?"], GREEN),
        (["success", "?"], GREEN),
        (["failure", "?"], RED),
        (["failure?", "success?"], RED),
    ],
)
def test_a_commit_is_judged_by_what_a_merge_waits_for(conclusions: list[str], expected: CiVerdict) -> None:
    """Everything good is green; one bad is red once all have ended; what is not required counts only if nothing is."""
    assert verdict(checks(*conclusions)) is expected


def test_failed_are_those_that_count() -> None:
    """An optional failure is not what is worked on."""
    assert [check.name for check in failed(checks("failure", "failure?", "success"))] == ["check 0"]


@pytest.mark.parametrize(
    "line",
    [
        "npm ERR! code ECONNRESET",
        "curl: (22) The requested URL returned error: 429",
        "HTTP 503",
        "429 Too Many Requests",
        "write: no space left on device",
        "The runner has received a shutdown signal.",
        "The self-hosted runner lost communication with the server.",
        "dial tcp 1.2.3.4:443: i/o timeout",
        "fatal: early EOF",
        "Could not resolve host: example.com",
        "test_login is flaky",
    ],
)
def test_bad_luck_is_worth_another_run(line: str) -> None:
    """Networks, runners and disks fail without the code's doing."""
    assert accidental(checks("failure"), [CiLog("check 0", f"Run make\n{line}\nexit code 1")])


@pytest.mark.parametrize(
    "line",
    [
        "E   assert 1 == 2",
        "FAILED tests/test_api.py::test_429",
        "plugins: flaky-3.8.1, xdist-3.6",
        "flake8 found 3 problems",
        "line 503: undefined name",
        "AssertionError: timeout must be positive",
    ],
)
def test_a_real_failure_is_worked_on(line: str) -> None:
    """Numbers and names that only look like it are no accident."""
    assert not accidental(checks("failure"), [CiLog("check 0", line)])


@pytest.mark.parametrize("conclusion", ["cancelled", "stale", "startup_failure", "timed_out"])
def test_what_was_interrupted_said_nothing_about_the_code(conclusion: str) -> None:
    """No log is needed to try again."""
    assert accidental(checks(conclusion), [])


def test_one_real_failure_among_accidents_is_real() -> None:
    """Running again would not help: all of what failed must be bad luck."""
    assert not accidental(checks("cancelled", "failure"), [CiLog("check 1", "E   assert 1 == 2")])


def test_nothing_failed_is_no_accident() -> None:
    """There is nothing to run again."""
    assert not accidental(checks("success"), [])
