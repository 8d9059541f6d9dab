"""Reads Python's unittest."""

import re

from activities.checks.reading.model import Output, Reading, by_name

RAN = re.compile(r"^Ran (\d+ tests?) in [\d.]+s$", re.MULTILINE)
VERDICT = re.compile(r"^((?:OK|FAILED|NO TESTS RAN)\b.*)$", re.MULTILINE)
NAMED = re.compile(r"^(?:FAIL|ERROR): (\S.*)$", re.MULTILINE)


def read_unittest(output: Output) -> Reading | None:
    """Read the closing lines and the heading of every failure."""
    ran = output.find(RAN)
    verdicts = output.find(VERDICT)
    if not ran or not verdicts:
        return None
    return Reading(f"{ran[-1]}: {verdicts[-1].lower()}", by_name(output.find(NAMED)))
