"""Reads the output of a tool nobody knows: its last lines that sound like an error."""

import re

from activities.checks.reading.model import Output, Reading

SOUNDS_WRONG = re.compile(
    r"error|fail|fatal|panic|exception|traceback|abort|cannot|can't|could not|unable|undefined|denied"
    r"|not found|no such|missing|invalid|unexpected|✖|✗",
    re.IGNORECASE,
)
MAX_LINES = 10


def read_tail(output: Output) -> Reading:
    """Take the last lines that sound wrong, or just the last lines."""
    lines = [line.strip() for line in output.text.splitlines() if line.strip()]
    if not lines:
        return Reading("no output")
    wrong = [line for line in lines if SOUNDS_WRONG.search(line)] or lines
    return Reading(wrong[-1], tuple(wrong[-MAX_LINES:]))
