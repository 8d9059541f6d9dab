"""Reads `go test`, as text and as JSON."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from activities.checks.reading.model import Output, Reading, by_name, many

PACKAGE = re.compile(r"^(?:ok {2}|FAIL|---|\?   )\t(\S+)", re.MULTILINE)
FAILED_PACKAGE = re.compile(r"^FAIL\t(\S+(?: \[.* failed\])?)", re.MULTILINE)
FAILED_TEST = re.compile(r"^ *--- FAIL: (\S+)", re.MULTILINE)
COMPILE_ERROR = re.compile(r"^((?:vet: )?\S+\.go:\d+:\d+: .+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of `go test -json`."""

    action: str
    package: str
    test: str


def read_go(output: Output) -> Reading | None:
    """Read the verdict of each package, the names of failed tests and the compiler's complaints."""
    packages = output.find(PACKAGE)
    if not packages:
        return None
    tests = _with_parents_left_out(output.find(FAILED_TEST))
    broken = output.find(FAILED_PACKAGE)
    named = [*tests, *output.find(COMPILE_ERROR)]
    return Reading(_summary(len(tests), len(set(broken)), len(set(packages))), by_name(named or broken))


def read_go_json(output: Output) -> Reading | None:
    """Read the events that end a test or a package."""
    events = list(_events(output.text))
    if not events:
        return None
    packages = {event.package for event in events}
    failed = [event for event in events if event.action == "fail"]
    tests = _with_parents_left_out([f"{event.package}.{event.test}" for event in failed if event.test])
    broken = {event.package for event in failed}
    return Reading(_summary(len(tests), len(broken), len(packages)), by_name(tests or broken))


def _summary(tests: int, broken: int, packages: int) -> str:
    if not broken:
        return f"{many(packages, 'package')} passed"
    return f"{many(tests, 'test')} failed in {broken} of {many(packages, 'package')}"


def _with_parents_left_out(names: list[str]) -> list[str]:
    """`TestA` fails whenever `TestA/case` does; the case says more."""
    parents = {name.rsplit("/", count)[0] for name in names for count in range(1, min(name.count("/"), 8) + 1)}
    return [name for name in names if name not in parents]


def _events(text: str) -> Iterator[Event]:
    for line in text.splitlines():
        if line.startswith("{") and '"Action"' in line:
            yield from _event(line)


def _event(line: str) -> Iterator[Event]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):  # cut off, or not Go's
        return
    match fields:
        case {"Action": "pass" | "fail" | "skip" as action, "Package": str(package)}:
            yield Event(action, package, str(fields.get("Test", "")))
        case _:
            return
