"""Is the work done? The verdict after each iteration, from what the agent claims and what the checks show. Pure."""

from dataclasses import dataclass

from workflows.advice import ON_GITHUB, Advisor
from workflows.model import AgentResult, Checkpoint, CheckResult, Claim, Ending, Outcome

STALLED_ROUNDS = 2
"""So many iterations in a row with the same content and the same failures: time for another agent, once."""
NOT_CLAIMED = "All checks pass, but you did not end with `STATUS: COMPLETE`. Finish what is missing, or say so."
EMPTY_CLAIM = (
    "You ended with `STATUS: COMPLETE`, but no file has changed. Make the change, or explain why none is needed."
)
UNFINISHED = "The checks do not pass yet."
FINAL_CHECKS = "The final checks do not pass yet."
ANOTHER_WAY = "The last two iterations changed nothing that matters. Take another approach."


@dataclass(frozen=True, slots=True)
class Round:
    """What one iteration brought."""

    answer: AgentResult
    checks: tuple[CheckResult, ...]
    checkpoint: Checkpoint
    feedback: str = ""
    """What the guards have taken out, and why."""
    final: tuple[CheckResult, ...] = ()
    """Checks that run only when everything else is as it should be."""

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        """The checks that stand in the way."""
        return tuple(check for check in self.checks + self.final if check.required and not check.passed)

    @property
    def empty(self) -> bool:
        """Whether the work so far changes nothing."""
        return self.checkpoint.change.files == 0

    @property
    def complete(self) -> bool:
        """Whether this is what was asked for, as far as the agent and the checks can tell."""
        return self.answer.claim is Claim.COMPLETE and not (self.failed or self.empty or self.feedback)

    @property
    def signature(self) -> tuple[str, ...]:
        """Equal signatures mean that nothing moved: neither the content nor what fails."""
        lines = (line for check in self.failed for line in (check.name, *(check.failures or (check.summary,))))
        return (self.checkpoint.tree, *lines)


@dataclass(frozen=True, slots=True)
class Streak:
    """What has repeated itself so far."""

    signature: tuple[str, ...] = ()
    rounds: int = 0
    empty_claims: int = 0

    def then(self, this: Round) -> "Streak":
        """Extend or break the streak with another round."""
        nothing = this.empty and not (this.failed or this.feedback)  # what the guards took out was something
        empty_claim = nothing and this.answer.claim is Claim.COMPLETE
        return Streak(
            signature=this.signature,
            rounds=self.rounds + 1 if this.signature == self.signature else 1,
            empty_claims=self.empty_claims + 1 if empty_claim else 0,
        )


def stalled(streak: Streak) -> bool:
    """Whether it is time for another agent, or another approach."""
    return streak.rounds == STALLED_ROUNDS


def judge(this: Round, streak: Streak, advisor: Advisor = ON_GITHUB) -> Outcome | str:
    """Return how the work ends, or the remark with which the next iteration starts. `streak` includes this round."""
    if this.answer.claim is Claim.BLOCKED:
        return Outcome(Ending.GAVE_UP, f"the agent needs an answer: {_last_words(this.answer)}", advisor.answer)
    if this.complete:
        return Outcome(Ending.DONE, "the agent says the work is complete, and all checks pass")
    if streak.empty_claims > 1:
        reason = f"the agent looked twice and changed nothing: {_last_words(this.answer)}"
        advice = advisor.say("Say more precisely what should change, and {again}.")
        return Outcome(Ending.NOTHING_TO_DO, reason, advice)
    if streak.rounds > STALLED_ROUNDS:
        return Outcome(
            Ending.GAVE_UP, f"no progress in {streak.rounds} iterations: {_what_stands(this)}", advisor.answer
        )
    return f"{_remark(this)} {ANOTHER_WAY}" if stalled(streak) else _remark(this)


def _remark(this: Round) -> str:
    if this.feedback:
        return this.feedback
    if this.failed:
        return FINAL_CHECKS if this.final else UNFINISHED
    return EMPTY_CLAIM if this.answer.claim is Claim.COMPLETE else NOT_CLAIMED


def _what_stands(this: Round) -> str:
    if not this.failed:
        return "the agent neither changes anything nor says that it is done"
    return "; ".join(f"{check.name}: {check.summary}" for check in this.failed)


def _last_words(answer: AgentResult) -> str:
    """Quote the end of what the agent said: a question, or why nothing is to be done."""
    lines = [line.strip() for line in answer.message.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"
