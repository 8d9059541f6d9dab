"""Steering a running loop: its signals, the same as updates for callers who want an answer, and its queries.

Handlers only touch the loop's memory; the loop itself acts on it.
"""

import asyncio

from temporalio import workflow

from workflows import loop_controls
from workflows.accounting import Account
from workflows.agent_desk import AgentDesk
from workflows.loop_controls import GuardUpdate, Pause
from workflows.loop_memory import LoopInput
from workflows.model import CheckpointReport, Instruction, Limits, Outcome, Progress
from workflows.tightening import tighten


class SteeredLoop:
    """What people may do to a loop. The base of `WorkLoopWorkflow`, so that the work and its steering read apart."""

    def __init__(self, start: LoopInput) -> None:
        self._spec = start.spec
        self._memory = start.memory
        self._account = Account(self._spec, self._memory, self._say)
        self._desk = AgentDesk(self._memory, self._account, self._say)
        self._work: asyncio.Task[Outcome | None] | None = None
        self._cancelled = ""

    async def _say(self, note: str) -> None:
        """Tell whoever follows the loop what happens now."""
        raise NotImplementedError

    # --- signals ------------------------------------------------------------------------------------------------------

    @workflow.signal
    def pause(self, how: Pause | None = None) -> None:
        """Hold the work after the running step, or interrupt that too."""
        self._memory.paused = True
        if how and how.interrupt:
            self._desk.interrupt()

    @workflow.signal
    def resume(self) -> None:
        """Go on."""
        self._memory.paused = False

    @workflow.signal
    def cancel(self, reason: str = "") -> None:
        """End the work now; the agent's processes are gone before the loop says so."""
        self._cancelled = self._cancelled or reason or "cancelled"
        if self._work:
            self._work.cancel()

    @workflow.signal
    def inject_instruction(self, instruction: Instruction) -> None:
        """Tell the agent something with its next prompt."""
        self._memory.instructions += (instruction,)

    @workflow.signal
    def update_guard(self, update: GuardUpdate) -> None:
        """Change the guards from now on; only an admin may loosen them."""
        guards = self._memory.guards
        self._memory.guards = update.guards if update.by_admin else tighten(guards, update.guards)

    @workflow.signal
    def reload_config(self) -> None:
        """Read the repository's configuration again before the next iteration."""
        self._memory.reload = True

    @workflow.signal
    def allow(self, more: Limits) -> None:
        """Raise the budget; whoever sends it has asked GitHub whether that person may."""
        self._account.allow(more)

    @workflow.signal
    def approve(self) -> None:
        """Let the changes through that wait for it."""
        self._memory.approved += self._memory.awaiting
        self._memory.awaiting = ()

    @workflow.signal
    def refuse(self) -> None:
        """Have the changes taken out that wait for an approval."""
        self._memory.refused = True
        self._memory.awaiting = ()

    # --- the same as updates, for callers who want an answer ----------------------------------------------------------

    @workflow.update(name="pause")
    def ask_to_pause(self, how: Pause | None = None) -> str:
        """Pause, or say why not."""
        self.pause(how)
        return "Interrupted and paused." if how and how.interrupt else "Paused; the running step is finished first."

    @ask_to_pause.validator
    def _check_pause(self, how: Pause | None = None) -> None:
        del how
        loop_controls.check_pause(self._memory)

    @workflow.update(name="resume")
    def ask_to_resume(self) -> str:
        """Resume, or say why not."""
        self.resume()
        return "Resumed."

    @ask_to_resume.validator
    def _check_resume(self) -> None:
        loop_controls.check_resume(self._memory)

    @workflow.update(name="cancel")
    def ask_to_cancel(self, reason: str = "") -> str:
        """Cancel, or say why not."""
        self.cancel(reason)
        return "Cancelling; the agent is being stopped."

    @ask_to_cancel.validator
    def _check_cancel(self, reason: str = "") -> None:
        del reason
        loop_controls.check_cancel(self._memory, self._cancelled)

    @workflow.update(name="inject_instruction")
    def ask_to_instruct(self, instruction: Instruction) -> str:
        """Take an instruction, or say why not."""
        self.inject_instruction(instruction)
        place = self._memory.pending.index(instruction) + 1
        return f"The agent gets it with its next prompt, as number {place} of {len(self._memory.instructions)}."

    @ask_to_instruct.validator
    def _check_instruction(self, instruction: Instruction) -> None:
        loop_controls.check_instruction(self._memory, instruction)

    @workflow.update(name="update_guard")
    def ask_to_guard(self, update: GuardUpdate) -> str:
        """Change the guards, or say what may not be loosened."""
        self.update_guard(update)
        return "The guards hold from the next commit on."

    @ask_to_guard.validator
    def _check_guard(self, update: GuardUpdate) -> None:
        loop_controls.check_guard(self._memory, update)

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
    def checkpoint(self) -> CheckpointReport:
        """Show what would survive the loss of this host, and whether it gets better."""
        return self._memory.report()

    @workflow.query
    def job_status(self) -> str:
        """Tell in a word how it is: running, paused, waiting, cancelling or finished."""
        return "cancelling" if self._cancelled else self._memory.status
