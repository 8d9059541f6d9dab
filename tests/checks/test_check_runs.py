"""Checks run the repository's own commands: real ones, in a real tree."""

import asyncio
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from check_bench import PROGRAMS, Bench
from temporalio.testing import ActivityEnvironment

from activities.checks import LOG_BYTES, slug
from workflows.model import Category, CheckCommand

if TYPE_CHECKING:
    from workflows.host_ports import Checks

PYTEST = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python3 -m pytest"
"""As a repository would call it, but quick to start."""

PROJECT = {
    "test_sums.py": """
import warnings
import pytest

class TestSums:
    @pytest.mark.parametrize("n", [1, 2])
    def test_is_one(self, n):
        assert n == 1

def test_good():
    pass

def test_where(tmp_path):
    raise OSError(f"{object()} in {tmp_path}")

@pytest.fixture
def breaks_later():
    yield
    raise ValueError

def test_left_dirty(breaks_later):
    pass
""",
    "pytest.ini": "[pytest]\naddopts = -q --no-header --ff\n",
}


async def test_a_worker_runs_them_as_the_port(bench: Bench) -> None:
    """They are activities with the names and types that workflows call."""
    port: Checks = bench.checks
    request = bench.request(CheckCommand("yes", "true", Category.OTHER))
    (result,) = await ActivityEnvironment().run(port.run_other_checks, request)
    assert result.passed


async def test_a_failing_suite_is_a_result_that_names_its_tests(bench: Bench) -> None:
    """People and prompts get exact test ids, whatever the repository's own options are."""
    bench.write(PROJECT)
    result = await bench.test(PYTEST)
    assert not result.passed
    assert result.summary == "2 failed, 1 with errors, 2 passed"
    assert result.failures == (
        "test_sums.py::TestSums::test_is_one[2]",
        "test_sums.py::test_left_dirty",
        "test_sums.py::test_where",
    )


async def test_two_runs_that_fail_alike_have_the_same_failures(bench: Bench) -> None:
    """Addresses, times and temporary folders do not make a failure look new."""
    bench.write({"check.py": "import tempfile, time; raise OSError(object(), tempfile.mkdtemp(), time.time_ns() * 0)"})
    first = await bench.test("python3 check.py")
    second = await bench.test("python3 check.py")
    assert first.failures == second.failures
    assert first.failures


async def test_a_silent_suite_still_names_its_failures(bench: Bench) -> None:
    """The report is pytest's own, so nothing that the command line hides is lost."""
    bench.write(PROJECT)
    result = await bench.test(f"{PYTEST} -qq --tb=no -r N")
    assert "test_sums.py::test_where" in result.failures


async def test_a_green_suite_says_how_much_it_ran(bench: Bench) -> None:
    """A passing check has a summary and no failures."""
    bench.write({"test_one.py": "def test_one(): pass\n"})
    result = await bench.test(PYTEST)
    assert (result.passed, result.summary, result.failures) == (True, "1 passed", ())


async def test_the_tree_stays_as_it_was(bench: Bench) -> None:
    """Nothing a test run leaves behind gets into a commit."""
    bench.write(PROJECT)
    await bench.test(PYTEST)
    assert {path.name for path in bench.tree.rglob("*")} == {"pytest.ini", "test_sums.py"}


async def test_a_module_that_can_not_be_imported_is_named_by_its_file(bench: Bench) -> None:
    """An error before the first test is a failure with a name, too."""
    bench.write({"tests/test_broken.py": "import nowhere_to_be_found\n"})
    result = await bench.test(PYTEST)
    assert result.failures == ("tests/test_broken.py",)


async def test_a_report_of_an_earlier_attempt_is_not_taken_for_this_one(bench: Bench) -> None:
    """A retried check starts from nothing."""
    bench.write(PROJECT)
    await bench.test(PYTEST)
    result = await bench.test(f"{PYTEST} --no-such-option")
    assert "test_sums.py" not in " ".join(result.failures)
    assert "no-such-option" in result.summary


async def test_unittest_is_read_as_well(bench: Bench) -> None:
    """A repository without pytest gets its failing tests named."""
    bench.write(
        {"test_old.py": "import unittest\nclass Old(unittest.TestCase):\n    def test_it(self): self.fail('no')\n"}
    )
    result = await bench.test("python3 -m unittest")
    assert result.summary == "1 test: failed (failures=1)"
    assert result.failures == ("test_it (test_old.Old.test_it)",)


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("no-such-tool --version", "no-such-tool"),
        ("CI=1 no-such-tool", "no-such-tool"),
        ("bash -c 'exec no-such-tool'", "no-such-tool"),
        ("python3 -m no_such_module", "no_such_module"),
        ("make -s deep", "no-such-tool"),
        ("make -s alone", "no-such-tool"),
    ],
)
async def test_a_missing_program_is_told_plainly(bench: Bench, command: str, missing: str) -> None:
    """Nobody has to read a log to learn that a program is not installed."""
    bench.write({"Makefile": "deep:\n\ttrue && no-such-tool\nalone:\n\tno-such-tool\n"})
    result = await bench.test(command)
    assert not result.passed
    assert result.summary.endswith(f": {missing}; is it installed on this host?")


