"""Reads pytest: its JUnit report where there is one, else its last lines."""

import re
from collections import Counter
from xml.etree import ElementTree as ET

from activities.checks.reading.model import Output, Reading, by_name, counted

TALLY = re.compile(
    r"^=*[ ]?((?:\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests \w+)(?:, )?)+"
    r"|no tests (?:ran|collected))(?: \(.{1,80}\))? in [\d.]+ ?s",
    re.MULTILINE,
)
NAMED = re.compile(
    r"^(?:FAILED|ERROR|SUBFAILED\S*) ((?!\s|at (?:setup|teardown) of)(?:[^\s\[]+\[.*?\]|.*?))(?: - .*)?$", re.MULTILINE
)
ENDINGS = {"failure": "failed", "error": "with errors", "passed": "passed", "skipped": "skipped"}
"""The words of the report, and people's."""


def read_junit(output: Output) -> Reading | None:
    """Read the report: exact names, even when the command line asked for silence."""
    cases = [_ended(case) for case in _cases(output.junit)]
    if not cases:
        return None
    count = Counter(how for how, _ in cases)
    return Reading(
        counted(*((count[how], word) for how, word in ENDINGS.items())),
        by_name(name for how, name in cases if how in {"failure", "error"}),
    )


def read_pytest(output: Output) -> Reading | None:
    """Read the closing line and the short summary above it."""
    tallies = output.find(TALLY)
    if not tallies:
        return None
    return Reading(tallies[-1], by_name(output.find(NAMED)))


def _cases(report: str) -> list[ET.Element]:
    """Parse what pytest wrote. It declares no entities; whoever did means harm, and needs a document type for it."""
    if "<!DOCTYPE" in report:
        return []
    try:
        return list(ET.fromstring(report).iter("testcase"))  # noqa: S314  # no entities: see above
    except ET.ParseError:  # pytest was stopped while it wrote
        return []


def _ended(case: ET.Element) -> tuple[str, str]:
    tags = {child.tag for child in case}
    how = next((how for how in ENDINGS if how in tags), "passed")
    return how, _node_id(case)


def _node_id(case: ET.Element) -> str:
    """Put together what one would hand to pytest to run this test alone."""
    name, file, inside = case.get("name", ""), case.get("file", ""), case.get("classname", "")
    if not file or not inside:  # a module that can not be imported has no test to name
        return file or "::".join(filter(None, (inside, name)))
    classes = inside.removeprefix(file.removesuffix(".py").replace("/", ".")).strip(".")
    return "::".join((file, *filter(None, classes.split(".")), name))
