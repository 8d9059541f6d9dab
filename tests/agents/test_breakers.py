"""A provider that keeps failing is left alone for a while, by all workers of a host, whatever becomes of them."""

import asyncio
import fcntl
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.agents.breakers import Breakers
from activities.agents.provider import AgentError
from workflows.breaker import COUNTED, FAILURES, OPEN_SECONDS, Breaker, BreakerState
from workflows.model import Failure

ANOTHER_WORKER = """
import sys
from pathlib import Path
from activities.agents.breakers import Breakers
from activities.agents.provider import AgentError
from workflows.model import Failure

folder, what = sys.argv[1:]
try:
    with Breakers(Path(folder)).guarding("codex"):
        print("through", flush=True)
        if what == "hang":
            sys.stdin.read()
        if what == "fail":
            raise AgentError(Failure.TRANSIENT, "overloaded")
except AgentError as error:
    print(error.failure, error.message)
"""


class Clock:
    """A time that stands still until it is set."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Make a clock that the story sets."""
    return Clock()


@pytest.fixture
def breakers(tmp_path: Path, clock: Clock) -> Breakers:
    """Make the breakers of a host."""
    return Breakers(tmp_path / "breakers", clock)


def run(breakers: Breakers, failure: Failure | None = None) -> None:
    """Let a run end well, or with a failure."""
    with breakers.guarding("codex"):
        if failure:
            raise AgentError(failure, "it did not work")


def fail(breakers: Breakers, times: int, failure: Failure = Failure.TRANSIENT) -> None:
    """Let runs fail; each of them is let through."""
    for _ in range(times):
        with pytest.raises(AgentError, match="it did not work"):
            run(breakers, failure)


def refusal(breakers: Breakers) -> AgentError:
    """Return how a run is refused that nothing would have stopped."""
    with pytest.raises(AgentError) as refused:
        run(breakers)
    return refused.value


def another_worker(folder: Path, what: str) -> "subprocess.Popen[str]":
    """Start a run in another process."""
    command = [sys.executable, "-c", ANOTHER_WORKER, str(folder), what]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def outcome_of(worker: "subprocess.Popen[str]") -> str:
    """Wait for another process and return what it said."""
    return worker.communicate(timeout=20)[0]


def test_five_failures_in_a_row_open_it_and_say_until_when(breakers: Breakers, clock: Clock) -> None:
    """Then a run is refused as by a rate limit, with the rest of the five minutes as its reset."""
    fail(breakers, FAILURES)
    clock.now += 60
    refused = refusal(breakers)
    assert refused.failure is Failure.RATE_LIMITED
    assert refused.retry_after == pytest.approx(OPEN_SECONDS - 60)
    assert refused.message == (
        "codex has failed 5 times in a row and is left alone for now. Wait, or name another one."
    )


def test_a_success_in_between_starts_the_count_again(breakers: Breakers) -> None:
    """Only failures in a row count."""
    fail(breakers, FAILURES - 1)
    run(breakers)
    fail(breakers, FAILURES - 1)
    run(breakers)


@pytest.mark.parametrize("failure", [failure for failure in Failure if failure not in COUNTED])
def test_failures_that_do_not_pass_by_themselves_do_not_count(breakers: Breakers, failure: Failure) -> None:
    """A login, a setting, an empty account: somebody has to act, and the breaker has no part in it."""
    fail(breakers, FAILURES * 2, failure)
    run(breakers)


def test_every_provider_has_its_own(breakers: Breakers) -> None:
    """One that fails does not take another with it."""
    fail(breakers, FAILURES)
    with breakers.guarding("claude"):
        pass


def test_half_open_lets_exactly_one_run_through(breakers: Breakers, clock: Clock) -> None:
    """While it is under way the others are refused; when it ends well, all may run."""
    fail(breakers, FAILURES)
    clock.now += OPEN_SECONDS
    with breakers.guarding("codex"):
        assert refusal(breakers).retry_after == 60
    run(breakers)
    run(breakers)


def test_a_trial_that_fails_opens_it_for_another_five_minutes(breakers: Breakers, clock: Clock) -> None:
    """One failure is enough then."""
    fail(breakers, FAILURES)
    clock.now += OPEN_SECONDS
    fail(breakers, 1)
    assert refusal(breakers).retry_after == pytest.approx(OPEN_SECONDS)


