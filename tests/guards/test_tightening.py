"""Guards that change while work goes on only ever get stricter, unless an admin says otherwise."""

import pytest
from guard_strategies import CHANGES, GUARDS
from hypothesis import given

from workflows.guards import Verdict, inspect, loosens, tighten
from workflows.model import Guards, StagedChange


def stopped(verdict: Verdict) -> set[str]:
    """Name the paths that do not get into a commit by themselves."""
    return {*verdict.paths, *verdict.to_confirm}


@given(GUARDS, GUARDS, CHANGES)
def test_what_either_refuses_the_tightened_ones_refuse(current: Guards, wanted: Guards, change: StagedChange) -> None:
    """No path, no approval and no limit gets through the combination that one of the two would have stopped."""
    both = inspect(tighten(current, wanted), change)
    for one in (inspect(current, change), inspect(wanted, change)):
        assert set(one.paths) <= set(both.paths)
        assert stopped(one) <= stopped(both)
        assert not one.violations or both.violations


@given(GUARDS, GUARDS)
def test_tightening_is_never_looser_and_is_done_at_once(current: Guards, wanted: Guards) -> None:
    """The result loosens neither side, and tightening it again changes nothing."""
    both = tighten(current, wanted)
    assert loosens(current, both) == ()
    assert loosens(wanted, both) == ()
    assert tighten(both, wanted) == both
    assert tighten(both, both) == both


@given(GUARDS, GUARDS, CHANGES)
def test_what_loosens_nothing_lets_nothing_more_pass(current: Guards, wanted: Guards, change: StagedChange) -> None:
    """Guards of which no field is named as looser refuse all that the current ones refuse."""
    if loosens(current, wanted):
        return
    was, now = inspect(current, change), inspect(wanted, change)
    assert set(was.paths) <= set(now.paths)
    assert stopped(was) <= stopped(now)


@pytest.mark.parametrize(
    ("current", "wanted", "fields"),
    [
        (Guards(), Guards(), ()),
        (Guards(), Guards(include=("src/**",), exclude=("a",), confirm=("b",), max_changed_lines=10), ()),
        (Guards(include=("src/**",)), Guards(include=("src/a/**",)), ()),
        (Guards(include=("src/**",)), Guards(include=("src/**", "docs/**")), ("include",)),
        (Guards(include=("src/**",)), Guards(), ("include",)),
        (Guards(exclude=("infra/**",)), Guards(exclude=("infra/prod/**",)), ("exclude",)),
        (Guards(exclude=("infra/prod/**",)), Guards(exclude=("infra/**",)), ()),
        (Guards(confirm=("db/**",)), Guards(exclude=("db/**",)), ()),
        (Guards(confirm=("db/**",)), Guards(), ("confirm",)),
        (Guards(), Guards(allow_protected=(".github/workflows/**",)), ("allow_protected",)),
        (Guards(), Guards(keep_tests=True), ()),
        (Guards(keep_tests=True), Guards(), ("keep_tests",)),
        (Guards(), Guards(max_changed_lines=None, max_file_bytes=1_000_001), ("max_changed_lines", "max_file_bytes")),
    ],
)
def test_looser_fields_are_named(current: Guards, wanted: Guards, fields: tuple[str, ...]) -> None:
    """Whoever may not loosen the guards reads which part of the wish does."""
    assert loosens(current, wanted) == fields


def test_what_has_nothing_in_common_allows_nothing() -> None:
    """Two includes without a common path do not turn into an empty list, which would allow all."""
    both = tighten(Guards(include=("src/**",)), Guards(include=("docs/**",)))
    assert both.exclude == ("**",)
    assert tighten(Guards(include=("src/**",)), Guards(include=("src/*.py", "docs/**"))).include == ("src/*.py",)
