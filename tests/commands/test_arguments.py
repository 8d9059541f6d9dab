"""What stands behind a verb is read strictly, and refused with an example."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.commands import Refused
from workflows.commands.arguments import budget, duration, guards
from workflows.model import Guards, Limits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", timedelta(hours=2)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("1h 30m", timedelta(hours=1, minutes=30)),
        ("90 minutes", timedelta(minutes=90)),
        ("90 Min", timedelta(minutes=90)),
        ("3d", timedelta(days=3)),
        ("2 hrs 5 mins 3 sec", timedelta(hours=2, minutes=5, seconds=3)),
        ("45 seconds", timedelta(seconds=45)),
    ],
)
def test_times(text: str, expected: timedelta) -> None:
    """As people write them."""
    assert duration(text) == expected


def test_no_time_is_no_mistake() -> None:
    """A pause without one lasts until somebody ends it."""
    assert duration("  ") is None


@pytest.mark.parametrize(
    "text",
    ["2", "h", "-2h", "0m", "31d", "999999d", "2h tomorrow", "2 fortnights", "2hm", "2hippos", "1 day and 2h", "1.5h"],
)
def test_no_times(text: str) -> None:
    """Told with what was written and an example."""
    with pytest.raises(Refused, match=r"is no time.*pause 2h"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+$5", Limits(usd=5)),
        ("5 usd", Limits(usd=5)),
        ("+ $2.50", Limits(usd=2.5)),
        ("+10 iterations", Limits(iterations=10)),
        ("1 iteration", Limits(iterations=1)),
        ("+30 minutes", Limits(minutes=30)),
        ("+100000 tokens", Limits(tokens=100_000)),
        ("+100k tokens", Limits(tokens=100_000)),
        ("+100K Tokens", Limits(tokens=100_000)),
    ],
)
def test_budgets(text: str, expected: Limits) -> None:
    """One amount of one thing."""
    assert budget(text) == expected


@pytest.mark.parametrize(
    "text", ["", "5", "+$0", "-$5", "+$-5", "+$5 +$5", "0 tokens", "10 hours", "$1e9", "+$nan", "k tokens"]
)
def test_no_budgets(text: str) -> None:
    """Nothing, less than something, or something else."""
    with pytest.raises(Refused, match=r"is no budget.*\+\$5"):
        budget(text)


def test_guards_are_changed_one_at_a_time() -> None:
    """Each word adds to what is in force."""
    now = Guards(exclude=("a/**",))
    assert guards("exclude docs/**", now).exclude == ("a/**", "docs/**")
    assert guards("Confirm *.sql", now).confirm == (*now.confirm, "*.sql")
    assert guards("include src/**", now).include == (*now.include, "src/**")
    assert guards("allow .github/**", now).allow_protected == (*now.allow_protected, ".github/**")
    assert guards("max-lines 300", now).max_changed_lines == 300


@pytest.mark.parametrize(
    "text",
    [
        "",
        "exclude",
        "forbid x",
        "exclude a b",
        "max-lines",
        "max-lines x",
        "max-lines 0",
        "max-lines -1",
        "exclude " + "x" * 300,
    ],
)
def test_no_guards(text: str) -> None:
    """Told with an example."""
    with pytest.raises(Refused, match=r"changes no guard.*exclude docs"):
        guards(text, Guards())


words = st.text(max_size=40) | st.lists(
    st.sampled_from(
        ["+", "$", "5", "10", "h", "m", "k", " ", "tokens", "iterations", "exclude", "max-lines", "*", "٣", "²"]
    )
).map("".join)


@given(words)
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    """Whatever is written, it is read or refused; the refusal can not draw anything."""
    readings: tuple[Callable[[str], object], ...] = (duration, budget, partial(guards, now=Guards()))
    for reading in readings:
        told = refusal(reading, text)
        assert len(told.splitlines()) <= 1
        assert told.count("`") % 2 == 0


def refusal(reading: Callable[[str], object], text: str) -> str:
    """Read, and return why that is refused; empty when it is not."""
    try:
        reading(text)
    except Refused as refused:
        return str(refused)
    return ""
