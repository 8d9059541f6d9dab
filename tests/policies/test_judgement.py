"""Is the work done?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.judgement import (
    ANOTHER_WAY,
    EMPTY_CLAIM,
    FINAL_CHECKS,
    NOT_CLAIMED,
    UNFINISHED,
    Round,
    Streak,
    judge,
    stalled,
)
from workflows.model import AgentResult, Category, ChangeStat, Checkpoint, CheckResult, Claim, Ending, Outcome

GREEN = CheckResult("tests", Category.TEST, passed=True, required=True, summary="3 passed")
RED = replace(GREEN, passed=False, summary="1 failed", failures=("test_it",))
WARNING = replace(RED, required=False)
CHANGED = Checkpoint("sha", "tree", ChangeStat(1, 2, 3))
EMPTY = Checkpoint("sha", "base")
DONE = Round(AgentResult("claude", Claim.COMPLETE, "All of it."), (GREEN,), CHANGED)


def verdict(*rounds: Round) -> Outcome | str:
    """Judge the last of these rounds."""
    streak = Streak()
    for this in rounds:
        streak = streak.then(this)
    return judge(rounds[-1], streak)


def ending(*rounds: Round) -> Ending | None:
    """Tell how these rounds end the work, if they do."""
    outcome = verdict(*rounds)
    return outcome.ending if isinstance(outcome, Outcome) else None


def test_done_takes_a_claim_passing_checks_and_a_change() -> None:
    """All three, and nothing taken out by the guards."""
    assert ending(DONE) is Ending.DONE


@pytest.mark.parametrize(
    ("missing", "remark"),
    [
        (replace(DONE, answer=AgentResult("claude", Claim.CONTINUE, "More to do.")), NOT_CLAIMED),
        (replace(DONE, checks=(GREEN, RED)), UNFINISHED),
        (replace(DONE, checkpoint=EMPTY), EMPTY_CLAIM),
        (replace(DONE, feedback="Taken out."), "Taken out."),
    ],
)
def test_what_is_missing_is_the_next_remark(missing: Round, remark: str) -> None:
    """Without one of them the work goes on, and the agent hears which."""
    assert verdict(missing) == remark


def test_a_check_that_is_not_required_does_not_block() -> None:
    """It is only reported."""
    assert ending(replace(DONE, checks=(GREEN, WARNING))) is Ending.DONE


def test_a_question_ends_the_work() -> None:
    """A blocked agent's question is passed on."""
    outcome = verdict(replace(DONE, answer=AgentResult("claude", Claim.BLOCKED, "I looked.\nWhich one?")))
    assert outcome == Outcome(
        Ending.GAVE_UP, "the agent needs an answer: Which one?", "Answer in the issue and put the label on again."
    )


def test_an_empty_claim_is_doubted_once() -> None:
    """The second one in a row is believed: there is nothing to do."""
    empty = replace(DONE, checkpoint=EMPTY)
    assert ending(empty) is None
    assert ending(empty, empty) is Ending.NOTHING_TO_DO


def test_no_progress_asks_for_another_way_then_stops() -> None:
    """Same content and same failures: twice is a hint, three times the end."""
    stuck = replace(DONE, checks=(RED,))
    assert ANOTHER_WAY in str(verdict(stuck, stuck))
    assert ending(stuck, stuck, stuck) is Ending.GAVE_UP


def test_final_checks_that_stay_red_are_no_progress_either() -> None:
    """The agent hears that it is these, then to take another way, and then it is the end."""
    stuck = replace(DONE, final=(RED,))
    assert verdict(stuck) == FINAL_CHECKS
    assert ANOTHER_WAY in str(verdict(stuck, stuck))
    assert ending(stuck, stuck, stuck) is Ending.GAVE_UP
    assert ending(stuck, stuck, replace(DONE, final=(GREEN,))) is Ending.DONE


def test_any_movement_breaks_a_streak() -> None:
    """Other content, or another failure, is progress of a kind."""
    stuck = replace(DONE, checks=(RED,))
    moved = replace(stuck, checkpoint=replace(CHANGED, tree="other"))
    assert ending(stuck, stuck, moved, stuck) is None
    assert not stalled(Streak().then(stuck).then(moved))


@given(
    st.lists(
        st.builds(
            Round,
            st.builds(AgentResult, st.just("claude"), st.sampled_from(Claim), st.text(max_size=20)),
            st.sampled_from([(GREEN,), (RED,), (WARNING,), ()]),
            st.sampled_from([CHANGED, EMPTY]),
            st.sampled_from(["", "Taken out."]),
            st.sampled_from([(GREEN,), (RED,), ()]),
        ),
        min_size=1,
    )
)
def test_done_is_never_claimed_without_its_three_parts(rounds: list[Round]) -> None:
    """Whatever came before, a done round has the claim, the checks and the change."""
    last = rounds[-1]
    if ending(*rounds) is Ending.DONE:
        assert last.answer.claim is Claim.COMPLETE
        assert not last.failed
        assert not last.empty
        assert not last.feedback
