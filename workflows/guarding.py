"""The guards at work: what an iteration may not change is taken out before anything is committed."""

from dataclasses import dataclass

from temporalio import workflow

from workflows import steps
from workflows.advice import Advisor
from workflows.cancelling import heed_cancellation
from workflows.guards import Verdict, Violation, feedback, inspect, parted
from workflows.holding import Say, holding
from workflows.loop_memory import LoopMemory
from workflows.model import Ending, Outcome, StagedChange, Waiting, Withdrawal, Workspace

MAX_VIOLATIONS = 3
"""Iterations in a row in which something had to be taken out; then somebody has to look."""
ATTEMPTS = 4
"""Looks at the worktree within one iteration; more means that something keeps writing to it."""
APPROVAL = "Waiting for an approval to change {paths}"
NOT_APPROVED = "a person was asked to approve this change, and refused"
NOBODY_TO_ASK = "a person would have to approve this change"


@dataclass(frozen=True, slots=True)
class Admitted:
    """What may be committed, and what the agent should hear about the rest."""

    tree: str
    feedback: str = ""


class GuardPost:
    """Stands before every commit."""

    def __init__(self, memory: LoopMemory, say: Say, advisor: Advisor) -> None:
        self._memory = memory
        self._say = say
        self._advisor = advisor

    async def admit(self, workspace: Workspace, *, ask: bool = True) -> Admitted | Outcome:
        """Inspect the staged change, and take out what is not allowed; an outcome means that somebody has to look.

        Where nobody is to be asked, what needs an approval is not allowed.
        """
        taken_out: tuple[Violation, ...] = ()
        for _ in range(ATTEMPTS):
            change = await steps.stage_changes(workspace)
            left, verdict = parted(inspect(self._memory.guards, change, self._memory.approved), workspace.conflicts)
            violations = verdict.violations or (await self._unapproved(verdict) if ask else _unasked(verdict))
            if not violations and not verdict.to_confirm:
                return self._admitted(change, taken_out, left)
            if violations:
                await self._take_out(workspace, change, Verdict(violations), first=not taken_out)
                taken_out += violations
        return Outcome(Ending.FAILED, f"the guards cannot be satisfied: {_told(taken_out)}", "Look at the log.")

    async def _take_out(self, workspace: Workspace, change: StagedChange, refused: Verdict, *, first: bool) -> None:
        """Take refused paths back to the base; what is too large as a whole, first to the last checkpoint."""
        if refused.too_large and first:
            await steps.reset_workspace(workspace)
            return
        paths = tuple(file.path for file in change.files) if refused.too_large else refused.paths
        await steps.withdraw_changes(Withdrawal(workspace, paths))

    async def _unapproved(self, verdict: Verdict) -> tuple[Violation, ...]:
        """Wait, for as long as it takes, until somebody has approved or refused what needs it."""
        if not verdict.to_confirm:
            return ()
        memory = self._memory
        memory.awaiting, memory.refused = verdict.to_confirm, False
        approval = APPROVAL.format(paths=", ".join(f"`{path}`" for path in verdict.to_confirm))
        memory.happened(approval)
        waiting = Waiting(f"{approval}: {self._advisor.approve}", for_people=True)
        async with holding(memory, self._say, waiting):
            heed_cancellation()
            await workflow.wait_condition(lambda: not memory.awaiting)
        return tuple(Violation(path, NOT_APPROVED) for path in verdict.to_confirm) if memory.refused else ()

    def _admitted(
        self, change: StagedChange, taken_out: tuple[Violation, ...], left: tuple[Violation, ...]
    ) -> Admitted | Outcome:
        self._memory.admitted_by = self._memory.guards
        if taken_out:
            self._memory.happened(f"The guards took out {_told(taken_out)}")
        self._memory.violations = self._memory.violations + 1 if taken_out else 0
        if self._memory.violations >= MAX_VIOLATIONS:
            reason = f"the agent keeps changing what it may not: {_told(taken_out)}"
            return Outcome(
                Ending.GAVE_UP, reason, "Open it in `guards` of `.aidp/aidp.yml`, or ask for something else."
            )
        return Admitted(change.tree, feedback(taken_out, left))


def _unasked(verdict: Verdict) -> tuple[Violation, ...]:
    return tuple(Violation(path, NOBODY_TO_ASK) for path in verdict.to_confirm)


def _told(violations: tuple[Violation, ...]) -> str:
    return "; ".join(f"`{it.path}`: {it.reason}" if it.path else it.reason for it in violations[-5:])
