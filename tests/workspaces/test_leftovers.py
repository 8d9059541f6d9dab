"""What a loop left that never closed its workspace: found on hosts and at the remote, and removed when it is over."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workspace_hosts import GITHUB, TIME, Door, Host, git, host_of, tree

from activities.workspaces import Remote, WorkspaceSettings
from activities.workspaces.folders import loop_slug
from activities.workspaces.leftovers import LeftoverActivities
from workflows.host_ports import Sweeping
from workflows.model import CheckpointRequest, Leftover, Source, SweepRefs, SweepWorktrees, Workspace

LONG_AGO = "2020-01-01T00:00:00+00:00"
YEAR = 365 * 24 * 3600


def sweeper(root: Path, origin: Path) -> Sweeping:
    """Give a host its broom."""
    return LeftoverActivities(WorkspaceSettings(root, root.name), Door(Remote(str(origin))))


async def abandoned(host: Host, loop_id: str, time: str = LONG_AGO) -> Workspace:
    """Begin a work, and let it lie."""
    workspace = await host.open(loop_id)
    (tree(workspace) / "work.txt").write_text(f"{loop_id}\n")
    await host.port.commit_checkpoint(CheckpointRequest(workspace, 1, time))
    return workspace


def forget(workspace: Workspace) -> None:
    """Let years pass over a worktree."""
    for path in (Path(workspace.directory), *Path(workspace.directory).iterdir()):
        os.utime(path, (0, 0))


async def test_refs_of_loops_that_are_over(host: Host, origin: Path, tmp_path: Path) -> None:
    """Old checkpoints of loops that are not running go; running and recent ones stay, also when swept once more."""
    for loop, time in (("loop:over", LONG_AGO), ("loop:running", LONG_AGO), ("loop:recent", TIME)):
        await abandoned(host, loop, time)
    broom = sweeper(tmp_path / "another", origin)
    over, running, recent = (f"refs/aidp/{loop_slug(f'loop:{name}')}" for name in ("over", "running", "recent"))

    listed = (await broom.list_leftovers(GITHUB)).refs
    assert {each.name for each in listed} == {over, running, recent}
    assert listed[-1] == Leftover(recent, listed[-1].age_seconds)
    assert listed[0].age_seconds > YEAR > listed[-1].age_seconds

    request = SweepRefs(GITHUB, ("loop:running",), YEAR)
    assert await broom.sweep_refs(request) == (over,)
    assert await broom.sweep_refs(request) == ()
    left = git(origin, "for-each-ref", "--format=%(refname)", "refs/aidp/").splitlines()
    assert sorted(left) == sorted((running, recent))
    assert {each.name for each in (await broom.list_leftovers(GITHUB)).refs} == {running, recent}


async def test_worktrees_of_loops_that_are_over(host: Host, origin: Path) -> None:
    """Worktrees that nobody has touched for long go with their notes; prompts, logs and running work stay."""
    over, running, recent = [await abandoned(host, f"loop:{name}") for name in ("over", "running", "recent")]
    forget(over)
    forget(running)
    root = Path(over.directory).parents[1]
    broom = sweeper(root, origin)
    names = [each.name for each in (await broom.list_leftovers(GITHUB)).worktrees]
    assert sorted(names[:2]) == sorted(Path(each.directory).name for each in (over, running))
    assert names[2] == Path(recent.directory).name

    request = SweepWorktrees(("loop:running",), YEAR)
    assert await broom.sweep_worktrees(request) == (Path(over.directory).name,)

    assert sorted(path.name for path in Path(over.directory).iterdir()) == ["logs", "prompts", "task.md"]
    assert tree(running).exists()
    assert tree(recent).exists()
    mirror = next((root / "mirrors").glob("*.git"))
    assert not (mirror / "worktrees" / Path(over.directory).name).exists()
    assert Path(over.directory).name not in git(mirror, "for-each-ref", "refs/loops/")
    assert await broom.sweep_worktrees(request) == ()
    assert (await host.open("loop:over")).loop_id == "loop:over"


async def test_a_worktree_without_a_mirror_goes_too(make_host: Callable[[str], Host], origin: Path) -> None:
    """Half of a host may be gone."""
    workspace = await abandoned(make_host("half"), "loop:over")
    root = Path(workspace.directory).parents[1]
    shutil.rmtree(root / "mirrors")
    assert await sweeper(root, origin).sweep_worktrees(SweepWorktrees((), 0)) == (Path(workspace.directory).name,)
    assert not tree(workspace).exists()


async def test_a_local_project_is_swept_too(project: Path, tmp_path: Path) -> None:
    """Jobs without GitHub keep their checkpoints in the project itself."""
    local = replace(host_of(tmp_path / "host", Remote("nowhere")), source=Source(project_dir=str(project)))
    await abandoned(local, "loop:over")
    broom = sweeper(tmp_path / "host", project)
    assert len(await broom.sweep_refs(SweepRefs(local.source, ()))) == 1
    assert git(project, "for-each-ref", "refs/aidp/") == ""


async def test_nothing_left(origin: Path, tmp_path: Path) -> None:
    """A new host and a tidy repository."""
    broom = sweeper(tmp_path / "new", origin)
    leftovers = await broom.list_leftovers(GITHUB)
    assert (leftovers.refs, leftovers.worktrees) == ((), ())
    assert await broom.sweep_refs(SweepRefs(GITHUB, ())) == ()
    assert await broom.sweep_worktrees(SweepWorktrees(())) == ()
