"""What the log says: which webhooks were lost, which are asked for again and when, and which outages are over."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.model.delivery_log import Findings, Recovery, Swept
from workflows.redelivery import MOST_DUE, OVERLAP, PROBES, Attempt, go_on, judge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEARD = frozenset({"issues"})
HOURS_LATER = 300.0


def at(minutes: float) -> datetime:
    """Tell a time by minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def attempt(guid: str, minutes: float, status: int = 0, event: str = "issues") -> Attempt:
    """Write a line of the log: lower-case for the original, upper-case for a redelivery."""
    number = round(minutes * 1000) * 100 + ord(guid[0]) % 100
    return Attempt(number, guid.lower(), event, at(minutes), status, redelivery=guid.isupper())


def look(log: Iterable[Attempt], minutes: float = HOURS_LATER, before: Swept | None = None) -> Findings:
    """Judge a log some minutes after noon."""
    return judge(log, HEARD, before or Swept(), at(minutes))


def due(log: Iterable[Attempt], minutes: float = HOURS_LATER) -> list[str]:
    """Tell which webhooks would be asked for."""
    return [lost.guid for lost in look(log, minutes).due]


def poison(guid: str, *minutes: float) -> list[Attempt]:
    """Fail each time, while something else is taken right after it."""
    return [it for when in minutes for it in (attempt(guid, when, 500), attempt("x", when + 0.1, 202))]


UP = attempt("z", 1, 202)
"""Something that was taken, after what was lost at noon."""


@pytest.mark.parametrize("status", [0, 301, 401, 403, 404, 408, 429, 500, 502, 503, 504, 599])
def test_what_nobody_took_is_lost(status: int) -> None:
    """No answer, a server's error, a proxy without a server behind it, a wrong secret: all are asked for again."""
    assert due([attempt("a", 0, status), UP]) == ["a"]


@pytest.mark.parametrize("status", [200, 202, 204, 400, 413, 415])
def test_what_our_door_answered_is_not_lost(status: int) -> None:
    """Our door took it, or would refuse it again."""
    assert due([attempt("a", 0, status), UP]) == []


def test_an_event_that_means_nothing_to_us_is_let_be() -> None:
    """Only what the door translates is asked for."""
    assert due([attempt("a", 0, event="installation"), UP]) == []


def test_one_success_among_the_attempts_is_enough() -> None:
    """A webhook that was taken at any time is settled, however its other attempts went."""
    assert due([attempt("a", 0), attempt("A", 2, 204), attempt("A", 3), attempt("z", 4, 202)]) == []


def test_a_refused_redelivery_is_the_end() -> None:
    """When our door has seen it and refused, it is not asked a third time."""
    assert due([attempt("a", 0), attempt("A", 2, 413), UP]) == []


@pytest.mark.parametrize(("redeliveries", "waits"), [((), 1), ((2,), 5), ((2, 7), 30)])
def test_attempts_are_spaced(redeliveries: tuple[int, ...], waits: int) -> None:
    """One minute, five, thirty, counted from the attempt before; all of it is read from the log."""
    log = [attempt("a", 0), attempt("z", 0.5, 202), *poison("A", *redeliveries), attempt("y", 8, 202)]
    last = max((0, *redeliveries))
    assert due(log, last + waits - 0.01) == []
    assert due(log, last + waits) == ["a"]


def test_a_webhook_that_nobody_can_take_is_left_to_reconciliation() -> None:
    """One that kills whoever takes it, while others get through, is not sent for ever, and holds nothing up."""
    log = [attempt("a", 0), UP, *poison("A", 2, 8, 40)]
    given_up = look(log)
    assert given_up.due == ()
    assert given_up.given_up == ("a",)
    assert given_up.swept == Swept((at(HOURS_LATER) - OVERLAP).isoformat(), gone=("a",))
    assert look(log, before=given_up.swept).given_up == ()


def test_an_outage_that_follows_uses_up_no_attempts_either() -> None:
    """The door is back only for a moment, then away for hours: what was lost the first time is asked for in the end."""
    probes = [attempt("A", minutes, 500) for minutes in (2, 8, 40, 70, 100, 130, 160)]
    log = [attempt("a", 0), attempt("z", 1, 202), *probes, attempt("b", 90), attempt("B", 170, 202)]
    assert due(log) == ["a"]


def test_while_nothing_gets_through_one_webhook_is_the_probe() -> None:
    """Of many that were lost the one with the fewest attempts is tried; it is another one each time."""
    log = [attempt("a", 0), attempt("b", 1), attempt("c", 2)]
    assert look(log).most == 1
    assert due(log)[0] == "a"
    assert due([*log, attempt("A", 10)])[0] == "b"
    assert due([*log, attempt("A", 10), attempt("B", 20)])[0] == "c"


def test_probes_cost_no_attempts() -> None:
    """After a long outage everything is asked for within a minute, also what served as probe many times."""
    probes = [attempt("A", 60 * hour) for hour in range(1, 5)]
    log = [attempt("a", 0), attempt("b", 1), *probes, attempt("B", 270, 202)]
    assert due(log) == ["a"]


