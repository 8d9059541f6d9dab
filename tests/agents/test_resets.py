"""However a CLI names the end of a limit, it comes out as seconds from now, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.agents.resets import LONGEST, seconds_until_reset

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOUR = 3600.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("429. Retry after 60s", 60),
        ("retry-after: 12", 12),
        ('{"retry-after":"1.5"}', 1.5),
        ("Please try again in 3h", 3 * HOUR),
        ("Please try again in 1 day, 2 hours and 3 minutes.", 26 * HOUR + 180),
        ("Please retry in 12.5s.", 12.5),
        ("try again in 250ms", 0.25),
        ("limit resets in 2h 5m", 2 * HOUR + 300),
        ("Claude AI usage limit reached|1795406400", 1_795_406_400 - NOW.timestamp()),
        ("limit, resets at 1795406400000", 1_795_406_400 - NOW.timestamp()),
        ("You've hit your session limit · resets 5am (UTC)", 2 * HOUR),
        ("resets 2:30am (UTC)", 23.5 * HOUR),
        ("resets 5am (Europe/Berlin)", HOUR),
        ("resets 5am (Nowhere/Atall)", 2 * HOUR),
        ("weekly limit · resets Nov 25, 5pm (UTC)", 62 * HOUR),
        ("try again at Nov 24th, 2026 3:05 AM", 24 * HOUR + 300),
        ("quota resets at 2026-11-23T05:00:00Z", 2 * HOUR),
        ("resets 12am (UTC)", 21 * HOUR),
        ("resets 12pm (UTC)", 9 * HOUR),
        ("retried 5 times (total retry wait time: 5.53 seconds)", None),
        ("retry after 400 days", None),
        ("resets Jun 31, 5pm", None),
        ("resets 5:61am", None),
        ("resets Foo 3, 5pm", None),
        ("resets at 2026-13-45T05:00:00Z", None),
        ("limit reached|1000000000", None),
        ("the password reset is broken", None),
        ("", None),
    ],
)
def test_every_way_to_name_a_reset(text: str, seconds: float | None) -> None:
    """Durations, clock times, dates and unix times are understood; what cannot be is left out."""
    assert seconds_until_reset(text, NOW) == (None if seconds is None else pytest.approx(seconds))


words = st.lists(
    st.sampled_from(
        ["resets", "retry after", "try again", "at", "in", "5", "59", "am", "pm", "Feb", "29", "(UTC)", "|"]
    )
    | st.integers(0, 10**14).map(str)
    | st.text(max_size=5),
    max_size=8,
).map(" ".join)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


@given(words, moments)
def test_a_reset_is_always_believable(text: str, now: datetime) -> None:
    """No text makes it fail, and no text makes it wait into the past or for ever."""
    seconds = seconds_until_reset(text, now)
    assert seconds is None or 0 < seconds <= LONGEST.total_seconds()


@given(st.integers(1, 23), moments)
def test_a_clock_time_is_within_a_day(hour: int, now: datetime) -> None:
    """A clock time without a date is its next occurrence."""
    half = f"{hour % 12 or 12}{'am' if hour < 12 else 'pm'}"
    seconds = seconds_until_reset(f"resets {half} (UTC)", now)
    assert seconds is not None
    assert (now + timedelta(seconds=seconds)).hour == hour
    assert seconds <= 24 * HOUR
