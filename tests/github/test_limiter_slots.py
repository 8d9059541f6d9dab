"""The turns of writes: no window has too many, whoever comes when, and nobody waits for ever."""

import random
from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.write_slots import (
    ABSENT,
    BOUNDS,
    FIRST_BACK_OFF,
    GRACE,
    LONGEST_BACK_OFF,
    LONGEST_WRITE,
    SETTLE,
    Bound,
    Reservation,
    SlotState,
    Urgency,
    WriteSlots,
)

START = 1_800_000_000.0
LATE = st.floats(0, GRACE)


def write(name: object, *, attempt: str = "1.1", urgency: Urgency = Urgency.NOW, creates: bool = False) -> Reservation:
    """Want a turn."""
    return Reservation(str(name), attempt, 1, urgency, creates)


@dataclass(slots=True)
class Crowd:
    """Writers who ask again when they were told to, some of them late, some never."""

    slots: WriteSlots = field(default_factory=lambda: WriteSlots(SlotState()))
    now: float = START
    waiting: dict[str, tuple[float, Reservation]] = field(default_factory=dict[str, tuple[float, Reservation]])
    written: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])

    def arrive(self, asked: Reservation) -> None:
        """Ask for the first time."""
        self._ask(asked)

    def go_on(self, seconds: float, late: float = 0.0) -> None:
        """Let time pass; everybody asks when told to, or somewhat later."""
        end = self.now + seconds
        while self.waiting and min(due for due, _ in self.waiting.values()) + late <= end:
            name = min(self.waiting, key=lambda name: self.waiting[name][0])
            due, asked = self.waiting.pop(name)
            self.now = max(self.now, due + late)
            self._ask(asked)
        self.now = max(self.now, end)

    def finish(self) -> None:
        """Let time pass until everybody has written."""
        while self.waiting:
            self.go_on(60)

    def _ask(self, asked: Reservation) -> None:
        if wait := self.slots.reserve(asked, self.now):
            self.waiting[asked.operation] = (self.now + wait, asked)
        else:
            self.written.append((self.now, asked.operation))

    @property
    def times(self) -> list[float]:
        """When something was written, in order."""
        return sorted(time for time, _ in self.written)


def holds(times: list[float], bound: Bound) -> bool:
    """Whether no window has more; a thousandth of a second is what sums of floats may lose."""
    return all(
        later - first > bound.seconds - 0.001 for first, later in zip(times, times[bound.writes :], strict=False)
    )


@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from(Urgency), LATE), max_size=200), st.randoms())
@settings(deadline=None, max_examples=60)
def test_no_window_of_time_has_too_many(arrivals: list[tuple[float, Urgency, float]], chance: random.Random) -> None:
    """Never over 10 in 10 s, 80 in 60 s or 500 in an hour, though each write may begin a grace after its grant."""
    crowd = Crowd()
    for number, (pause, urgency, late) in enumerate(arrivals):
        crowd.go_on(pause, late)
        crowd.arrive(write(number, urgency=urgency))
    crowd.finish()
    assert len(crowd.written) == len(arrivals)
    assert all(holds(crowd.times, bound) for bound in BOUNDS)
    begun = sorted(time + chance.uniform(0, GRACE) for time in crowd.times)
    assert holds(begun, Bound(80, 60))
    assert holds(begun, Bound(500, 3600))


def test_a_flood_keeps_the_hour() -> None:
    """700 writes at once: ten go now, sixty a minute follow, and the 501st waits for the next hour."""
    crowd = Crowd()
    for number in range(700):
        crowd.arrive(write(number))
    assert len(crowd.written) == 10
    crowd.finish()
    times = [time - START for time in crowd.times]
    assert times[499] < 500
    assert times[500] >= 3600
    assert all(holds(crowd.times, bound) for bound in BOUNDS)


def test_whoever_somebody_waits_for_goes_first() -> None:
    """A reaction that comes after twenty edits takes the next turn there is; the last of the edits makes room."""
    crowd = Crowd()
    for number in range(20):
        crowd.arrive(write(number, urgency=Urgency.LATER))
    crowd.arrive(write("eyes"))
    crowd.finish()
    written = {name: time - START for time, name in crowd.written}
    assert (written["9"], written["eyes"], written["18"], written["19"]) == (0, 10, 10, 20)


def test_an_edit_is_not_overtaken_for_ever() -> None:
    """With one urgent write a second for ten minutes, an edit that came first waits little more than a minute."""
    crowd = Crowd()
    for number in range(10):
        crowd.arrive(write(f"before {number}"))
    crowd.arrive(write("edit", urgency=Urgency.LATER))
    for number in range(600):
        crowd.arrive(write(number))
        crowd.go_on(1)
    crowd.finish()
    [edited] = [time for time, name in crowd.written if name == "edit"]
    assert 10 <= edited - START <= 90


@given(st.lists(st.tuples(st.floats(0, 3), st.sampled_from(Urgency)), min_size=1, max_size=60))
@settings(deadline=None, max_examples=60)
def test_equals_keep_their_order(arrivals: list[tuple[float, Urgency]]) -> None:
    """Among writes of one urgency, nobody is written before who came first."""
    crowd = Crowd()
    for number, (pause, urgency) in enumerate(arrivals):
        crowd.go_on(pause)
        crowd.arrive(write(number, urgency=urgency))
    crowd.finish()
    written = {int(name): time for time, name in crowd.written}
    for kind in Urgency:
        times = [written[number] for number, (_, urgency) in enumerate(arrivals) if urgency is kind]
        assert times == sorted(times)


