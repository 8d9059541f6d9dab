"""The signals of a running loop once more as updates, for callers who want an answer: what was done, or why not."""

from temporalio import workflow

from workflows import loop_controls
from workflows.loop_controls import Allowance, GuardUpdate, Pause, Preference
from workflows.loop_memory import clock
from workflows.model import Instruction
from workflows.steering import SteeredLoop

PAUSED = "Paused; the running step is finished first."
INTERRUPTED = "Interrupted and paused."


class AnsweringLoop(SteeredLoop):
    """A loop that can be asked as well as told. The base of every workflow that lets agents work."""

    @workflow.update(name="pause")
    def ask_to_pause(self, how: Pause | None = None) -> str:
        """Pause, or say why not."""
        paused = INTERRUPTED if self.hold(how or Pause()) else PAUSED
        end = f" It goes on by itself at {clock(until)}." if (until := self._memory.paused_until) else ""
        return paused + end

    @ask_to_pause.validator
    def _check_pause(self, how: Pause | None = None) -> None:
        loop_controls.check_pause(self._memory, how or Pause())

    @workflow.update(name="resume")
    def ask_to_resume(self, by: str = "") -> str:
        """Resume, or say why not."""
        self.resume(by)
        return "Resumed."

    @ask_to_resume.validator
    def _check_resume(self, by: str = "") -> None:
        del by
        loop_controls.check_resume(self._memory)

    @workflow.update(name="cancel")
    def ask_to_cancel(self, reason: str = "", by: str = "") -> str:
        """Cancel, or say why not."""
        self.cancel(reason, by)
        return "Cancelling; the agent is being stopped."

    @ask_to_cancel.validator
    def _check_cancel(self, reason: str = "", by: str = "") -> None:
        del reason, by
        loop_controls.check_cancel(self._memory)

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

    @workflow.update(name="reload_config")
    def ask_to_reload(self, by: str = "") -> str:
        """Have the configuration read again, or say why not."""
        self.reload_config(by)
        return "The configuration is read again before the next iteration."

    @ask_to_reload.validator
    def _check_reload(self, by: str = "") -> None:
        del by
        loop_controls.check_running(self._memory)

    @workflow.update(name="allow")
    def ask_to_allow(self, allowance: Allowance) -> str:
        """Raise the budget, or say why not."""
        self.allow(allowance)
        return f"Allowed{self._account.used('. Used so far: ')}."

    @ask_to_allow.validator
    def _check_allowance(self, allowance: Allowance) -> None:
        loop_controls.check_allowance(self._memory, allowance.more)

    @workflow.update(name="prefer")
    def ask_to_prefer(self, preference: Preference) -> str:
        """Put a provider first, or say why not."""
        self.prefer(preference)
        return f"{self._memory.preferred} gets the next prompt, unless its own limit says no; a running agent finishes."

    @ask_to_prefer.validator
    def _check_preference(self, preference: Preference) -> None:
        loop_controls.check_preference(self._memory, preference)

    @workflow.update(name="approve")
    def ask_to_approve(self, by: str = "") -> str:
        """Let the waiting changes through, or say that none wait."""
        paths = ", ".join(self._memory.awaiting)
        self.approve(by)
        return f"Approved: {paths}."

    @ask_to_approve.validator
    def _check_approval(self, by: str = "") -> None:
        del by
        loop_controls.check_approval(self._memory)

    @workflow.update(name="refuse")
    def ask_to_refuse(self, by: str = "") -> str:
        """Have the waiting changes taken out, or say that none wait."""
        paths = ", ".join(self._memory.awaiting)
        self.refuse(by)
        return f"Refused: {paths}. What was refused is taken out, and the agent is told."

    @ask_to_refuse.validator
    def _check_refusal(self, by: str = "") -> None:
        del by
        loop_controls.check_approval(self._memory)
