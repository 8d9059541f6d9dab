"""What loops leave that were ended from outside goes after a week, at GitHub and on hosts."""

import os
import subprocess
from pathlib import Path

from reconcile_scene import Scene

from activities.workspaces.folders import loop_slug
from workflows.model import Source
from workflows.ports import MAIN_QUEUE, host_queue
from workflows.sweep import RefSweep, RefSweepWorkflow, WorktreeSweepWorkflow

LONG_AGO = "2020-01-01T00:00:00+00:00"


def checkpoint(repository: Path, loop: str, time: str) -> str:
    """Leave a checkpoint of a loop at GitHub; returns its ref."""
    who = {"GIT_AUTHOR_NAME": "aidp", "GIT_AUTHOR_EMAIL": "aidp@example.com", "GIT_COMMITTER_NAME": "aidp"}
    environment = os.environ | who | {"GIT_COMMITTER_EMAIL": "aidp@example.com", "GIT_COMMITTER_DATE": time}
    ref, git = f"refs/aidp/{loop_slug(loop)}", ["git", "-C", str(repository)]
    made = [*git, "commit-tree", "-m", "checkpoint", "main^{tree}"]
    commit = subprocess.run(made, env=environment, check=True, capture_output=True, text=True)
    subprocess.run([*git, "update-ref", ref, commit.stdout.strip()], check=True)
    return ref


async def test_old_refs_of_loops_that_are_over_are_removed(scene: Scene) -> None:
    """Recent ones stay, and a repository that can not be reached holds up no other."""
    repository = scene.story.repository
    checkpoint(repository.path, "loop:over", LONG_AGO)
    recent = checkpoint(repository.path, "loop:recent", f"{scene.github.world.now():%Y-%m-%dT%H:%M:%S+00:00}")
    gone = Source(scene.installation.id, 1)
    sweep = RefSweep((gone, Source(scene.installation.id, repository.id)))
    await scene.temporal.execute_workflow(RefSweepWorkflow.run, sweep, id="sweep:test", task_queue=MAIN_QUEUE)
    assert list(await scene.github.world.git(repository).refs("refs/aidp/")) == [recent]


async def test_old_worktrees_of_loops_that_are_over_are_removed(scene: Scene) -> None:
    """The host has them removed itself; its logs stay for as long as the operator wants."""
    host = scene.settings.host_id
    run = scene.settings.state_dir / "runs" / loop_slug("loop:over")
    (run / "tree").mkdir(parents=True)
    (run / "logs").mkdir()
    for path in (run, run / "logs"):
        os.utime(path, (0, 0))
    queue = host_queue(host)
    removed = await scene.temporal.execute_workflow(
        WorktreeSweepWorkflow.run, queue, id="sweep:test-host", task_queue=MAIN_QUEUE
    )
    assert removed == (run.name,)
    assert not (run / "tree").exists()
    assert (run / "logs").exists()
