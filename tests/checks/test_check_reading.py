"""Output of the usual tools becomes one line for people and steady names of what failed."""

import time
from textwrap import dedent

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from recorded_output import READINGS

from activities.checks.plain import decoded
from activities.checks.reading import MAX_FAILURES, Output, Reading, bounded, read, read_failed, steady


@pytest.mark.parametrize(("text", "reading"), READINGS.items())
def test_each_tool_is_read(text: str, reading: Reading) -> None:
    """A tool's failed tests have their names, its summary has no times."""
    assert read_failed(Output(dedent(text))) == reading


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("3 passed in 0.01s", "3 passed"),
        ("no tests ran in 0.01s", "no tests ran"),
        ("Ran 2 tests in 0.000s\n\nOK (skipped=1)", "2 tests: ok (skipped=1)"),
        ("ok  \ta/b\t0.01s\nok  \ta/c\t(cached)", "2 packages passed"),
        ("Tests:       3 passed, 3 total\nTest Suites: 1 passed, 1 total", "3 passed"),
        ("Test Suites: 1 failed, 1 total", "suites: 1 failed"),
        ("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured", "no tests ran"),
    ],
)
def test_success_is_summed_up(text: str, summary: str) -> None:
    """What passed is counted, and nothing has failed."""
    assert read(Output(text)) == Reading(summary)


def test_nobody_pretends_to_know_what_they_do_not() -> None:
    """Success of an unknown tool is not explained."""
    assert read(Output("all is well\n")) is None


def test_an_entity_bomb_in_a_report_is_not_parsed() -> None:
    """A report that pytest can not have written counts as none."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuites><testcase name="&a;"><failure/></testcase></testsuites>'
    assert read(Output("", bomb)) is None


def test_a_torn_report_leaves_the_text() -> None:
    """When pytest died while it wrote, its last lines still count."""
    assert read(Output("1 passed in 0.1s", '<testsuites><testcase name="a">')) == Reading("1 passed")


def test_a_red_suite_whose_tests_passed_shows_its_last_words() -> None:
    """A failure that is not a test's, such as too little coverage, is not hidden behind "14 passed"."""
    text = "FAIL Required test coverage of 90% not reached. Total coverage: 80.00%\n14 passed in 0.1s\n"
    reading = read_failed(Output(text))
    assert reading.summary == "14 passed"
    assert reading.failures == ("FAIL Required test coverage of 90% not reached. Total coverage: 80.00%",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<object at 0x7f01aa22bb33>", "<object at 0x7f99cc88dd77>"),
        ("took (0.12s)", "took (3 s)"),
        ("no file /tmp/pytest-1/a", "no file /tmp/pytest-22/b/c"),
        ("at 2026-01-02T03:04:05.123Z", "at 2026-02-03 04:05:06"),
        ("connect to 127.0.0.1:40001 refused", "connect to 127.0.0.1:51234 refused"),
        ("worker pid 123 died", "worker pid=4567 died"),
        ("id 0189c1f2-aaaa-4bbb-8ccc-0123456789ab", "id 9989c1f2-aaaa-4bbb-8ccc-0123456789ab"),
    ],
)
def test_what_changes_from_run_to_run_is_taken_out(one: str, other: str) -> None:
    """Two runs that fail alike look alike."""
    assert steady(one) == steady(other)


@pytest.mark.parametrize(
    "name", ["tests/test_a.py::test_waits_5s", "test_range[1-2]", "test_hex[0xff]", "a/b.go:3:5: x"]
)
def test_names_stay_what_they_are(name: str) -> None:
    """Only what changes is taken out; two tests are never made one."""
    assert steady(name) == name


def test_failures_are_few_short_and_each_told_once() -> None:
    """A history has no room for ten thousand failures."""
    names = tuple(f"test_{number % 400}{'x' * 300}" for number in range(10_000))
    failures = bounded(Reading("many\nlines", names)).failures
    assert len(failures) == len(set(failures)) == MAX_FAILURES
    assert max(map(len, failures)) == 200


PIECES = st.sampled_from(
    [line for text in READINGS for line in dedent(text).splitlines()]
    + [
        "\x1b[31m",
        "\x1b]0;title",
        "\r",
        "{" * 50,
        "[" * 5000,
        "--- FAIL: ",
        "FAIL\t",
        "error: ",
        " - ",
        "::",
        "9" * 5000,
    ]
)


@settings(deadline=None)
@example("# skipped 0", "")
@given(st.lists(PIECES | st.text(max_size=20)).map("\n".join) | st.binary().map(decoded), st.text() | PIECES)
def test_any_output_gives_a_reading(text: str, junit: str) -> None:
    """Reading never fails and never grows, whatever a command prints."""
    output = Output(decoded(text.encode("utf-8", "replace")), junit)
    reading = read_failed(output)
    assert reading == read_failed(output)
    assert reading.summary
    assert reading.failures or not output.text.strip()
    assert all(len(line) <= 200 and "\n" not in line for line in (reading.summary, *reading.failures))
    assert len(set(reading.failures)) == len(reading.failures) <= MAX_FAILURES


HOSTILE = (
    "a",
    "FAILED ",
    "FAILED x - ",
    "- (1 s) ",
    "{",
    "1 passed, ",
    "--- FAIL: a/b/",
    "error: ",
    "a.py:1:1",
    " --> ",
    "\u2716 (",
)


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_output_does_not_cost_much(piece: str, end: str) -> None:
    """Reading takes linear time: half a megabyte of anything, in one line or in many, is read at once."""
    started = time.monotonic()
    read_failed(Output((piece + end) * (500_000 // len(piece))))
    assert time.monotonic() - started < 5  # what is not linear takes hours
