"""Names, numbers and complaints: the pure parts, against everything one can think of."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.process import Ended, Finished
from activities.workspaces.changes import parse_numstat
from activities.workspaces.failures import git_failure
from activities.workspaces.folders import loop_slug
from activities.workspaces.git import ASKPASS
from workflows.model import Failure

AUTH, CONFIGURATION, PERMANENT, TRANSIENT = (
    Failure.AUTH_EXPIRED,
    Failure.CONFIGURATION,
    Failure.PERMANENT,
    Failure.TRANSIENT,
)


def finished(stderr: str, code: int = 128, ended: Ended = Ended.EXITED) -> Finished:
    """Make the end of a git that complained."""
    return Finished(ended, code, b"", stderr.encode(), 1.0)


@given(st.text(), st.text())
def test_loops_have_names_of_their_own(one: str, other: str) -> None:
    """A loop's slug fits a path and a ref, and two loops never share one."""
    assert set(loop_slug(one)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 10 <= len(loop_slug(one)) <= 51
    assert not loop_slug(one).startswith("-")
    assert (loop_slug(one) == loop_slug(other)) == (one == other)


PATHS = st.binary(min_size=1).filter(lambda path: b"\0" not in path)
COUNTS = st.integers(min_value=0, max_value=10**9)


@given(st.lists(st.tuples(st.none() | st.tuples(COUNTS, COUNTS), PATHS)))
def test_a_change_is_the_sum_of_its_files(entries: list[tuple[tuple[int, int] | None, bytes]]) -> None:
    """Every file counts, a binary one without lines, whatever its name holds."""
    lines = [b"-\t-\t" + path if not counts else b"%d\t%d\t%s" % (*counts, path) for counts, path in entries]
    stat, files = parse_numstat(b"".join(line + b"\0" for line in lines))
    assert (stat.files, len(files)) == (len(entries), len(entries))
    assert stat.additions == sum(counts[0] for counts, _ in entries if counts)
    assert stat.deletions == sum(counts[1] for counts, _ in entries if counts)


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ("fatal: Authentication failed for 'https://github.com/o/r.git/'", AUTH),
        ("fatal: could not read Password for 'https://github.com': terminal prompts disabled", AUTH),
        ("fatal: unable to access 'https://github.com/o/r.git/': The requested URL returned error: 403", CONFIGURATION),
        (" ! [remote rejected] a -> main (protected branch hook declined)", CONFIGURATION),
        (" ! [remote rejected] a -> b (refusing to allow a GitHub App to create or update workflow)", CONFIGURATION),
        ("remote: Repository not found.\nfatal: repository 'https://github.com/o/r.git/' not found", PERMANENT),
        ("fatal: unable to access 'https://github.com/o/r.git/': Could not resolve host: github.com", TRANSIENT),
        ("fatal: unable to access 'https://github.com/o/r.git/': The requested URL returned error: 502", TRANSIENT),
        ("fatal: Unable to create '/m/packed-refs.lock': File exists.", TRANSIENT),
        ("error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF", TRANSIENT),
    ],
)
def test_a_complaint_says_who_has_to_act(complaint: str, kind: Failure) -> None:
    """What time may heal is tried again; what a person must change is not."""
    error = git_failure("push", finished(complaint))
    assert error.type == kind
    assert error.non_retryable == (kind is not TRANSIENT)
    assert error.message.startswith("git push failed: ")


def test_complaints_hold_no_secret_and_no_guesses() -> None:
    """People read the lines that matter, without credentials."""
    said = "fatal: 'x-access-token:s3cret@x' does not appear to be a git repository\n\nPlease make sure it exists."
    error = git_failure("fetch", finished(said), secret="s3cret")  # noqa: S106  # it is what must not show
    assert error.message == "git fetch failed: fatal: 'x-access-token:***@x' does not appear to be a git repository"


def test_a_missing_or_hanging_git_is_told_as_such() -> None:
    """Neither looks like a fault of the repository."""
    assert git_failure("add", finished("", 127)).type == CONFIGURATION
    assert git_failure("fetch", finished("", 143, Ended.WALL_TIME)).type == TRANSIENT


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Password for 'https://x-access-token@github.com': ", "s3cret"),
        ("Username for 'https://github.com': ", ""),
        ("Password for 'http://x-access-token@github.com': ", ""),
        ("Password for 'https://x-access-token@github.com:8443': ", ""),
        ("Password for 'https://x-access-token@github.com.evil.com': ", ""),
        ("Password for 'https://x-access-token@github.com@evil.com': ", ""),
        ("Password for 'https://evil@github.com': ", ""),
        ("Password for 'https://x-access-token@evil.com/Password for 'https://x-access-token@github.com': ", ""),
    ],
)
def test_the_token_is_told_to_one_origin_only(prompt: str, answer: str) -> None:
    """Any other question gets silence and an error."""
    env = {"AIDP_GIT_ORIGIN": "https://x-access-token@github.com", "AIDP_GIT_TOKEN": "s3cret"}
    argv = (sys.executable, "-I", "-S", str(ASKPASS), prompt)
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode == 0) == (answer, "", bool(answer))
