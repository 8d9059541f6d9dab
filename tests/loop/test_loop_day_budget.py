"""A day's budget is shared by all loops of a repository: each looks what is left of it before an agent runs."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from loop_scene import DONE, MORE, Loop, Scene, part
from story_kit import until
from temporal_kit import pass_time

from workflows.accounting import until_tomorrow
from workflows.model import Ending, Limits

CONFIG = (
    "commands: [{name: slow, command: sh slow.sh, category: test}]\nproviders: [claude]\nbudget: {day: {usd: 0.5}}\n"
)
"""A run of the stand-in costs a quarter of a dollar."""


async def test_what_others_have_spent_meanwhile_counts(scene: Scene) -> None:
    """While the checks of one loop run, another spends the rest; both hold until tomorrow, or until more is allowed."""
    scene.configure(CONFIG)
    wait = f"until test -e {scene.directory}/checked; do sleep 0.05; done"
    scene.commit({"slow.sh": f"echo $$ >> {scene.directory}/checks; {wait}\n"})
    first = await scene.start(part("claude", MORE, MORE, DONE))
    await until(lambda: scene.read("checks"))
    second = await scene.start(part("claude", MORE, MORE, DONE))
    await until(lambda: len(scene.read("checks").split()) > 1)
    scene.cue("checked")
    for loop in (first, second):
        note = (await loop.until_note("Holding")).note
        assert note.startswith(
            "Holding: 100 % of this repository's daily $0.50 is used up. It goes on at midnight (UTC)."
        )
        assert await timers(loop) == 1
    assert len(scene.runs) == 2
    await scene.client.allow(first.id, Limits(usd=5))
    assert (await first.result()).outcome.ending is Ending.DONE
    await scene.client.cancel(second.id)
    await second.result()


async def test_at_midnight_it_goes_on_by_itself(scene: Scene) -> None:
    """Nobody allows more: another day has its own half dollar."""
    scene.configure("commands: []\nproviders: [claude]\nbudget: {day: {usd: 0.5}}\n")
    loop = await scene.start(part("claude", MORE, MORE, DONE))
    assert (await loop.until_note("Holding")).waiting
    assert len(scene.runs) == 2
    await pass_time(scene.temporal, loop.id, until_tomorrow(datetime.now(UTC)) + timedelta(seconds=1))
    result = await loop.result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 3)


async def timers(loop: Loop) -> int:
    """Count the timers that it waits for, none of them longer than a day."""
    events = [event async for event in loop.handle.fetch_history_events()]
    started = [
        event.timer_started_event_attributes for event in events if event.HasField("timer_started_event_attributes")
    ]
    assert all(it.start_to_fire_timeout.ToTimedelta() <= timedelta(days=1) for it in started)
    return len(started)


@given(st.datetimes(max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001  # hypothesis adds the zone
def test_tomorrow_begins_at_midnight(now: datetime) -> None:
    """Whenever somebody asks, and never at once."""
    tomorrow = now + until_tomorrow(now)
    assert tomorrow.time() == datetime.min.time()
    assert tomorrow.date() - now.date() == timedelta(days=1)
