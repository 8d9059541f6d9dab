"""What a loop finds again after a crash, on the same host or on another."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from temporalio.testing import ActivityEnvironment
from workspace_hosts import BRANCH, GITHUB, TIME, Host, commit_all, git, mirror_of, tree

from workflows.model import CheckpointRequest, Source, Task, WorkspaceRequest


async def test_a_crash_leaves_a_dirty_tree_and_a_lock(host: Host, project: Path) -> None:
    """Opening again goes back to the last checkpoint, over a dead git's locks and half-made changes."""
    workspace = await host.open()
    (tree(workspace) / "kept.txt").write_text("kept\n")
    checkpoint = await host.checkpoint(workspace)
    (tree(workspace) / "kept.txt").write_text("half a sen")
    (tree(workspace) / "junk").mkdir()
    (tree(workspace) / "junk" / "x").write_text("x")
    (Path(workspace.directory) / "index.lock").touch()
    mirror = mirror_of(workspace)
    old_lock = mirror / "refs" / "remotes" / "origin" / "main.lock"
    old_lock.touch()
    os.utime(old_lock, (0, 0))
    (project / "later.txt").write_text("later\n")
    commit_all(project, "Go on")
    git(project, "push", "--quiet", "origin", "main")

    again = await host.open()

    assert again.start_sha == checkpoint.sha
    assert again.base_sha == workspace.base_sha
    assert (tree(again) / "kept.txt").read_text() == "kept\n"
    assert git(tree(again), "status", "--porcelain") == ""


async def test_reset_forgets_what_was_not_checkpointed(host: Host) -> None:
    """A dead agent's changes go; the checkpoint and ignored files stay."""
    workspace = await host.open()
    (tree(workspace) / "README.md").write_text("better\n")
    await host.checkpoint(workspace)
    (tree(workspace) / "README.md").unlink()
    (tree(workspace) / "new.txt").write_text("new\n")
    (tree(workspace) / "cache.log").write_text("costly\n")
    await host.reset(workspace)
    assert (tree(workspace) / "README.md").read_text() == "better\n"
    assert not (tree(workspace) / "new.txt").exists()
    assert (tree(workspace) / "cache.log").exists()


async def test_another_host_goes_on_from_the_checkpoint(make_host: Callable[[str], Host], origin: Path) -> None:
    """When a host is lost, another one opens the same loop with all work up to the last checkpoint."""
    first, second = make_host("first"), make_host("second")
    workspace = await first.open()
    (tree(workspace) / "work.txt").write_text("half\n")
    checkpoint = await first.checkpoint(workspace)

    resumed = await second.open()

    assert resumed.host_queue == "aidp-host-second"
    assert (resumed.start_sha, resumed.base_sha) == (checkpoint.sha, workspace.base_sha)
    (tree(resumed) / "work.txt").write_text("whole\n")
    await second.checkpoint(resumed, 2)
    published = await second.publish(resumed)
    assert git(origin, "show", f"{published.head_sha}:work.txt") == "whole"
    assert git(origin, "rev-list", "--count", f"main..{BRANCH}") == "1"


async def test_a_checkpoint_repeated_is_the_same_commit(host: Host, origin: Path) -> None:
    """A retry after a lost answer finds the same sha, and so does one whose push was lost."""
    workspace = await host.open()
    (tree(workspace) / "a.txt").write_text("a\n")
    request = CheckpointRequest(workspace, 1, TIME)
    checkpoint = await host.port.commit_checkpoint(request)
    assert await host.port.commit_checkpoint(request) == checkpoint
    mirror = mirror_of(workspace)
    git(mirror, "update-ref", git(mirror, "for-each-ref", "--format=%(refname)", "refs/loops/"), workspace.start_sha)
    assert await host.port.commit_checkpoint(request) == checkpoint
    git(origin, "update-ref", "-d", git(origin, "for-each-ref", "--format=%(refname)", "refs/aidp/"))
    assert await host.port.commit_checkpoint(request) == checkpoint
    assert git(origin, "for-each-ref", "--format=%(objectname)", "refs/aidp/") == checkpoint.sha


