"""What people may do to a running loop, and the answer they get when they may not: the validators of its updates."""

from dataclasses import dataclass

from temporalio.exceptions import ApplicationError

from workflows.loop_memory import LoopMemory
from workflows.model import Guards, Instruction, LoopState
from workflows.tightening import loosens

REFUSED = "Refused"
"""Type of the error a caller of an update gets; its message is for people."""
MAX_INSTRUCTIONS = 500
MAX_INSTRUCTION_CHARACTERS = 8_000


@dataclass(frozen=True, slots=True)
class Pause:
    """How to pause."""

    interrupt: bool = False
    """Stop the running agent now, and ask it again on resuming; else the running step is finished first."""


@dataclass(frozen=True, slots=True)
class GuardUpdate:
    """New guards for a running loop."""

    guards: Guards
    by_admin: bool = False
    """Only an admin of the repository may loosen them; whoever sends the update has asked GitHub."""


def check_pause(memory: LoopMemory) -> None:
    """Refuse to pause what does not run."""
    _check_running(memory)
    if memory.paused:
        raise refusal("it is already paused")


def check_resume(memory: LoopMemory) -> None:
    """Refuse to resume what is not paused."""
    _check_running(memory)
    if not memory.paused:
        raise refusal("it is not paused")


def check_cancel(memory: LoopMemory, cancelled: str) -> None:
    """Refuse to cancel twice."""
    _check_running(memory)
    if cancelled:
        raise refusal(f"it is already being cancelled: {cancelled}")


def check_instruction(memory: LoopMemory, instruction: Instruction) -> None:
    """Refuse an instruction that is empty, or too much."""
    _check_running(memory)
    if not instruction.text.strip():
        raise refusal("the instruction is empty")
    if len(instruction.text) > MAX_INSTRUCTION_CHARACTERS:
        raise refusal(f"an instruction has at most {MAX_INSTRUCTION_CHARACTERS} characters; put more into the issue")
    if len(memory.instructions) >= MAX_INSTRUCTIONS:
        raise refusal(f"{MAX_INSTRUCTIONS} instructions are waiting already")


def check_approval(memory: LoopMemory) -> None:
    """Refuse an answer that nobody waits for."""
    _check_running(memory)
    if not memory.awaiting:
        raise refusal("nothing waits for an approval")


def check_guard(memory: LoopMemory, update: GuardUpdate) -> None:
    """Refuse to loosen the guards without an admin."""
    _check_running(memory)
    looser = loosens(memory.guards, update.guards)
    if looser and not update.by_admin:
        raise refusal(f"only an admin may loosen {', '.join(looser)}")


def refusal(reason: str) -> ApplicationError:
    """Make the error that refuses an update."""
    return ApplicationError(reason, type=REFUSED, non_retryable=True)


def _check_running(memory: LoopMemory) -> None:
    if memory.state is LoopState.DONE:
        raise refusal("it has finished")