@pytest.mark.parametrize(
    ("tried", "waits"), [((), 1), ((2,), 1), ((12,), 3), ((12, 20), 5), ((120,), 30), ((120, 600), 30)]
)
def test_a_probe_waits_the_longer_the_longer_nothing_gets_through(tried: tuple[int, ...], waits: float) -> None:
    """A quarter of the time it has lasted, at least a minute, at most half an hour: who is back is known soon."""
    log = [attempt("a", 0), *(attempt("A", it, 500) for it in tried)]
    last = max((0, *tried))
    swept = look(log, last).swept
    assert due(log, last + waits - 0.01) == []
    assert due(log, last + waits) == ["a"]
    still = go_on([], HEARD, swept, at(last + waits))
    assert still
    assert [it.guid for it in still.due] == ["a"]


def test_nothing_is_asked_for_twice_in_a_row() -> None:
    """As soon as an attempt shows in the log, the next sweep waits for its turn."""
    log = [attempt("a", 0), UP]
    assert due(log, 10) == ["a"]
    assert due([*log, attempt("A", 10, 500), attempt("y", 10.1, 202)], 11) == []


def test_much_at_once_is_bounded_and_the_oldest_come_first() -> None:
    """After days of being down a sweep asks for so many; the next one goes on."""
    lost = [Attempt(it, f"g{it}", "issues", at(it / 1000), 0) for it in range(20_000)]
    asked = due([*reversed(lost), attempt("z", 60, 202)])
    assert asked == [f"g{it}" for it in range(MOST_DUE)]


def test_what_github_can_not_deliver_is_remembered() -> None:
    """A GUID that GitHub refused to deliver is not asked for again while the log lists it, and holds nothing up."""
    found = look([attempt("a", 0), UP], before=Swept(gone=("a", "long gone")))
    assert found.due == ()
    assert found.swept == Swept((at(HOURS_LATER) - OVERLAP).isoformat(), gone=("a",))


def test_the_next_sweep_looks_from_where_this_one_settled_everything() -> None:
    """What waits for its next attempt is looked at again, with the whole outage it belongs to."""
    assert look([UP]).swept.since == (at(HOURS_LATER) - OVERLAP).isoformat()
    assert look([attempt("a", 0), attempt("b", 1), attempt("B", 9, 202)], 10).swept.since == NOON.isoformat()
    assert look([attempt("a", 0), attempt("A", 2, 202)], 4).swept.since < NOON.isoformat()
    assert look([attempt("a", 0), attempt("A", 2, 202)], 16).swept.since == NOON.isoformat()
    assert look([attempt("a", 0), attempt("A", 2, 202)], 18).swept.since == at(13).isoformat()


def test_an_outage_that_is_over_is_told_with_what_it_kept_from_us() -> None:
    """From the first webhook lost to the next one taken; what the door took and threw away does not count."""
    log = [attempt("a", 0), attempt("b", 3), attempt("c", 4), attempt("y", 7, 204)]
    log += [attempt("A", 8, 202), attempt("B", 8.1, 204), attempt("C", 8.2, 202)]
    recovered = (attempt("A", 8).id, attempt("C", 8.2).id)
    assert look(log).recovered == (Recovery(at(0).isoformat(), at(7).isoformat(), recovered),)


def test_an_outage_is_told_when_nothing_of_it_is_left_to_do() -> None:
    """As long as one of its webhooks waits for another attempt the count would be wrong; then it is told as one."""
    log = [attempt("a", 0), attempt("b", 1), attempt("y", 2, 204), attempt("A", 3, 202), attempt("B", 3.1, 500)]
    log.append(attempt("x", 4, 204))
    assert look(log).recovered == ()
    [recovery] = look([*log, attempt("B", 9, 202)]).recovered
    assert recovery.start == NOON.isoformat()
    assert len(recovery.deliveries) == 2


def test_two_outages_are_told_as_two() -> None:
    """A quarter of an hour in which nothing was lost makes another outage of the next loss."""
    log = [attempt("a", 0), attempt("y", 2, 204), attempt("b", 18), attempt("A", 19, 202), attempt("B", 19.1, 202)]
    assert [(it.start, it.end) for it in look(log).recovered] == [
        (at(0).isoformat(), at(2).isoformat()),
        (at(18).isoformat(), at(19).isoformat()),
    ]


def flapping(times: int) -> list[Attempt]:
    """Lose something every three minutes, which is delivered a minute later."""
    names = "abcdefghijklmnopqrstuvw"[:times]
    return [it for n, name in enumerate(names) for it in (attempt(name, 3 * n), attempt(name.upper(), 3 * n + 1, 202))]


def test_what_comes_and_goes_is_told_in_two_notes() -> None:
    """The first outage is told at once; those that follow closely are one, once it has been quiet for a while."""
    log = flapping(20)
    first = (at(0).isoformat(), at(1).isoformat(), 1)
    others = (at(3).isoformat(), at(58).isoformat(), 19)
    told = [[(it.start, it.end, len(it.deliveries)) for it in look(log, later).recovered] for later in (58.5, 72, 73)]
    assert told == [[first], [first], [first, others]]
    assert look(log, 72).swept.since == NOON.isoformat()
    assert look(log, 74).swept.since == at(69).isoformat()


