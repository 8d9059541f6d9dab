"""What people may do to a loop, and what they are told when they may not."""

import pytest
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from workflows.loop_controls import ENDING, FULL, MAX_INSTRUCTIONS, check_instruction, flaw_of_instruction
from workflows.loop_memory import INSTRUCTION_BYTES, LoopMemory
from workflows.model import Instruction

TEMPORALS_LIMIT = 2 * 1024 * 1024


@pytest.mark.parametrize("letter", ["a", "é", "☃", "\x01"])
def test_pending_instructions_never_outgrow_what_travels(letter: str) -> None:
    """Whatever people write and however much: a loop's memory stays far below what Temporal takes."""
    memory, long = LoopMemory(), Instruction(letter * (INSTRUCTION_BYTES // len(letter.encode())), author="ada")
    while not flaw_of_instruction(memory, long):
        memory.instructions += (long,)
    assert flaw_of_instruction(memory, long) == FULL
    assert len(memory.instructions) < MAX_INSTRUCTIONS
    [payload] = DataConverter.default.payload_converter.to_payloads([memory])
    assert payload.ByteSize() < TEMPORALS_LIMIT / 4


def test_many_short_ones_have_room() -> None:
    """Two hundred sentences are no trouble."""
    memory = LoopMemory(instructions=tuple(Instruction(f"Remember the rule number {n}, please.") for n in range(200)))
    assert flaw_of_instruction(memory, Instruction("And this.")) == ""


def test_the_one_that_has_no_room_is_refused_in_words() -> None:
    """Its sender hears when to try again."""
    long = Instruction("x" * INSTRUCTION_BYTES)
    with pytest.raises(ApplicationError, match="no room for this one; try again after the next iteration"):
        check_instruction(LoopMemory(instructions=(long,) * 70), long)


def test_an_ending_loop_takes_no_instruction() -> None:
    """It would be lost."""
    assert flaw_of_instruction(LoopMemory(closing=True), Instruction("And this.")) == ENDING