async def test_a_trial_that_says_nothing_leaves_the_permission_to_the_next(breakers: Breakers, clock: Clock) -> None:
    """A run that was cancelled, or failed for another reason, proves nothing."""
    fail(breakers, FAILURES)
    clock.now += OPEN_SECONDS
    with pytest.raises(asyncio.CancelledError), breakers.guarding("codex"):
        raise asyncio.CancelledError
    fail(breakers, 1, Failure.AUTH_EXPIRED)
    run(breakers)


def test_workers_share_it_and_it_survives_them(tmp_path: Path) -> None:
    """Five processes fail one after the other; a sixth one is refused, and so is this one."""
    said = [outcome_of(another_worker(tmp_path, "fail")) for _ in range(FAILURES)]
    assert all(each.startswith("through") for each in said)
    assert outcome_of(another_worker(tmp_path, "end")).startswith("RateLimited codex has failed 5 times")
    assert refusal(Breakers(tmp_path)).failure is Failure.RATE_LIMITED


def test_nobody_reads_a_breaker_while_another_worker_writes_it(tmp_path: Path) -> None:
    """Workers that report at once wait for each other, so that no failure is lost."""
    waiting = threading.Thread(target=run, args=(Breakers(tmp_path),))
    with (tmp_path / "codex.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
    waiting.join(10)
    assert not waiting.is_alive()


def test_a_worker_killed_during_its_trial_does_not_keep_it_shut(tmp_path: Path, clock: Clock) -> None:
    """While it lives it holds the one permission; the kernel gives it back when it dies."""
    clock.now -= OPEN_SECONDS + 1
    fail(Breakers(tmp_path, clock), FAILURES)
    trying = another_worker(tmp_path, "hang")
    assert trying.stdout
    assert trying.stdout.readline() == "through\n"
    assert refusal(Breakers(tmp_path)).message.startswith("codex has been failing; one run is trying it now")
    trying.kill()
    outcome_of(trying)
    run(Breakers(tmp_path))


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"failures": "many"}', b"\xff\xfe"])
def test_a_broken_file_is_a_closed_breaker(broken: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said in the log, runs go on, and the next failures are counted from one."""
    (tmp_path / "codex.json").write_bytes(broken)
    breakers = Breakers(tmp_path)
    with caplog.at_level(logging.WARNING):
        fail(breakers, 1)
    assert "the breaker of codex starts closed" in caplog.text
    fail(breakers, FAILURES - 1)
    assert refusal(breakers).failure is Failure.RATE_LIMITED


seconds = st.floats(min_value=0, max_value=2_000_000_000)
ends = st.lists(st.tuples(st.sampled_from([None, *Failure]), st.floats(0, 2 * OPEN_SECONDS)), max_size=30)


def lived(runs: list[tuple[Failure | None, float]], start: float) -> tuple[Breaker, float]:
    """Let runs end one after the other."""
    breaker, now = Breaker(), start
    for failure, pause in runs:
        now += pause
        breaker = breaker.after_failure(failure, now) if failure else breaker.after_success()
    return breaker, now


@given(ends, seconds)
def test_no_breaker_is_open_for_longer_than_five_minutes(
    runs: list[tuple[Failure | None, float]], start: float
) -> None:
    """Whatever happened, and however the clock was set since, a run may try after that."""
    breaker, now = lived(runs, start)
    assert breaker.admits(now + OPEN_SECONDS + 1)
    assert breaker.admits(now - 10_000)
    assert 0 <= breaker.seconds_left(now) <= OPEN_SECONDS


@given(ends, seconds)
def test_it_opens_only_for_failures_in_a_row(runs: list[tuple[Failure | None, float]], start: float) -> None:
    """Open means that the last five runs which said anything of the provider failed."""
    breaker, now = lived(runs, start)
    telling = [failure for failure, _ in runs if failure is None or failure in COUNTED]
    row = telling[::-1].index(None) if None in telling else len(telling)
    assert breaker.failures == row
    assert (breaker.state(now) is BreakerState.CLOSED) == (row < FAILURES)
