"""A scripted coding agent for the demo: it reads a prompt and edits files like any agent, but knows one task only.

Its first attempt has a bug on purpose; when it is asked again, it corrects that. What it is told in the middle, what
the CI prints and what a reviewer wants, it takes from its prompt. Run as the provider `command`, by the same way as
every other agent; it imports nothing of aidp.
"""

import json
import re
import sys
import time
from pathlib import Path

THINKING_SECONDS = 0.7
MODULE, README = Path("durations.py"), Path("README.md")

TESTS = '''"""Reading durations."""

import unittest

from durations import parse_duration


class ParseDuration(unittest.TestCase):
    def test_hours_and_minutes(self):
        self.assertEqual(parse_duration("1h 30m"), 5400)

    def test_spaces_are_optional(self):
        self.assertEqual(parse_duration("2m5s"), 125)

    def test_nonsense_is_refused(self):
        for text in ("", "soon", "1x", "h", "1h soon"):
            with self.subTest(text), self.assertRaises(ValueError):
                parse_duration(text)
'''

FIRST_ATTEMPT = '''

def parse_duration(text: str) -> int:
    """Read a duration such as "1h 30m" and return its seconds."""
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\\d+)([hms])", text))
'''

CORRECTED = '''

def parse_duration(text: str) -> int:
    """Read a duration such as "1h 30m" and return its seconds."""
    if not re.fullmatch(r"\\s*(\\d+[hms]\\s*)+", text):
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(count) * UNITS[unit] for count, unit in re.findall(r"(\\d+)([hms])", text))
'''


def main() -> None:
    """Look at the prompt, and answer it or work on it."""
    prompt = sys.stdin.read()
    print("Reading the task ...", file=sys.stderr, flush=True)
    time.sleep(THINKING_SECONDS)
    for heading, answer in QUESTIONS.items():
        if heading in prompt:
            print(f"```json\n{json.dumps(answer(prompt), indent=2)}\n```\n\nSTATUS: COMPLETE")
            return
    for words, work in TASKS.items():
        if words in prompt:
            print(work(prompt))
            return
    print("I only know how to add parse_duration.\nSTATUS: BLOCKED Which agent should do this?")


def plan(prompt: str) -> object:
    """Plan, and ask what the issue leaves open until it is answered."""
    questions = [] if "answers:" in prompt else ["May there be text between the parts, such as “and”?"]
    return {
        "summary": "Add `parse_duration` beside `format_duration`, strict about what it accepts, with tests.",
        "tasks": [
            {"title": "Add parse_duration to durations.py", "detail": "The units are those that are written."},
            {"title": "Test it", "detail": "Also with text that is no duration."},
        ],
        "questions": questions,
        "files": ["durations.py", "tests/test_parse.py"],
    }


def verify(_prompt: str) -> object:
    """Compare what is there with what was asked for."""
    there = "def parse_duration" in MODULE.read_text() and Path("tests/test_parse.py").exists()
    return {"unmet": [] if there else ["parse_duration and its tests are missing"]}


def review(_prompt: str) -> object:
    """Find the one thing that could be better."""
    lines = MODULE.read_text().splitlines()
    number = next((number for number, line in enumerate(lines, 1) if "raise ValueError(f" in line), 0)
    finding = {
        "path": str(MODULE),
        "line": number,
        "severity": "minor",
        "title": "The message repeats the text at any length",
        "detail": "Cut it: somebody will pass a whole file.",
        "suggestion": lines[number - 1].replace("{text!r}", "{text[:40]!r}"),
    }
    return {"summary": "Small and tested.", "findings": [finding] if number else []}


def build(prompt: str) -> str:
    """Add the function; a bug at first, then what the tests and people say."""
    if FIRST_ATTEMPT not in MODULE.read_text():
        _write(FIRST_ATTEMPT)
        return "Added parse_duration and tests for it.\nSTATUS: COMPLETE"
    _write(CORRECTED)
    if "days" in prompt:
        source = MODULE.read_text().replace('{"h": 3600', '{"d": 86400, "h": 3600').replace("[hms]", "[dhms]")
        MODULE.write_text(source)
    return "parse_duration reads durations such as `1h 30m`, and refuses what is none.\nSTATUS: COMPLETE"


def repair(prompt: str) -> str:
    """Do what the CI's log says."""
    missing = re.search(r"README\.md does not mention (\w+)", prompt)
    if not missing:
        return "The log does not tell what is wrong.\nSTATUS: BLOCKED"
    README.write_text(f'{README.read_text()}\n`{missing[1]}("1h 30m")` is 5400 again.\n')
    return f"README.md mentions {missing[1]} now.\nSTATUS: COMPLETE"


def change(prompt: str) -> str:
    """Do what reviewers ask for, and say so item by item."""
    wish = re.search(r"`(not a [^`]*)` instead of `(not a [^`]*)`", prompt)
    if wish:
        MODULE.write_text(MODULE.read_text().replace(wish[2], wish[1]))
    word = "DONE The message says so." if wish else "QUESTION What should it say?"
    items = re.findall(r"^### Item (\d+)$", prompt, re.MULTILINE)
    return "\n".join([*(f"ITEM {number}: {word}" for number in items), "STATUS: COMPLETE"])


QUESTIONS = {
    "## What to plan": plan,
    "## What to find out": verify,
    "## What to review": review,
}
TASKS = {
    "Reviewers want changes": change,
    "The CI of this branch fails": repair,
    "parse_duration": build,
}


def _write(function: str) -> None:
    source = MODULE.read_text().removesuffix(FIRST_ATTEMPT)
    if "import re\n" not in source:
        source = source.replace("\nUNITS", "\nimport re\n\nUNITS", 1)
    MODULE.write_text(source + function)
    Path("tests/test_parse.py").write_text(TESTS)


if __name__ == "__main__":
    main()
