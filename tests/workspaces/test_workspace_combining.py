"""Beginning on several branches: their work is there, whole, and what does not fit together is the agent's to solve."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from test_workspace_amending import push
from workspace_hosts import BRANCH, Host, git, tree

from workflows.model import ChangeStat, Workspace

LEFT, RIGHT = "aidp/left", "aidp/right"


def branch(project: Path, name: str, path: str, text: str, start: str = "main") -> str:
    """Push a branch with one more file."""
    git(project, "switch", "--quiet", "--create", name, start)
    return push(project, path, text, name)


async def begin(host: Host, *starts: str) -> Workspace:
    """Begin on these branches."""
    return await host.open_for(replace(host.request(), start_branches=starts))


async def test_a_work_begins_with_all_it_builds_on(
    make_host: Callable[[str], Host], project: Path, origin: Path
) -> None:
    """Both branches' files are there, on every host the same; the work is one commit on top of their merge."""
    heads = [branch(project, LEFT, "left.txt", "l\n"), branch(project, RIGHT, "right.txt", "r\n")]
    host = make_host("first")
    workspace = await begin(host, LEFT, RIGHT)
    assert {"left.txt", "right.txt"} <= {path.name for path in tree(workspace).iterdir()}
    assert (workspace.conflicts, workspace.base_sha) == ((), (await begin(make_host("second"), LEFT, RIGHT)).base_sha)
    (tree(workspace) / "greeting.txt").write_text("hello\n")
    assert (await host.checkpoint(workspace)).change == ChangeStat(files=1, additions=1)
    published = await host.publish(workspace)
    assert published.files == ("greeting.txt",)
    assert await host.publish(workspace) == published
    assert git(origin, "rev-parse", f"{BRANCH}^^@").split() == heads
    assert git(origin, "log", "-1", "--format=%s", f"{BRANCH}^") == f"aidp: merge {LEFT}, {RIGHT}"


async def test_what_is_part_of_another_needs_no_merge(host: Host, project: Path, origin: Path) -> None:
    """A branch below another one is in it already."""
    del origin
    branch(project, LEFT, "left.txt", "l\n")
    above = branch(project, RIGHT, "right.txt", "r\n", LEFT)
    assert (await begin(host, LEFT, RIGHT)).base_sha == above


async def test_an_agent_makes_branches_fit(make_host: Callable[[str], Host], project: Path, origin: Path) -> None:
    """It is told what conflicts and where; the published commit is the merge, and no marker is left in any history."""
    heads = [branch(project, name, "README.md", f"{name}\n") for name in (LEFT, RIGHT)]
    workspace = await begin(make_host("first"), LEFT, RIGHT)
    assert workspace.conflicts == ("README.md",)
    assert "<<<<<<<" in (tree(workspace) / "README.md").read_text()
    task = (Path(workspace.directory) / "task.md").read_text()
    assert f"builds on {LEFT}, {RIGHT}, which git could not merge" in task
    with pytest.raises(ApplicationError, match=r"Conflicts are left in `README\.md`"):
        await make_host("first").publish(workspace)
    (tree(workspace) / "README.md").write_text("both\n")
    await make_host("first").checkpoint(workspace)
    resumed = await begin(make_host("second"), LEFT, RIGHT)
    assert (Path(resumed.directory) / "task.md").read_text() == task
    assert (resumed.base_sha, resumed.conflicts) == (workspace.base_sha, workspace.conflicts)
    published = await make_host("second").publish(resumed)
    assert await make_host("second").publish(resumed) == published
    assert git(origin, "rev-parse", f"{BRANCH}^@").split() == heads
    assert git(origin, "show", f"{BRANCH}:README.md") == "both"


async def test_a_branch_that_is_gone_is_told(host: Host, project: Path, origin: Path) -> None:
    """Work never begins with a part of what it builds on."""
    del origin
    branch(project, LEFT, "left.txt", "l\n")
    with pytest.raises(ApplicationError, match=f"There is no branch `{RIGHT}`"):
        await begin(host, LEFT, RIGHT)


async def test_nothing_stays_in_the_mirror(host: Host, project: Path, origin: Path) -> None:
    """Closing a workspace drops every ref of its loop."""
    del origin
    branch(project, LEFT, "left.txt", "l\n")
    branch(project, RIGHT, "right.txt", "r\n")
    workspace = await begin(host, LEFT, RIGHT)
    mirror = next((Path(workspace.directory).parents[1] / "mirrors").glob("*.git"))
    assert git(mirror, "for-each-ref", "refs/loops/")
    await host.activities.close_workspace(workspace)
    assert git(mirror, "for-each-ref", "refs/loops/") == ""
