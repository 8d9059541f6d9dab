"""What the usual tools print when something fails, and what is to be read from it."""

from activities.checks.reading import Reading

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
    NODE_TAP: Reading("2 failed, 1 passed", ("adds up", "sums")),
    NODE_SPEC: Reading("2 failed, 1 passed", ("adds up", "sums")),
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
