"""What is remembered of the CI of a pull request, so that nothing is repaired twice."""

from workflows.model import CiLineage


def test_a_failure_is_seen_once_for_each_commit() -> None:
    """Fewer of the same checks are no news; another one is, and so is anything on another commit."""
    seen = CiLineage(pushed=1, failure="x").having_seen("a", ["unit"]).having_seen("a", ["lint", "unit"])
    assert seen.has_seen("a", ["lint"])
    assert seen.has_seen("a", ["unit", "lint"])
    assert not seen.has_seen("a", ["unit", "types"])
    assert not seen.has_seen("b", ["unit"])
    assert (seen.pushed, seen.failure) == (1, "x")


def test_another_commit_begins_anew() -> None:
    """Only the newest one matters: what failed before may fail again there, and be repaired."""
    seen = CiLineage(sha="a", failed=("unit",), cancelled=True).having_seen("b", ())
    assert not seen.has_seen("b", ["unit"])
    assert not seen.cancelled


def test_what_somebody_has_cancelled_is_over_on_that_commit() -> None:
    """Whatever else fails there, and although its CI is waited for once more."""
    assert CiLineage(sha="a", cancelled=True).having_seen("a", ()).has_seen("a", ["unit"])


def test_who_only_waited_has_seen_nothing() -> None:
    """A commit that was green, or has no CI, may still turn red."""
    assert not CiLineage().having_seen("a", ()).has_seen("a", ["unit"])