async def test_unknown_leftovers_are_replaced(host: Host) -> None:
    """A folder nobody knows, and links to elsewhere, do not stop a loop from starting, and nothing else is touched."""
    workspace = await host.open()
    directory = Path(workspace.directory)
    elsewhere = directory.parent.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("mine\n")
    shutil.rmtree(directory / "tree")
    for name in ("tree", "prompts", "task.md"):
        if (directory / name).is_dir():
            (directory / name).rmdir()
        (directory / name).unlink(missing_ok=True)
        (directory / name).symlink_to(elsewhere / "precious" if name == "task.md" else elsewhere)
    (directory / "index").write_bytes(b"garbage")

    await host.open()

    assert (tree(workspace) / "README.md").exists()
    assert not (directory / "prompts").is_symlink()
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]
    assert (elsewhere / "precious").read_text() == "mine\n"


async def test_closing_twice_leaves_only_prompts_and_logs(host: Host, origin: Path) -> None:
    """The worktree and all refs of the loop go; what people may want to read stays until it is swept."""
    workspace = await host.open()
    directory = Path(workspace.directory)
    (directory / "logs" / "agent.log").write_text("words\n")
    (tree(workspace) / "a.txt").write_text("a\n")
    await host.checkpoint(workspace)
    await host.publish(workspace)
    assert await host.activities.close_workspace(workspace) == ""
    assert await host.activities.close_workspace(workspace) == ""
    assert sorted(path.name for path in directory.iterdir()) == ["logs", "prompts", "task.md"]
    assert git(origin, "for-each-ref", "refs/aidp/") == ""
    mirror = mirror_of(workspace)
    assert git(mirror, "for-each-ref", "refs/loops/") == ""
    assert not list((mirror / "worktrees").iterdir())


async def test_unpublished_work_outlives_the_close(host: Host, origin: Path) -> None:
    """What no branch has stays under the checkpoint ref, however often it is closed; an untouched tree leaves none."""
    workspace, untouched = await host.open(), await host.open("loop:untouched")
    (tree(workspace) / "a.txt").write_text("a\n")
    await host.checkpoint(workspace)
    await host.checkpoint(untouched)
    refs = [await host.activities.close_workspace(each) for each in (workspace, workspace, untouched)]
    kept = git(origin, "for-each-ref", "--format=%(refname)", "refs/aidp/")
    assert refs == [kept, kept, ""]
    assert git(origin, "show", f"{kept}:a.txt") == "a"
    assert git(mirror_of(workspace), "for-each-ref", "refs/loops/") == ""


async def test_a_vanished_repository_does_not_stop_the_close(host: Host, origin: Path) -> None:
    """Cleaning up here does not depend on there."""
    workspace = await host.open()
    shutil.rmtree(origin)
    await host.activities.close_workspace(workspace)
    assert not tree(workspace).exists()


async def test_old_prompts_and_logs_are_swept(host: Host) -> None:
    """Only what was closed, and long enough ago, goes."""
    closed, fresh, running = [await host.open(f"loop:{name}") for name in ("closed", "fresh", "running")]
    for workspace in (closed, fresh):
        await host.activities.close_workspace(workspace)
    for workspace in (closed, running):
        os.utime(workspace.directory, (0, 0))
    assert await host.activities.sweep(timedelta(days=7)) == [Path(closed.directory).name]
    assert not Path(closed.directory).exists()
    assert Path(fresh.directory).exists()
    assert tree(running).exists()


async def test_waiting_for_another_fetch_looks_alive(host: Host) -> None:
    """While somebody else fetches the same repository an activity waits, and says that it lives."""
    mirror = mirror_of(await host.open())
    environment, alive = ActivityEnvironment(), asyncio.Event()
    environment.on_heartbeat = lambda *_: alive.set()
    request = WorkspaceRequest("loop:2", GITHUB, BRANCH, Task("a", "b"))
    with mirror.with_suffix(".lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = asyncio.create_task(environment.run(host.port.open_workspace, request))
        await alive.wait()
        assert not waiting.done()
    assert (await waiting).loop_id == "loop:2"


async def test_a_clone_cut_short_is_taken_for_what_it_is(host: Host, origin: Path, tmp_path: Path) -> None:
    """A local project with a shallow history can be worked on like any other."""
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", str(tmp_path / "shallow"))
    local = replace(host, source=Source(project_dir=str(tmp_path / "shallow")))
    workspace = await local.open()
    (tree(workspace) / "a.txt").write_text("a\n")
    await local.checkpoint(workspace)
    published = await local.publish(workspace)
    assert git(tmp_path / "shallow", "rev-parse", f"{published.head_sha}^") == workspace.base_sha