def test_the_log_is_not_read_from_ever_further_back() -> None:
    """Who loses something every ten minutes for a day is told of it by the hour, and each sweep looks back as far."""
    log = [it for n in range(144) for it in (attempt("a", 10 * n), attempt("A", 10 * n + 1, 202))]
    log = [replace(it, guid=f"g{number // 2}") for number, it in enumerate(log)]
    found = look(log, 1440)
    assert datetime.fromisoformat(found.swept.since) >= at(1440 - 90)
    assert len([it for recovery in found.recovered for it in recovery.deliveries]) >= 144 - 6


def test_nobody_is_left_out_of_what_is_told() -> None:
    """However much was lost, all of it is looked up."""
    lost = [Attempt(it, f"g{it}", "issues", at(it / 1000), 0) for it in range(3000)]
    again = [replace(it, id=it.id + 5000, at=at(10 + it.id / 1000), status_code=202, redelivery=True) for it in lost]
    [recovery] = look([*lost, *again]).recovered
    assert len(recovery.deliveries) == 3000


def test_an_outage_goes_on_with_its_newest_lines_alone() -> None:
    """While nothing gets through the rest of the log is not needed: another webhook is the probe each time."""
    log = [attempt("a", 0), attempt("b", 1), attempt("c", 2)]
    swept, asked = look(log, 5).swept, ["a"]
    for minutes in (10, 20, 30):
        news = [attempt(asked[-1].upper(), minutes - 1, 500)]
        found = go_on(news, HEARD, swept, at(minutes))
        assert found
        asked += [lost.guid for lost in found.due[: found.most]]
        assert found.swept.since == swept.since
        swept = found.swept
    assert asked == ["a", "b", "c", "a"]


def test_an_outage_is_over_when_something_was_taken() -> None:
    """Then the whole log is read, and everything in it is asked for."""
    swept = look([attempt("a", 0), attempt("b", 1)], 5).swept
    assert go_on([attempt("A", 9, 202)], HEARD, swept, at(10)) is None
    assert go_on([attempt("z", 9, 204)], HEARD, swept, at(10)) is None
    assert go_on([attempt("z", -1, 204)], HEARD, swept, at(10))
    assert go_on([attempt("A", 8, 413), attempt("B", 9, 413)], HEARD, swept, at(10)) is None
    assert go_on([], HEARD, Swept(), at(10)) is None


def test_what_is_kept_of_a_long_outage_stays_small() -> None:
    """Days of being down are a few probes in the state of the sweeps."""
    lost = [Attempt(it, f"g{it}", "issues", at(it / 1000), 0) for it in range(20_000)]
    down = look(lost).swept.down
    assert down
    assert [probe.guid for probe in down.probes] == [f"g{it}" for it in range(PROBES)]


STATUSES = st.sampled_from([0, 202, 204, 401, 413, 500, 503])
GAPS = st.integers(1, 60)


@st.composite
def logs(draw: st.DrawFn) -> list[Attempt]:
    """Draw a log as GitHub writes it: every webhook has one original, and perhaps redeliveries after it."""
    lines = list[tuple[float, str, int, str]]()
    for guid in "abcdef"[: draw(st.integers(0, 6))]:
        minutes, event = float(draw(st.integers(0, 120))), draw(st.sampled_from(["issues", "installation"]))
        lines.append((minutes, guid, draw(STATUSES), event))
        for gap, status in draw(st.lists(st.tuples(GAPS, STATUSES), max_size=4)):
            minutes += gap
            lines.append((minutes, guid.upper(), status, event))
    return [
        Attempt(number, guid.lower(), event, at(minutes), status, guid.isupper())
        for number, (minutes, guid, status, event) in enumerate(sorted(lines), 1)
    ]


LOGS = logs()


@given(LOGS)
def test_the_order_of_the_lines_does_not_matter(log: list[Attempt]) -> None:
    """The log comes with its newest line first."""
    assert look(reversed(log)) == look(log)


@given(LOGS)
def test_a_sweep_never_loses_sight_of_what_is_unsettled(log: list[Attempt]) -> None:
    """What the next sweep looks at leads to the same decisions as the whole log."""
    first = look(log)
    rest = [it for it in log if it.at >= datetime.fromisoformat(first.swept.since)]
    again = look(rest, before=first.swept)
    assert again.due == first.due
    assert set(again.recovered) <= set(first.recovered)


@given(LOGS)
def test_only_what_was_lost_and_never_taken_is_asked_for(log: list[Attempt]) -> None:
    """Whatever the log looks like: nothing that was taken, refused or means nothing to us, and each but once."""
    asked = due(log)
    settled = {it.guid for it in log if not it.lost}
    assert len(set(asked)) == len(asked)
    assert not settled & set(asked)
