"""Reads `cargo test`."""

import re

from activities.checks.reading.model import Output, Reading, by_name, counted

RESULT = re.compile(r"^test result: \w+\. (\d+ passed; \d+ failed; \d+ ignored)", re.MULTILINE)
NAMED = re.compile(r"^test (\S.*?)(?: - should panic)? \.\.\. FAILED$", re.MULTILINE)
COMPILE_ERROR = re.compile(r"^(error(?:\[E\d+\])?: .+(?:\n +--> \S+)?)", re.MULTILINE)
NOT_COMPILED = re.compile(r"^error: could not compile (.+?)(?: due to .*)?$", re.MULTILINE)


def read_cargo(output: Output) -> Reading | None:
    """Add up the results of all test binaries, or say what does not compile."""
    broken = output.find(NOT_COMPILED)
    if broken:
        errors = (error for error in output.find(COMPILE_ERROR) if "could not compile" not in error)
        return Reading(f"{broken[0].split(' ')[0]} does not compile", by_name(errors))
    results = output.find(RESULT)
    if not results:
        return None
    passed, failed, ignored = (sum(column) for column in zip(*map(_numbers, results), strict=True))
    return Reading(counted((failed, "failed"), (passed, "passed"), (ignored, "ignored")), by_name(output.find(NAMED)))


def _numbers(result: str) -> tuple[int, int, int]:
    passed, failed, ignored = (int(part.split()[0][:9]) for part in result.split("; "))
    return passed, failed, ignored
