"""What people may do to a running loop, and the answer they get when they may not: the validators of its updates."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from temporalio.exceptions import ApplicationError

from workflows.budget import raised_config
from workflows.loop_memory import INSTRUCTION_BYTES, LoopMemory
from workflows.model import Guards, Instruction, Limits, LoopState
from workflows.patience import LONGEST_PAUSE
from workflows.tightening import loosens

REFUSED = "Refused"
"""Type of the error a caller of an update gets; its message is for people."""
MAX_INSTRUCTIONS = 500
MAX_PENDING_BYTES = 256_000
"""Of all that wait together, as they travel: far below the 2 MB that Temporal takes in one piece."""
MODEL = re.compile(r"[A-Za-z0-9][\w.:/@\[\]-]{0,199}")
"""As agents' command lines take it; one that begins with `-` would be an option."""
SHORTEST_PAUSE = 1
FULL = "so many are waiting that there is no room for this one; try again after the next iteration, or shorten it"
ENDING = "it is ending and takes nothing more; wait for its result, then start it again if something is missing"


@dataclass(frozen=True, slots=True)
class Pause:
    """How to pause."""

    interrupt: bool = False
    """Stop the running agent now, and ask it again on resuming; else the running step is finished first."""
    seconds: float | None = None
    """Go on by itself after so long; `None` waits for somebody."""
    by: str = ""


@dataclass(frozen=True, slots=True)
class GuardUpdate:
    """New guards for a running loop."""

    guards: Guards
    by_admin: bool = False
    """Only an admin of the repository may loosen them; whoever sends the update has asked GitHub."""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So much more than is configured; whoever sends it has asked GitHub whether that person may."""

    more: Limits
    by: str = ""


@dataclass(frozen=True, slots=True)
class Preference:
    """Who is to work from the next agent run on."""

    provider: str = ""
    """Empty: whoever works now."""
    model: str = ""
    by: str = ""

    @classmethod
    def of(cls, text: str, by: str = "") -> "Preference":
        """Read `claude`, `claude/opus`, or `/opus` for another model of whoever works now."""
        provider, _, model = text.strip().partition("/")
        return cls(provider, model, by)


def check_pause(memory: LoopMemory, how: Pause) -> None:
    """Refuse to pause what does not run, or for a time that makes no sense."""
    check_running(memory)
    if memory.paused:
        raise refusal("it is already paused")
    longest = LONGEST_PAUSE.time
    if how.seconds is not None and not SHORTEST_PAUSE <= how.seconds <= longest.total_seconds():
        raise refusal(f"a pause lasts from a second to {longest.days} days, or until somebody resumes it")


def check_resume(memory: LoopMemory) -> None:
    """Refuse to resume what is not paused."""
    check_running(memory)
    if not memory.paused:
        raise refusal("it is not paused")


def check_cancel(memory: LoopMemory) -> None:
    """Refuse to cancel twice."""
    check_running(memory)
    if memory.cancelled:
        raise refusal(f"it is already being cancelled: {memory.cancelled}")


def check_instruction(memory: LoopMemory, instruction: Instruction) -> None:
    """Refuse an instruction that says nothing, or too much."""
    check_running(memory)
    if flaw := flaw_of_instruction(memory, instruction):
        raise refusal(flaw)


def flaw_of_instruction(memory: LoopMemory, instruction: Instruction) -> str:
    """Tell what is wrong with an instruction; empty when nothing is."""
    size = len(instruction.text.encode())
    if memory.closing:
        return ENDING
    if not instruction.text.strip():
        return "the instruction is empty"
    if size > INSTRUCTION_BYTES:
        return f"an instruction has at most {INSTRUCTION_BYTES:,} bytes, this one has {size:,}; say it in several"
    if len(memory.instructions) >= MAX_INSTRUCTIONS:
        return f"{MAX_INSTRUCTIONS} instructions are waiting already"
    if _travelling_bytes((*memory.instructions, instruction)) > MAX_PENDING_BYTES:
        return FULL
    return ""


def _travelling_bytes(instructions: Iterable[Instruction]) -> int:
    """Count them as JSON, in which a character may take six bytes."""
    return len(json.dumps([asdict(instruction) for instruction in instructions]))


def check_preference(memory: LoopMemory, preference: Preference) -> None:
    """Refuse a provider or model that can not be asked."""
    check_running(memory)
    if flaw := flaw_of_preference(memory, preference):
        raise refusal(flaw)


def flaw_of_preference(memory: LoopMemory, preference: Preference) -> str:
    """Tell why a preference can not be met; empty when it can."""
    offered = memory.lineup.names
    if not (preference.provider or preference.model):
        return "no agent is named"
    if not offered:
        return "it has not begun; try again in a moment"
    if preference.provider and preference.provider not in offered:
        return f"`{preference.provider}` is not offered here; there is {', '.join(offered)}"
    if preference.model and not MODEL.fullmatch(preference.model):
        return f"`{preference.model}` can not be the name of a model"
    return ""


def entry_of(memory: LoopMemory, preference: Preference) -> str:
    """Write a preference as the lineup does; a model alone is one of whoever works now."""
    name = preference.provider or memory.provider.partition("/")[0] or memory.lineup.names[0]
    return f"{name}/{preference.model}" if preference.model else name


def check_allowance(memory: LoopMemory, more: Limits) -> None:
    """Refuse to raise what is not limited."""
    check_running(memory)
    amounts = [amount for amount in (more.iterations, more.minutes, more.tokens, more.usd) if amount is not None]
    if not amounts:
        raise refusal("nothing is allowed; name an amount")
    if any(not 0 < amount < math.inf for amount in amounts):
        raise refusal("an amount is more than 0")
    if raised_config(memory.config, more) == memory.config:
        raise refusal("it has no such limit, so there is nothing to raise")


def check_approval(memory: LoopMemory) -> None:
    """Refuse an answer that nobody waits for."""
    check_running(memory)
    if not memory.awaiting:
        raise refusal("nothing waits for an approval")


def check_guard(memory: LoopMemory, update: GuardUpdate) -> None:
    """Refuse to loosen the guards without an admin."""
    check_running(memory)
    looser = loosens(memory.guards, update.guards)
    if looser and not update.by_admin:
        raise refusal(f"only an admin may loosen {', '.join(looser)}")


def refusal(reason: str) -> ApplicationError:
    """Make the error that refuses an update."""
    return ApplicationError(reason, type=REFUSED, non_retryable=True)


def check_running(memory: LoopMemory) -> None:
    """Refuse to steer what has come to its end."""
    if memory.state is LoopState.DONE:
        raise refusal("it has finished")
    if memory.closing:
        raise refusal(ENDING)


def is_late(memory: LoopMemory, what: str) -> bool:
    """Write down what a signal has brought when nothing can be steered any more."""
    if memory.closing:
        memory.happened(f"{what} came too late: {ENDING}")
    return memory.closing