def test_the_same_question_has_the_same_answer() -> None:
    """Asked again by the same attempt a grant is not counted twice, and who waits keeps the place in the queue."""
    slots = WriteSlots(SlotState(bounds=(Bound(1, 10),)))
    assert [slots.reserve(write("a"), START) for _ in range(3)] == [0, 0, 0]
    assert [slots.reserve(write("b", attempt=f"1.{attempt}"), START) for attempt in range(3)] == [10, 10, 10]
    assert slots.reserve(write("c"), START) == 20
    assert slots.reserve(write("b"), START + 10) == 0


def test_another_attempt_needs_a_turn_of_its_own() -> None:
    """The first attempt may have written with its turn, so the second one waits for another."""
    slots = WriteSlots(SlotState(bounds=(Bound(1, 10),)))
    assert slots.reserve(write("a"), START) == 0
    assert slots.reserve(write("a", attempt="1.2"), START + 1) == 9


def test_what_may_be_there_already_is_given_time_to_show() -> None:
    """A creation whose answer was lost is not repeated before GitHub's lists must show it; an edit is."""
    slots = WriteSlots(SlotState())
    for name, creates in (("note", True), ("edit", False)):
        assert slots.reserve(write(name, creates=creates), START) == 0
    slots.end("1.1", START + 9)
    assert slots.reserve(write("note", attempt="1.2", creates=True), START + 10) == SETTLE - 1
    assert slots.reserve(write("edit", attempt="1.2"), START + 10) == 0
    assert slots.reserve(write("note", attempt="1.3", creates=True), START + 9 + SETTLE) == 0


@pytest.mark.parametrize("heard", [START + LONGEST_WRITE, START + 59, None], ids=["at the end", "later", "never"])
def test_what_is_not_over_may_be_written_until_its_call_is_cut(heard: float | None) -> None:
    """It starts a grace late and takes as long as a call may; what the step does after that makes it no later."""
    slots = WriteSlots(SlotState())
    assert slots.reserve(write("note", creates=True), START) == 0
    if heard:
        slots.end("1.1", heard)
    settled = START + LONGEST_WRITE + SETTLE
    assert slots.reserve(write("note", attempt="1.2", creates=True), settled - 1) == 1
    assert slots.reserve(write("note", attempt="1.3", creates=True), settled) == 0


def test_a_look_that_was_too_early_is_not_believed() -> None:
    """Reading took the second attempt half a minute: what it began to read may lack what the first one wrote."""
    slots = WriteSlots(SlotState())
    second = replace(write("note", attempt="1.2", creates=True), began=START + 10)
    third = replace(write("note", attempt="1.3", creates=True), began=START + 10 + SETTLE)
    slots.reserve(write("note", creates=True), START)
    slots.end("1.1", START + 10)
    assert 0 < slots.reserve(second, START + 10 + 60) < 1
    assert slots.reserve(third, START + 10 + 60) == 0


def test_who_does_not_come_back_loses_the_place() -> None:
    """A write that was cancelled stands in nobody's way for longer than half a minute."""
    slots = WriteSlots(SlotState(bounds=(Bound(1, 100),)))
    slots.reserve(write("first"), START)
    assert slots.reserve(write("cancelled"), START) == 100
    assert slots.reserve(write("next"), START) == 200
    assert slots.reserve(write("next"), START + 100 + ABSENT + 1) == 0


def test_nothing_goes_before_the_time_github_names() -> None:
    """A named time holds back what waits and what comes; a shorter one does not shorten it."""
    slots = WriteSlots(SlotState())
    assert slots.forbid(90, START) == 90
    assert slots.forbid(5, START + 1) == 89
    assert slots.reserve(write("a"), START + 10) == 80
    assert slots.reserve(write("a"), START + 90) == 0


def test_a_refusal_without_a_time_is_waited_out_ever_longer() -> None:
    """A minute, then two, then four, up to an hour; when it has gone well for as long, a minute again."""
    slots, now, waits = WriteSlots(SlotState()), START, list[float]()
    for _ in range(8):
        waits.append(slots.forbid(None, now))
        assert slots.forbid(None, now + 1) == waits[-1] - 1  # a call that was under way
        now += waits[-1] + 1
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert slots.forbid(None, now + 2 * LONGEST_BACK_OFF) == FIRST_BACK_OFF


@given(st.integers(0, 40))
@settings(max_examples=20)
def test_the_next_history_knows_all_of_it(before: int) -> None:
    """Handed over at any point, the turns are the same as without."""
    kept, handed = WriteSlots(SlotState()), WriteSlots(SlotState())
    for number in count():
        if number == before:
            handed = WriteSlots(handed.state())
        if number > 40:
            break
        assert kept.reserve(write(number), START + number / 4) == handed.reserve(write(number), START + number / 4)


def test_an_idle_limiter_knows_nothing() -> None:
    """It may end when it would decide the same without its memory: an hour after the last write."""
    slots = WriteSlots(SlotState())
    assert slots.is_idle(START)
    slots.reserve(write("a"), START)
    assert not slots.is_idle(START + 3600)
    assert slots.is_idle(START + 3606)
    assert not WriteSlots(replace(SlotState(), forbidden_until=START)).is_idle(START - 1)
