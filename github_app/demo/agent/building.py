"""Building: one step after the other, as the prompt and the files ask for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from github_app.demo.agent.module import MODULE, README, with_capitals, with_days, with_parser, with_refusal

TESTS = Path("tests/test_parse.py")
FIRST_TESTS = '''"""Reading durations."""

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
TEST = """
    def test_{name}(self):
        self.assertEqual(parse_duration("{text}"), {seconds})
"""
EXAMPLE = """
`parse_duration` reads them:

    >>> from durations import parse_duration
    >>> parse_duration("2h 5m")
    7205
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do when it is wanted, and what is said of it."""

    said: str
    wanted: Callable[[str, str], bool]
    """By the prompt and the module."""
    do: Callable[[], None]


def build(prompt: str) -> str:
    """Do all that is wanted now."""
    done: list[str] = []
    for step in STEPS:
        if step.wanted(prompt, MODULE.read_text()):
            step.do()
            done.append(step.said)
    return " ".join(done) or "Everything that was asked for is there."


def _edit(change: Callable[[str], str], test: str = "") -> None:
    MODULE.write_text(change(MODULE.read_text()))
    TESTS.write_text((TESTS.read_text() if TESTS.exists() else FIRST_TESTS) + test)


def _document() -> None:
    README.write_text(README.read_text() + EXAMPLE)


STEPS = (
    Step(
        "`parse_duration` reads durations such as `1h 30m`, and has tests.",
        lambda _, source: "def parse_duration" not in source,
        lambda: _edit(with_parser),
    ),
    Step(
        "Capitals are read, too.",
        lambda prompt, source: "upper case" in prompt and "text.lower()" not in source,
        lambda: _edit(with_capitals, TEST.format(name="capitals", text="1H 30M", seconds=5400)),
    ),
    Step(
        "What is no duration is refused.",
        lambda prompt, source: "nonsense" in prompt and "raise ValueError(f" not in source,
        lambda: _edit(with_refusal),
    ),
    Step(
        "Days are read, too.",
        lambda prompt, source: "days" in prompt and '"d": 86400' not in source,
        lambda: _edit(with_days, TEST.format(name="days", text="1d 2h", seconds=93600)),
    ),
    Step(
        "The README shows an example.",
        lambda prompt, _: "found this missing" in prompt and ">>> parse_duration" not in README.read_text(),
        _document,
    ),
)
