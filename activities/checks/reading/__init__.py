"""Reads what a check printed: one line for people, and names that are the same in every run that fails alike.

Reading is total: any output gives a reading. It never decides whether a check passed; only the exit code does.
"""

import re

from activities.checks.plain import one_line
from activities.checks.reading.cargo import read_cargo
from activities.checks.reading.findings import read_findings
from activities.checks.reading.go import read_go, read_go_json
from activities.checks.reading.javascript import read_jest, read_node, read_vitest
from activities.checks.reading.model import Output, Reader, Reading
from activities.checks.reading.pytest import read_junit, read_pytest
from activities.checks.reading.rspec import read_rspec
from activities.checks.reading.tail import read_tail
from activities.checks.reading.unittest import read_unittest

MAX_FAILURES = 50
MANY = 1000
"""More names, or characters of a name, than this are not even looked at."""

READERS: tuple[Reader, ...] = (
    read_junit,
    read_pytest,
    read_unittest,
    read_jest,
    read_vitest,
    read_node,
    read_go_json,
    read_go,
    read_cargo,
    read_rspec,
    read_findings,
)
"""The first that recognises the output wins."""

VOLATILE = (
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x…"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "…"),
    (re.compile(r"/(?:tmp|var/tmp|var/folders)/[^\s'\"`,;:()\[\]<>]+"), "<temporary>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,Z+]*"), "…"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), "…"),
    (re.compile(r"(?<=[\s(])\d+(?:\.\d+)?\s?(?:[mµn]?s|secs?|seconds?|minutes?)\b"), "…"),
    (re.compile(r"\b(127\.0\.0\.1|0\.0\.0\.0|localhost):\d+"), r"\1:…"),
    (re.compile(r"\b(pid)[ =:]+\d+", re.IGNORECASE), r"\1 …"),
)
"""What differs between two runs that fail in the same way."""


def read(output: Output) -> Reading | None:
    """Return what the first reader says that knows this output; None when nobody does."""
    readings = (reader(output) for reader in READERS)
    found = next((reading for reading in readings if reading), None)
    return found and bounded(found)


def read_failed(output: Output) -> Reading:
    """Read the output of a check that failed: when nobody knows what failed, its last words have to do."""
    found = read(output)
    if found and found.failures:
        return found
    last = bounded(read_tail(output))
    return Reading(found.summary if found else last.summary, last.failures)


def bounded(reading: Reading) -> Reading:
    """Keep at most 50 names of at most 200 characters, each of them once and without what changes from run to run."""
    names = dict.fromkeys(map(steady, reading.failures[:MANY]))
    return Reading(one_line(reading.summary), tuple(name for name in names if name)[:MAX_FAILURES])


def steady(name: str) -> str:
    """Take out addresses, times and temporary paths."""
    steadied = name[:MANY]
    for pattern, replacement in VOLATILE:
        steadied = pattern.sub(replacement, steadied)
    return one_line(steadied)
