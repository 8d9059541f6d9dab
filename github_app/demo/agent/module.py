"""The module of the sample repository, and how its text is changed. Pure, but for reading and writing the file."""

import re
from pathlib import Path

MODULE = Path("durations.py")
README = Path("README.md")
UNIT_LETTERS = re.compile(r"\[d?hms\]")
"""The units, written out in a pattern."""
PARSER = '''

def parse_duration(text: str) -> int:
    """Read a duration such as "1h 30m" and return its seconds."""
    parts = re.findall(r"(\\d+)([hms])", text)
    return sum(int(count) * UNITS[unit] for count, unit in parts)
'''
REFUSAL = """\
    if not re.fullmatch(r"\\s*(\\d+[hms]\\s*)+", text):
        raise ValueError(f"not a duration: {text!r}")
"""


def with_parser(source: str) -> str:
    """Add the function; whatever is no duration it does not notice yet."""
    return source.replace("\nUNITS", "\nimport re\n\nUNITS", 1) + PARSER


def with_refusal(source: str) -> str:
    """Refuse what is no duration, by the units and in the letters that are read."""
    letters = UNIT_LETTERS.search(source)
    refusal = REFUSAL.replace("[hms]", letters[0] if letters else "[hms]")
    if "text.lower()" in source:
        refusal = refusal.replace(", text)", ", text.lower())")
    return source.replace("    parts = re.findall", f"{refusal}    parts = re.findall")


def with_days(source: str) -> str:
    """Know days."""
    return source.replace('{"h": 3600', '{"d": 86400, "h": 3600').replace("[hms]", "[dhms]")


def with_capitals(source: str) -> str:
    """Read capitals as small letters."""
    return source.replace(", text)", ", text.lower())")


def with_units_once(line: str) -> str:
    """Take the units of a pattern from the table."""
    return UNIT_LETTERS.sub("[{''.join(UNITS)}]", line).replace('(r"', '(rf"', 1) if UNIT_LETTERS.search(line) else line
