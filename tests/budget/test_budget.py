"""Budgets add up, only ever get nearer to their end, and say in words how near."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.budget import Scope, Standing, raised, standing, stricter, stricter_budget, tightest
from workflows.loop_memory import LoopMemory
from workflows.model import Budget, Limits, RepoConfig, Spent, Totals

few = st.integers(min_value=0, max_value=10**6)
amounts = st.integers(min_value=0, max_value=10**12).map(lambda millionths: millionths / 1_000_000)
durations = st.integers(min_value=0, max_value=10**10).map(lambda thousandths: thousandths / 1000)
spendings = st.builds(Spent, few, durations, few, amounts, few, few, few)
known_spendings = st.builds(Spent, few, durations, few, amounts)
limits_of_all_kinds = st.builds(
    Limits,
    st.none() | st.integers(0, 1000),
    st.none() | st.floats(0, 1e6),
    st.none() | st.integers(0, 10**9),
    st.none() | st.floats(0, 1e6),
)
budgets = st.builds(Budget, limits_of_all_kinds, limits_of_all_kinds, limits_of_all_kinds)


def reached(limits: Limits, spent: Spent) -> bool:
    """Compare each number with its limit, as a person would."""
    minutes = spent.seconds / 60
    pairs = zip(
        (limits.iterations, limits.minutes, limits.tokens, limits.usd),
        (spent.iterations, minutes, spent.tokens, spent.usd),
        strict=True,
    )
    return any(limit is not None and (used >= limit or limit < 0.000001) for limit, used in pairs)


@given(st.lists(spendings, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_spendings_does_not_matter(parts: list[Spent], random: Random) -> None:
    """However retries and children interleave, the sum is the same to the last millionth of a dollar."""
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert sum(shuffled, Spent()) == sum(parts, Spent())


@given(limits_of_all_kinds, spendings, spendings)
def test_spending_more_never_leaves_more(limits: Limits, before: Spent, more: Spent) -> None:
    """A budget that is used up stays so."""
    assert standing(limits, before + more).fraction >= standing(limits, before).fraction


@given(limits_of_all_kinds, known_spendings)
def test_a_budget_is_exhausted_exactly_when_a_limit_is_reached(limits: Limits, spent: Spent) -> None:
    """Not a cent before, not a cent after."""
    assert standing(limits, spent).exhausted == reached(limits, spent)


@given(limits_of_all_kinds, limits_of_all_kinds, spendings)
def test_the_stricter_of_two_limits_wins(one: Limits, other: Limits, spent: Spent) -> None:
    """Either way around, what exhausts one of them exhausts both together."""
    both = stricter(one, other)
    assert both == stricter(other, one)
    assert stricter(one, one) == one
    if reached(one, spent) or reached(other, spent):
        assert standing(both, spent).exhausted


@given(budgets, budgets)
def test_the_stricter_of_two_budgets_is_so_in_every_scope(one: Budget, other: Budget) -> None:
    """The operator's limits and the repository's meet per run, issue and day."""
    both = stricter_budget(one, other)
    assert both == stricter_budget(other, one)
    assert (both.run, both.issue, both.day) == (
        stricter(one.run, other.run),
        stricter(one.issue, other.issue),
        stricter(one.day, other.day),
    )


@given(limits_of_all_kinds, limits_of_all_kinds, spendings)
def test_approving_more_never_leaves_less(limits: Limits, more: Limits, spent: Spent) -> None:
    """What a higher limit still refuses, the lower one did too; and approval adds no limit where there was none."""
    if standing(raised(limits, more), spent).exhausted:
        assert standing(limits, spent).exhausted
    assert raised(Limits(), more) == Limits()


@pytest.mark.parametrize("cap", [1, 7, 50])
def test_runs_that_tell_nothing_use_a_limit_up_as_the_iterations_do(cap: int) -> None:
    """Of an agent that counts neither tokens nor money, as many runs are paid as iterations are allowed; no fewer."""
    unknown = Spent(uncounted_runs=1, unpriced_runs=1)
    for limits in (Limits(iterations=cap, usd=5), Limits(iterations=cap, tokens=1000)):
        assert not standing(limits, sum([unknown] * (cap - 1), Spent())).exhausted
        assert standing(limits, sum([unknown] * cap, Spent())).exhausted


def test_runs_that_tell_nothing_are_not_free_where_iterations_are_not_limited() -> None:
    """A repository's day has a money limit alone; it is used up all the same."""
    assert standing(Limits(usd=50), Spent(unpriced_runs=50)).exhausted


@pytest.mark.parametrize(
    ("limits", "spent", "text"),
    [
        (Limits(usd=5), Spent(usd=4.1), "82 % of this run's $5.00"),
        (Limits(usd=5), Spent(usd=4.9999), "99 % of this run's $5.00"),
        (Limits(usd=5), Spent(usd=4.1, assumed_runs=1), "82 % of this run's $5.00, partly estimated"),
        (Limits(usd=5, iterations=10), Spent(iterations=8), "80 % of this run's 10 iterations"),
        (Limits(minutes=90), Spent(seconds=5400), "100 % of this run's 90 minutes"),
        (Limits(tokens=2_000_000), Spent(tokens=2_500_000), "125 % of this run's 2,000,000 tokens"),
        (Limits(), Spent(usd=100), "no limit is set"),
    ],
)
def test_people_are_told_the_limit_that_is_nearest(limits: Limits, spent: Spent, text: str) -> None:
    """One limit is named, in the unit in which it was set; a limit is not called reached before it is."""
    assert str(standing(limits, spent)) == text


def test_the_tightest_of_run_issue_and_day_decides() -> None:
    """A run with money left still stops when its repository's day is paid out."""
    budget = Budget(Limits(usd=5), Limits(usd=20), Limits(usd=50))
    totals = Totals(issue=Spent(usd=10), day=Spent(usd=50))
    found = tightest(budget, Spent(usd=1), totals)
    assert (found.scope, found.exhausted) == (Scope.DAY, True)
    assert str(found) == "100 % of this repository's daily $50.00"


def test_a_note_at_80_percent_and_a_hold_at_100() -> None:
    """People hear of a limit before it holds the work."""
    stages = [(Standing(fraction).near, Standing(fraction).exhausted) for fraction in (0.79, 0.8, 0.99, 1.0)]
    assert stages == [(False, False), (True, False), (True, False), (True, True)]


@pytest.mark.parametrize("told", [Spent(usd=1, iterations=4), Spent(iterations=4, unpriced_runs=4, uncounted_runs=4)])
def test_the_last_iteration_leaves_room_to_compare_the_work_with_its_task(told: Spent) -> None:
    """An agent that asks for no more than was planned is not held up for it, whatever it tells of its cost."""
    config = RepoConfig(max_iterations=4, budget=Budget(run=Limits(usd=5)))
    assert not LoopMemory(config=config, spent=told).standing.exhausted
