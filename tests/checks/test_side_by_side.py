"""Tests and linters run side by side in one worktree."""

import asyncio

from check_bench import Bench

from workflows.model import Category, CheckCommand

WAIT = "until test -e ../tests-over; do sleep 0.02; done"
LONG = f'echo kept > "$TMPDIR/kept"; touch ../lint-began; {WAIT}; cat "$TMPDIR/kept"'
SHORT = 'until test -e ../lint-began; do sleep 0.02; done; ls -A "$TMPDIR"; test -z "$(ls -A "$TMPDIR")"'


async def test_neither_takes_the_others_temporary_files_away(bench: Bench) -> None:
    """A check that starts while another one runs clears its own temporary folder, not the other's."""
    linters = bench.request(CheckCommand("lint", LONG, Category.LINT))
    tests = bench.request(
        CheckCommand("first", SHORT, Category.TEST),
        CheckCommand("second", f"{SHORT}; touch ../tests-over", Category.TEST),
    )
    linted, tested = await asyncio.gather(bench.checks.run_linters(linters), bench.checks.run_tests(tests))
    assert [(check.name, check.passed, check.summary) for check in (*linted, *tested)] == [
        (name, True, "passed") for name in ("lint", "first", "second")
    ]
