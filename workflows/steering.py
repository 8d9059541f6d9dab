"""Steering a running loop: its signals and its queries.

Handlers only touch the loop's memory; the loop itself acts on it.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from workflows import loop_controls
from workflows.accounting import Account
from workflows.advice import advisor_for
from workflows.agent_desk import AgentDesk
from workflows.failures import failed_outcome
from workflows.loop_controls import Allowance, GuardUpdate, Pause, Preference
from workflows.loop_memory import LoopInput, clock
from workflows.model import CheckpointReport, Ending, Guards, Instruction, Outcome, Progress
from workflows.running_step import RunningStep
from workflows.telling import Telling

START_OVER = "{Again} to start over."
BY_OPERATOR = "the operator cancelled it"

T = TypeVar("T")


class SteeredLoop:
    """What people may do to a loop."""

    def __init__(self, start: LoopInput) -> None:
        self._spec = start.spec
        self._memory = start.memory
        self._account = Account(self._spec, self._memory, self._say)
        self._step = RunningStep()
        self._desk = AgentDesk(self._memory, self._account, self._step, self._say)
        self._advisor = advisor_for(self._spec.source)
        self._telling = Telling(self._spec, self._memory)
        self._work: asyncio.Task[Any] | None = None

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin the work, in a form in which it can be cancelled."""
        self._work = task = asyncio.create_task(work)
        if self._memory.cancelled:  # before the first step, or while the history before this one ended
            task.cancel()
        return task

    async def _say(self, note: str) -> None:
        """Tell whoever follows the loop what happens now."""
        self._memory.note = note
        workflow.set_current_details(note)
        self._telling.tell(self.status())

    def _note(self, what: str) -> None:
        """Write down what somebody has done, and show it at once: the next step may be days away."""
        self._memory.happened(what)
        self._telling.tell(self.status())

    def _explain(self, error: FailureError | asyncio.CancelledError) -> Outcome:
        """Say how work ended that did not say it itself."""
        if isinstance(error, FailureError) and not (self._memory.cancelled or is_cancelled_exception(error)):
            return failed_outcome(error, self._advisor)
        advice = self._advisor.say(START_OVER)
        return Outcome(Ending.CANCELLED, self._memory.cancelled or BY_OPERATOR, advice)

    # --- signals ------------------------------------------------------------------------------------------------------

    @workflow.signal
    def pause(self, how: Pause | None = None) -> None:
        """Hold the work after the running step, or interrupt that too."""
        how = how or Pause()
        if not loop_controls.is_late(self._memory, f"A pause{_by(how.by)}"):
            self.hold(how)

    def hold(self, how: Pause) -> bool:
        """Pause; whether that has interrupted a step."""
        memory = self._memory
        memory.paused = True
        memory.paused_until = workflow.time() + how.seconds if how.seconds else None
        until = f" until {clock(memory.paused_until)}" if memory.paused_until else ""
        interrupted = how.interrupt and self._step.interrupt()
        self._note(f"Paused{until}{_by(how.by)}{', the running step is stopped' * interrupted}")
        return interrupted

    @workflow.signal
    def resume(self, by: str = "") -> None:
        """Go on."""
        was_paused, self._memory.paused, self._memory.paused_until = self._memory.paused, False, None
        if was_paused:
            self._note(f"Resumed{_by(by)}")

    @workflow.signal
    def cancel(self, reason: str = "", by: str = "") -> None:
        """End the work now; the agent's processes are gone before the loop says so."""
        memory = self._memory
        if loop_controls.is_late(memory, f"A cancellation{_by(by)}"):
            return
        memory.cancelled = memory.cancelled or reason or "cancelled"
        memory.happened(f"Cancelled{_by(by)}: {memory.cancelled}")
        if self._work:
            self._work.cancel()

    @workflow.signal
    def inject_instruction(self, instruction: Instruction) -> None:
        """Tell the agent something with its next prompt."""
        if flaw := loop_controls.flaw_of_instruction(self._memory, instruction):
            self._memory.happened(f"An instruction{_by(instruction.author)} was not taken: {flaw}")
            return
        self._memory.instructions += (instruction,)
        self._note(f"Instruction{_by(instruction.author)}: {instruction.text}")

    @workflow.signal
    def update_guard(self, update: GuardUpdate) -> None:
        """Change the guards from now on; only an admin may loosen them."""
        if loop_controls.is_late(self._memory, f"A change of the guards{_by(update.by)}"):
            return
        rules = self._memory.guard_rules
        change = rules.replaced_by if update.by_admin else rules.tightened_by
        self._memory.guard_rules = change(update.guards)
        self._note(f"Guards changed{_by(update.by)}")

    @workflow.signal
    def reload_config(self, by: str = "") -> None:
        """Read the repository's configuration again before the next iteration."""
        self._memory.reload = True
        self._note(f"Reading the configuration again was asked for{_by(by)}")

    @workflow.signal
    def allow(self, allowance: Allowance) -> None:
        """Raise the budget."""
        self._account.allow(allowance.more)
        self._note(f"More was allowed{_by(allowance.by)}{self._account.used(': ')}")

    @workflow.signal
    def prefer(self, preference: Preference) -> None:
        """Put a provider or a model first from the next agent run on."""
        memory = self._memory
        if flaw := loop_controls.flaw_of_preference(memory, preference):
            memory.happened(f"A preference{_by(preference.by)} was not taken: {flaw}")
            return
        memory.preferred = loop_controls.entry_of(memory, preference)
        memory.lineup = memory.lineup.preferring(memory.preferred)
        self._note(f"{memory.preferred} is preferred{_by(preference.by)}")

    @workflow.signal
    def approve(self, by: str = "") -> None:
        """Let the changes through that wait for it."""
        self._memory.approved += self._decided(f"Approved{_by(by)}")

    @workflow.signal
    def refuse(self, by: str = "") -> None:
        """Have the changes taken out that wait for an approval."""
        self._memory.refused = True
        self._decided(f"Refused{_by(by)}")

    def _decided(self, what: str) -> tuple[str, ...]:
        """Write down what becomes of the changes that wait, and let the work go on."""
        paths, self._memory.awaiting = self._memory.awaiting, ()
        if paths:
            self._memory.happened(f"{what}: {', '.join(paths)}")
        return paths

    # --- queries ------------------------------------------------------------------------------------------------------

    @workflow.query
    def status(self) -> Progress:
        """Show where the work is."""
        return self._memory.progress(self._spec)

    @workflow.query
    def pending_instructions(self) -> tuple[Instruction, ...]:
        """Show what the agent has not been told yet, in the order in which it will be."""
        return self._memory.pending

    @workflow.query
    def guards(self) -> Guards:
        """Show which changes are allowed now."""
        return self._memory.guards

    @workflow.query
    def checkpoint(self) -> CheckpointReport:
        """Show what would survive the loss of this host, and whether it gets better."""
        return self._memory.report()

    @workflow.query
    def job_status(self) -> str:
        """Tell in a word how it is: running, paused, waiting, cancelling or finished."""
        return self._memory.status


def _by(who: str) -> str:
    return f" by {who}" if who else ""
