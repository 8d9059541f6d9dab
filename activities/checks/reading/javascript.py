"""Reads the JavaScript test runners: jest, vitest and Node's own."""

import re

from activities.checks.reading.model import Output, Reading, by_name, counted

JEST_TALLY = re.compile(r"^Tests: +(\S.*), \d+ total$", re.MULTILINE)
JEST_SUITES = re.compile(r"^Test Suites: +(\S.*), \d+ total$", re.MULTILINE)
JEST_NAMED = re.compile(r"^ {2}● ((?!Console$).+)$", re.MULTILINE)
JEST_BROKEN = re.compile(r"^FAIL (\S.*?)(?: \([\d.]+ m?s\))?$\n\s*● Test suite failed to run", re.MULTILINE)
VITEST_TALLY = re.compile(r"^ +Tests {2}(\S.*?)(?: \(\d+\))?$", re.MULTILINE)
VITEST_FILES = re.compile(r"^ +Test Files {2}(\S.*?)(?: \(\d+\))?$", re.MULTILINE)
VITEST_NAMED = re.compile(r"^ (?:FAIL|\u00d7) {2}(\S.*?)(?: \[ .* \])?$", re.MULTILINE)
NODE_TALLY = re.compile(r"^[#\u2139] ((?:pass|fail|skipped) \d{1,9})$", re.MULTILINE)
NODE_WORDS = {"fail": "failed", "pass": "passed", "skipped": "skipped"}
NODE_NAMED = re.compile(
    r"^ *(?:not ok \d+ - (?!.* # (?:TODO|SKIP))|✖ (?!failing tests:$))(.+?)(?: \([\d.]+m?s\))?$", re.MULTILINE
)


def read_jest(output: Output) -> Reading | None:
    """Read the tally and each failure's heading; a suite that could not run is named by its file."""
    suites = output.find(JEST_SUITES)
    if not suites:
        return None
    tally = output.find(JEST_TALLY) or [f"suites: {suites[-1]}"]
    tests = (name for name in output.find(JEST_NAMED) if name != "Test suite failed to run")
    return Reading(tally[-1], by_name([*tests, *output.find(JEST_BROKEN)]))


def read_vitest(output: Output) -> Reading | None:
    """Read the tally and the names in the list of failures."""
    tally = output.find(VITEST_TALLY) or [f"files: {files}" for files in output.find(VITEST_FILES)]
    if not tally:
        return None
    return Reading(tally[-1].replace(" | ", ", "), by_name(output.find(VITEST_NAMED)))


def read_node(output: Output) -> Reading | None:
    """Read the tally and the failed tests, in both of its formats."""
    tally = dict(line.split() for line in output.find(NODE_TALLY))
    if not tally:
        return None
    counts = ((int(tally.get(word, "0")), said) for word, said in NODE_WORDS.items())
    return Reading(counted(*counts), by_name(output.find(NODE_NAMED)))
