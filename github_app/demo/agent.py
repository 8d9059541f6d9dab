"""A scripted coding agent for the demo: it reads a prompt and edits files like any agent, but knows one task only.

Its first attempt has a bug on purpose; when it is asked again, it corrects that. An instruction about days makes it add
them. Run as the provider `command`, by the same way as every other agent; it imports nothing of aidp.
"""

import sys
import time
from pathlib import Path

THINKING_SECONDS = 1.0

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
    """Work on the prompt and say how far it got."""
    prompt = sys.stdin.read()
    print("Reading the task ...", file=sys.stderr, flush=True)
    time.sleep(THINKING_SECONDS)
    module = Path("durations.py")
    if "parse_duration" not in prompt:
        print("I only know how to add parse_duration.\nSTATUS: BLOCKED Which agent should do this?")
    elif FIRST_ATTEMPT not in module.read_text():
        _write(module, FIRST_ATTEMPT)
        print("Added parse_duration and tests for it.\nSTATUS: COMPLETE")
    else:
        _write(module, CORRECTED)
        if "days" in prompt:
            _add_days(module)
        print("parse_duration reads durations such as `1h 30m`, and refuses what is none.\nSTATUS: COMPLETE")


def _add_days(module: Path) -> None:
    source = module.read_text().replace('{"h": 3600', '{"d": 86400, "h": 3600').replace("[hms]", "[dhms]")
    module.write_text(source)


def _write(module: Path, function: str) -> None:
    source = module.read_text().removesuffix(FIRST_ATTEMPT)
    if "import re\n" not in source:
        source = source.replace("\nUNITS", "\nimport re\n\nUNITS", 1)
    module.write_text(source + function)
    Path("tests/test_parse.py").write_text(TESTS)


if __name__ == "__main__":
    main()
