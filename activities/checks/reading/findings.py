"""Reads compilers and linters: whoever says where something is wrong."""

import re
from collections.abc import Iterator

from activities.checks.reading.model import Output, Reading, many

FILE = r"(?P<file>[^\s:()|<>\"'][^:()|<>\"'\n]{0,200}\.\w{1,10}|Makefile|Dockerfile)"
PLAIN = re.compile(rf"^\s{{0,4}}{FILE}:(?P<line>\d+)(?::(?P<column>\d+))?(?::| -) +(?P<message>\S.*)$")
"""ruff (concise), flake8, mypy, pyright, gcc, golangci-lint, rubocop."""
TYPESCRIPT = re.compile(rf"^{FILE}\((?P<line>\d+),(?P<column>\d+)\): +(?P<message>\S.*)$")
ARROW = re.compile(rf"^ *--> {FILE}:(?P<line>\d+):(?P<column>\d+)$")
"""ruff (full) and rustc: the message is the line before."""
ESLINT = re.compile(r"^ {2}(?P<line>\d+):(?P<column>\d+) +error +(?P<message>\S.*)$")
"""eslint: the file is a heading above."""
NOT_WRONG = re.compile(r"note|info|hint|warn(?:ing)?\b.*\bgenerated", re.IGNORECASE)


def read_findings(output: Output) -> Reading | None:
    """Collect every place, in the order of the output."""
    found = tuple(dict.fromkeys(_findings(output.text.splitlines())))
    if not found:
        return None
    files = {finding.split(":", 1)[0] for finding in found}
    return Reading(f"{many(len(found), 'finding')} in {many(len(files), 'file')}", found)


def _findings(lines: list[str]) -> Iterator[str]:
    previous = ""
    heading = ""
    for line in lines:
        if match := PLAIN.match(line) or TYPESCRIPT.match(line):
            if not NOT_WRONG.match(match["message"]):
                yield _finding(match, match["file"], match["message"])
        elif match := ARROW.match(line):
            yield _finding(match, match["file"], previous)
        elif match := ESLINT.match(line):
            yield _finding(match, heading, match["message"])
        elif line and not line.startswith(" "):
            heading = line
        previous = line


def _finding(match: re.Match[str], file: str, message: str) -> str:
    column = match["column"]
    place = f"{file}:{match['line']}" + (f":{column}" if column else "")
    return f"{place}: {message.strip()}"
