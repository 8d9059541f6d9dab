"""Reviewing: from the numbered diff in the prompt."""

import re

from github_app.demo.agent.answering import in_form
from github_app.demo.agent.module import MODULE, UNIT_LETTERS, with_units_once

ADDED = re.compile(r"^ *(\d+) \+ (.*)$", re.MULTILINE)
PERSPECTIVE = "You look at it as **senior**"


def review(prompt: str) -> str:
    """Say what should be changed before this is merged; security has nothing to say to arithmetic."""
    if PERSPECTIVE not in prompt:
        return in_form({"summary": "Nothing here reaches a file, a shell or a network.", "findings": []})
    twice = [(int(number), line) for number, line in ADDED.findall(prompt) if UNIT_LETTERS.search(line)]
    findings = [_finding(*twice[0])] if twice else []
    return in_form({"summary": "Small, tested, and of one piece with what was there.", "findings": findings})


def _finding(number: int, line: str) -> dict[str, object]:
    return {
        "path": str(MODULE),
        "line": number,
        "severity": "minor",
        "title": "The units are written twice",
        "detail": "`UNITS` has them already. A unit that is added there would not be read here.",
        "suggestion": with_units_once(line),
    }
