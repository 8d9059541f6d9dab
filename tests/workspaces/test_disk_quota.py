"""The disk quota: there is room before work begins, and what nobody needs any more makes it."""

import os
import time
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from workspace_hosts import Door, Host

from activities.workspaces import Remote, WorkspaceActivities, WorkspaceSettings
from activities.workspaces.quota import LEAST_FREE, Quota
from workflows.model import Failure

MB = 1_000_000
LONG_AGO = time.time() - 86_400


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the host keeps everything."""
    return tmp_path / "host"


def host(root: Path, origin: Path, quota: Quota) -> Host:
    """Make a host with a quota."""
    settings = WorkspaceSettings(root, "host", quota=quota)
    return Host(WorkspaceActivities(settings, Door(Remote(str(origin)))))


def closed_run(root: Path, name: str, megabytes: int, age: float) -> Path:
    """Leave what a closed run leaves."""
    run = root / "runs" / name
    (run / "logs").mkdir(parents=True)
    (run / "logs/iteration-1-tests.log").write_bytes(os.urandom(megabytes * MB))
    os.utime(run, (LONG_AGO - age, LONG_AGO - age))
    return run


async def test_the_oldest_closed_runs_go_first(root: Path, origin: Path) -> None:
    """As many as it takes, and no more; the work that is open keeps everything."""
    working = host(root, origin, Quota())
    await working.open("loop:42#1")
    old, older, new = (closed_run(root, *run) for run in (("old", 4, 60), ("older", 4, 600), ("new", 4, 1)))
    workspace = await host(root, origin, Quota(limit=10 * MB)).open("loop:42#2")
    assert [run.exists() for run in (older, old, new)] == [False, True, True]
    assert all((run / "tree/README.md").exists() for run in (Path(workspace.directory), run_of(root, "42-1")))


async def test_then_mirrors_go_that_nobody_uses(root: Path, origin: Path) -> None:
    """One with a worktree stays, and so does one that was used moments ago."""
    working = host(root, origin, Quota())
    await working.open("loop:42#1")
    unused, fresh = root / "mirrors/43.git", root / "mirrors/44.git"
    for mirror in (unused, fresh):
        mirror.mkdir()
        (mirror / "pack").write_bytes(os.urandom(4 * MB))
    for mirror in (unused, root / "mirrors/42.git"):
        os.utime(mirror, (LONG_AGO, LONG_AGO))
    await host(root, origin, Quota(limit=6 * MB)).open("loop:42#2")
    assert [path.name for path in sorted((root / "mirrors").glob("*.git"))] == ["42.git", "44.git"]


async def test_without_room_no_work_begins(root: Path, origin: Path) -> None:
    """The error says what to do, and is tried again, by any host; what has begun goes on."""
    open_already = await host(root, origin, Quota()).open("loop:42#1")
    (Path(open_already.directory) / "tree/big").write_bytes(os.urandom(4 * MB))
    full = host(root, origin, Quota(limit=2 * MB))
    with pytest.raises(ApplicationError, match=r"AIDP_DISK_QUOTA_GB allows\. Raise it") as refused:
        await full.open("loop:42#2")
    assert (refused.value.type, refused.value.non_retryable) == (Failure.TRANSIENT, False)
    assert await full.open("loop:42#1") == open_already


async def test_a_full_disk_is_told_without_a_quota(root: Path, origin: Path) -> None:
    """By default some gigabytes have to be free."""
    assert Quota().least_free == LEAST_FREE
    with pytest.raises(ApplicationError, match=r"too little to begin\. Free some") as refused:
        await host(root, origin, Quota(least_free=10**18)).open()
    assert refused.value.type == Failure.TRANSIENT


def run_of(root: Path, name: str) -> Path:
    """Find a run."""
    return next(path for path in (root / "runs").iterdir() if name in path.name)
