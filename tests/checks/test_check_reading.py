"""Output of the usual tools becomes one line for people and steady names of what failed."""

import time
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.checks.plain import decoded
from activities.checks.reading import MAX_FAILURES, Output, Reading, bounded, read, read_failed, steady

PYTEST = """
    ..F.E                                                                    [100%]
    =========================== short test summary info ============================
    FAILED tests/test_a.py::test_x[a - b] - assert 1 == 2
    FAILED tests/test_a.py::test_silent
    ERROR tests/test_b.py - ModuleNotFoundError: No module named 'b'
    ERROR tests/test_a.py::test_y - ValueError
    ============ 2 failed, 14 passed, 3 warnings, 2 errors in 61.53s (0:01:01) =====
"""

UNITTEST = """
    ======================================================================
    FAIL: test_sum (tests.test_sums.Sums.test_sum)
    ----------------------------------------------------------------------
    AssertionError: 1 != 2
    ======================================================================
    ERROR: tests.test_gone (unittest.loader._FailedTest.tests.test_gone)
    ----------------------------------------------------------------------
    Ran 5 tests in 0.012s

    FAILED (failures=1, errors=1)
"""

JEST = """
    FAIL src/sum.test.js
      ● sums \u203a adds one

        expect(received).toBe(expected)

    FAIL src/broken.test.js (5.12 s)
      ● Test suite failed to run

        SyntaxError: Unexpected token (3:7)

    Test Suites: 2 failed, 3 passed, 5 total
    Tests:       1 failed, 12 passed, 13 total
    Time:        1.201 s
"""

VITEST = """
     FAIL  src/sum.test.ts > sums > adds one
    AssertionError: expected 1 to be 2
     FAIL  src/broken.test.ts [ src/broken.test.ts ]

     Test Files  2 failed | 1 passed (3)
          Tests  1 failed | 2 passed (3)
       Start at  10:11:12
"""

NODE_TAP = """
    TAP version 13
    # Subtest: sums
        # Subtest: adds up
        not ok 1 - adds up
          ---
          duration_ms: 0.813501
        1..1
    not ok 2 - sums
    not ok 3 - later # TODO
    # tests 3
    # pass 1
    # fail 2
    # skipped 0
"""

NODE_SPEC = """
    ▶ sums
      ✖ adds up (0.8135ms)
    ✖ sums (1.2ms)
    \u2139 tests 2
    \u2139 pass 1
    \u2139 fail 2
    ✖ failing tests:
    ✖ adds up (0.8135ms)
"""

GO = """
    --- FAIL: TestSum (0.00s)
        --- FAIL: TestSum/adds_one (0.00s)
            sum_test.go:9: got 1, want 2
    --- FAIL: TestOther (1.30s)
    FAIL
    FAIL\texample.com/a/sum\t0.004s
    ok  \texample.com/a/fine\t0.011s
    # example.com/a/broken
    broken/b.go:3:5: undefined: x
    FAIL\texample.com/a/broken [build failed]
    ?   \texample.com/a/none\t[no test files]
    FAIL
"""

GO_JSON = """
    {"Time":"2026-01-02T03:04:05Z","Action":"run","Package":"a/sum","Test":"TestSum"}
    {"Action":"fail","Package":"a/sum","Test":"TestSum/adds_one","Elapsed":0.01}
    {"Action":"fail","Package":"a/sum","Test":"TestSum","Elapsed":0.01}
    {"Action":"fail","Package":"a/sum","Elapsed":0.02}
    {"Action":"pass","Package":"a/fine","Elapsed":0.02}
    {"Action":"fail","Package":
"""

CARGO = """
    running 2 tests
    test tests::good ... ok
    test tests::bad ... FAILED
    test tests::panics - should panic ... FAILED

    failures:
        tests::bad

    test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.06s
    test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
    error: test failed, to rerun pass `--lib`
"""

CARGO_BROKEN = """
       Compiling c v0.1.0
    error[E0425]: cannot find value `x` in this scope
     --> src/lib.rs:2:9
      |
    2 | fn f(){ x }
      |         ^ not found in this scope

    error: could not compile `c` (lib test) due to 1 previous error
    error: could not compile `c` (lib) due to 1 previous error
"""

RSPEC = """
    Finished in 0.01 seconds (files took 0.1 seconds to load)
    3 examples, 1 failure

    Failed examples:

    rspec ./spec/sum_spec.rb:5 # Sum adds one
"""

RUFF_FULL = """
    F401 [*] `os` imported but unused
     --> a.py:1:8
      |
    1 | import os
      |        ^^

    Found 1 error.
"""

LINT = """
    a.py:1:8: F401 `os` imported but unused
    b/c.py:7: error: Incompatible types  [assignment]
    b/c.py:8: note: See the manual
      /src/d.py:3:5 - error: "x" is not defined
    src/e.ts(3,5): error TS2322: Type 'string' is not assignable
    /web/f.js
      1:7  error    'x' is assigned a value but never used  no-unused-vars
      2:7  warning  Unexpected console statement            no-console
"""

UNKNOWN = """
    Compiling the parts
    [1/2] fine
    ERROR in step 2: part is missing
    see the handbook
"""

READINGS = {
    PYTEST: Reading(
        "2 failed, 14 passed, 3 warnings, 2 errors",
        (
            "tests/test_a.py::test_silent",
            "tests/test_a.py::test_x[a - b]",
            "tests/test_a.py::test_y",
            "tests/test_b.py",
        ),
    ),
    UNITTEST: Reading(
        "5 tests: failed (failures=1, errors=1)",
        ("test_sum (tests.test_sums.Sums.test_sum)", "tests.test_gone (unittest.loader._FailedTest.tests.test_gone)"),
    ),
    JEST: Reading("1 failed, 12 passed", ("src/broken.test.js", "sums \u203a adds one")),
    VITEST: Reading("1 failed, 2 passed", ("src/broken.test.ts", "src/sum.test.ts > sums > adds one")),
    NODE_TAP: Reading("2 fail, 1 pass", ("adds up", "sums")),
    NODE_SPEC: Reading("2 fail, 1 pass", ("adds up", "sums")),
    GO: Reading(
        "2 tests failed in 2 of 4 packages", ("TestOther", "TestSum/adds_one", "broken/b.go:3:5: undefined: x")
    ),
    GO_JSON: Reading("1 test failed in 1 of 2 packages", ("a/sum.TestSum/adds_one",)),
    CARGO: Reading("2 failed, 5 passed, 1 ignored", ("tests::bad", "tests::panics")),
    CARGO_BROKEN: Reading(
        "`c` does not compile", ("error[E0425]: cannot find value `x` in this scope --> src/lib.rs:2:9",)
    ),
    RSPEC: Reading("3 examples, 1 failure", ("./spec/sum_spec.rb:5 # Sum adds one",)),
    RUFF_FULL: Reading("1 finding in 1 file", ("a.py:1:8: F401 [*] `os` imported but unused",)),
    LINT: Reading(
        "5 findings in 5 files",
        (
            "a.py:1:8: F401 `os` imported but unused",
            "b/c.py:7: error: Incompatible types [assignment]",
            '/src/d.py:3:5: error: "x" is not defined',
            "src/e.ts:3:5: error TS2322: Type 'string' is not assignable",
            "/web/f.js:1:7: 'x' is assigned a value but never used no-unused-vars",
        ),
    ),
    UNKNOWN: Reading("ERROR in step 2: part is missing", ("ERROR in step 2: part is missing",)),
}


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