async def test_a_command_that_hangs_is_stopped(bench: Bench) -> None:
    """A check has its own time limit, and its children do not outlive it."""
    started = time.monotonic()
    result = await bench.test("echo $$ > pid; echo waiting; sleep 60", timeout_seconds=1)
    assert result.summary == "timed out after 1 s"
    assert not result.passed
    assert time.monotonic() - started < 5
    with pytest.raises(ProcessLookupError):
        os.kill(int((bench.tree / "pid").read_text()), 0)


async def test_a_cancelled_check_is_over(bench: Bench) -> None:
    """Who cancels a run does not leave its tests running."""
    task = asyncio.create_task(bench.test("echo $$ > pid; exec sleep 60"))
    while not (bench.tree / "pid").exists() or not (bench.tree / "pid").read_text():  # another process
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int((bench.tree / "pid").read_text()), 0)


async def test_a_killed_command_says_so(bench: Bench) -> None:
    """A signal leaves no words in the output, so the summary has them."""
    result = await bench.test("echo almost there; kill -KILL $$")
    assert result.summary == "killed by SIGKILL: almost there"


async def test_a_flood_of_output_is_bounded(bench: Bench) -> None:
    """A check can not fill the disk or the history, and its last words still count."""
    result = await bench.test("head -c 30000000 /dev/zero | tr '\\0' 'x'; echo; echo 'error: the last word'; exit 1")
    assert result.summary == "error: the last word"
    log = bench.directory / "logs" / "iteration-3-tests.log"
    assert result.log == str(log)
    assert log.stat().st_size < LOG_BYTES + 100
    assert all(len(failure) <= 200 for failure in result.failures)


async def test_a_command_sees_nothing_of_the_operator(bench: Bench) -> None:
    """Secrets of the worker, its home and its proxies are not in the environment of a check."""
    secrets = {
        "GITHUB_TOKEN": "canary",
        "HOME": "/canary",
        "HTTPS_PROXY": "http://canary",
        "AIDP_PRIVATE_KEY": "canary",
    }
    guarded = replace(bench, operator={"PATH": PROGRAMS} | secrets)
    result = await guarded.test("env; cat /proc/$PPID/environ | tr '\\0' '\\n'; exit 1")
    output = (bench.directory / "logs" / "iteration-3-tests.log").read_text()
    assert "canary" not in output
    assert result.log
    names = {line.partition("=")[0] for line in output.splitlines()}
    assert {"PATH", "LANG", "HOME", "TMPDIR", "CI", "TERM", "NO_COLOR", "GIT_TERMINAL_PROMPT"} <= names
    assert f"HOME={bench.directory / 'home'}" in output


async def test_temporary_files_do_not_reach_the_next_check(bench: Bench) -> None:
    """Every command starts with an empty temporary folder of its own."""
    assert (await bench.test('touch "$TMPDIR/left" && ls "$TMPDIR" | grep left')).passed
    assert (await bench.test('test -z "$(ls "$TMPDIR")"')).passed


async def test_each_step_runs_its_own_categories(bench: Bench) -> None:
    """Tests, linters and the rest are told apart in histories, and nothing runs twice."""
    commands = tuple(CheckCommand(category.value, "true", category) for category in Category)
    request = bench.request(*commands)
    tests = await bench.checks.run_tests(request)
    linters = await bench.checks.run_linters(request)
    others = await bench.checks.run_other_checks(request)
    assert [result.name for result in tests] == ["test"]
    assert [result.name for result in linters] == ["lint"]
    assert [result.name for result in others] == ["format", "build", "docs", "other"]


async def test_one_red_check_does_not_hide_the_others(bench: Bench) -> None:
    """All commands run, in order, and each result keeps what was asked of it."""
    first = CheckCommand("types", "exit 3", Category.LINT, required=False)
    second = CheckCommand("style", "true", Category.LINT)
    results = await bench.checks.run_linters(bench.request(first, second))
    assert [(result.passed, result.required, result.summary) for result in results] == [
        (False, False, "no output"),
        (True, True, "passed"),
    ]


def test_two_checks_never_share_a_log() -> None:
    """Names that look alike as file names are told apart."""
    names = ["npm test", "npm/test", "Lint!", "lint", "检查", "测试", "../../etc", "a" * 100, "a" * 101]
    slugs = [slug(name) for name in names]
    assert len(set(slugs)) == len(names)
    assert slugs[0] == "npm-test"
    assert all(set(each) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for each in slugs)
