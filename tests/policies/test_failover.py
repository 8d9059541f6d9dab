"""Which agent runs next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.failover import (
    SHORTEST_RESET_SECONDS,
    TRANSIENT_ATTEMPTS,
    UNKNOWN_RESET_SECONDS,
    Ask,
    FailedRun,
    Lineup,
    Nobody,
    Wait,
)
from workflows.model import Failure
from workflows.patience import TRANSIENT_PAUSES

NOW = 1_000_000.0
LINEUP = Lineup.of(("claude/opus", "codex", "command"))


def after(*failures: tuple[str, Failure, float | None]) -> Lineup:
    """Line up after these failures, all of them now."""
    lineup = LINEUP
    for provider, kind, reset in failures:
        lineup = lineup.failed(provider, FailedRun(kind, f"{provider} failed", reset), NOW)
    return lineup


def test_the_first_is_asked_first() -> None:
    """The order is the operator's preference."""
    assert LINEUP.choose(NOW) == Ask("claude/opus")


@pytest.mark.parametrize("kind", [Failure.RATE_LIMITED, Failure.QUOTA_EXHAUSTED])
def test_a_limited_provider_lets_the_next_one_in(kind: Failure) -> None:
    """Until its reset the next one works; then it is preferred again."""
    lineup = after(("claude/opus", kind, 60))
    assert lineup.choose(NOW) == Ask("codex")
    assert lineup.choose(NOW + 60) == Ask("claude/opus")


def test_when_all_are_limited_the_earliest_reset_is_awaited() -> None:
    """A limit without a reset counts as an hour."""
    lineup = after(
        ("claude/opus", Failure.RATE_LIMITED, None),
        ("codex", Failure.QUOTA_EXHAUSTED, 300),
        ("command", Failure.RATE_LIMITED, 900),
    )
    assert lineup.choose(NOW) == Wait(NOW + 300, "codex")
    assert after(("claude/opus", Failure.RATE_LIMITED, None)).standings[0].limited_until == NOW + UNKNOWN_RESET_SECONDS


@pytest.mark.parametrize("kind", [Failure.AUTH_EXPIRED, Failure.CONFIGURATION, Failure.PERMANENT])
def test_what_does_not_pass_by_itself_puts_a_provider_out(kind: Failure) -> None:
    """It is not asked again in this loop, however long that takes."""
    assert after(("claude/opus", kind, None)).choose(NOW + 10**6) == Ask("codex")


def test_when_all_are_out_everything_to_repair_is_named() -> None:
    """The reasons and what would repair them name each provider."""
    lineup = after(*((name, Failure.AUTH_EXPIRED, None) for name in ("claude/opus", "codex", "command")))
    match lineup.choose(NOW):
        case Nobody((reasons, repairs)):
            assert [name in reasons and name in repairs for name in ("claude/opus", "codex", "command")] == [True] * 3
        case choice:
            pytest.fail(f"{choice} instead of nobody")


def test_a_transient_failure_is_waited_out_before_anybody_else_is_asked() -> None:
    """Back-off first, the next provider only when that has not helped."""
    lineup = LINEUP
    for attempt in range(TRANSIENT_ATTEMPTS - 1):
        lineup = lineup.failed("claude/opus", FailedRun(Failure.TRANSIENT, "overloaded"), NOW)
        assert lineup.choose(NOW) == Wait(NOW + TRANSIENT_PAUSES[attempt], "claude/opus")
    lineup = lineup.failed("claude/opus", FailedRun(Failure.TRANSIENT, "overloaded"), NOW)
    assert lineup.choose(NOW) == Ask("codex")


def test_every_pause_is_made_use_of() -> None:
    """Three attempts have two pauses between them, and no more are promised."""
    assert (TRANSIENT_ATTEMPTS, len(TRANSIENT_PAUSES)) == (3, 2)


def test_a_limit_that_is_over_at_once_is_no_limit_of_an_hour() -> None:
    """Zero is what the provider said, not that it said nothing; a moment passes all the same."""
    lineup = Lineup.of(("claude",)).failed("claude", FailedRun(Failure.RATE_LIMITED, "slow down", 0), NOW)
    assert lineup.choose(NOW) == Wait(NOW + SHORTEST_RESET_SECONDS, "claude")
    lineup = Lineup.of(("claude",)).failed("claude", FailedRun(Failure.TRANSIENT, "overloaded", 0), NOW)
    assert lineup.choose(NOW) == Ask("claude")


def test_an_answer_forgets_transient_failures() -> None:
    """Failures count in a row."""
    lineup = after(("claude/opus", Failure.TRANSIENT, None), ("claude/opus", Failure.TRANSIENT, None))
    assert lineup.succeeded("claude/opus").standings[0].transient_failures == 0


def test_no_progress_lets_the_next_one_try_unless_there_is_none() -> None:
    """Escalation needs somebody to escalate to."""
    assert LINEUP.escalated("claude/opus").choose(NOW) == Ask("codex")
    assert Lineup.of(("command",)).escalated("command").choose(NOW) == Ask("command")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["claude/opus", "codex", "command"]),
            st.sampled_from(list(Failure)),
            st.none() | st.floats(0, 10**6),
        )
    )
)
def test_there_is_always_a_choice(failures: list[tuple[str, Failure, float | None]]) -> None:
    """Whatever fails: somebody is asked, or waited for in the future, or nobody is left and that is explained."""
    match after(*failures).choose(NOW):
        case Ask(provider):
            assert provider in {"claude/opus", "codex", "command"}
        case Wait(until, _):
            assert until > NOW
        case Nobody((reasons, repairs)):
            assert reasons
            assert repairs


def test_a_preferred_provider_goes_first_and_is_forgiven() -> None:
    """Whatever it has failed at: a person wants it tried again. All of its models come along, in their order."""
    lineup = Lineup.of(("codex", "claude/opus", "claude/haiku"))
    lineup = lineup.failed("claude/opus", FailedRun(Failure.PERMANENT, "broke"), NOW).preferring("claude")
    assert [standing.provider for standing in lineup.standings] == ["claude/opus", "claude/haiku", "codex"]
    assert lineup.choose(NOW) == Ask("claude/opus")


def test_a_preference_does_not_lift_a_providers_own_limit() -> None:
    """Until then the next one works."""
    lineup = after(("codex", Failure.RATE_LIMITED, 60)).preferring("codex")
    assert (lineup.choose(NOW), lineup.choose(NOW + 60)) == (Ask("claude/opus"), Ask("codex"))


def test_a_new_model_joins_the_lineup() -> None:
    """One that nobody has configured is asked first; nobody is lost."""
    lineup = LINEUP.preferring("claude/haiku")
    assert [standing.provider for standing in lineup.standings] == ["claude/haiku", "claude/opus", "codex", "command"]
    assert lineup.names == ("claude", "codex", "command")


@given(st.lists(st.sampled_from(["codex", "claude", "claude/opus", "claude/haiku", "command"]), max_size=6))
def test_no_preference_loses_or_doubles_anybody(wanted: list[str]) -> None:
    """However often somebody changes their mind; the last word is first."""
    lineup = LINEUP
    for provider in wanted:
        lineup = lineup.preferring(provider)
    providers = [standing.provider for standing in lineup.standings]
    assert set(LINEUP.names) == set(lineup.names)
    assert len(set(providers)) == len(providers)
    assert not wanted or providers[0].startswith(wanted[-1])
