"""Agents that move refs of the mirror: what is pushed, shown and gone back to is what the loop knows."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

from test_workspace_amending import push
from workspace_hosts import BRANCH, Door, Host, commit_all, git, mirror_of, tree

from activities.workspaces import Remote, WorkspaceActivities, WorkspaceSettings
from workflows.model import Basis, ChunksRequest, Workspace

KEY = "key.pem"
GIT_WITH_AN_ENEMY = """\
#!/bin/sh
{git} "$@" || exit
case " $* " in *" fetch "*)
    for ref in $({git} for-each-ref --format='%(refname)'); do {git} update-ref "$ref" {sha}; done
esac
"""


def smuggle(workspace: Workspace, *, keep: bool = False) -> str:
    """Commit a key, take it out again unless it is kept, and let all refs of the loop lead there."""
    work, mirror = tree(workspace), mirror_of(workspace)
    (work / KEY).write_text("secret\n")
    sha = commit_all(work, "Oh")
    if not keep:
        (work / KEY).unlink()
        sha = commit_all(work, "It was nothing")
    for ref in git(mirror, "for-each-ref", "--format=%(refname)", "refs/loops/").split():
        git(mirror, "update-ref", ref, sha)
    return sha


def checkpoint_at(origin: Path) -> str:
    """Tell what the remote has as the only loop's checkpoint."""
    return git(origin, "for-each-ref", "--format=%(objectname)", "refs/aidp/")


def has_key(origin: Path) -> bool:
    """Tell whether anything that the remote has leads to the key."""
    return KEY in git(origin, "rev-list", "--objects", "--all")


async def test_only_our_commits_are_pushed(host: Host, origin: Path) -> None:
    """A key that an agent committed and took out again stays on the host, wherever it lets our refs lead."""
    workspace = await host.open()
    (tree(workspace) / "a.txt").write_text("a\n")
    smuggle(workspace)
    first = await host.checkpoint(workspace)
    (tree(workspace) / "b.txt").write_text("b\n")
    smuggle(workspace)
    second = await host.checkpoint(workspace, 2)
    assert git(origin, "rev-list", f"main..{checkpoint_at(origin)}").split() == [second.sha, first.sha]
    smuggle(workspace)
    await host.publish(workspace)
    assert git(origin, "rev-list", "--count", f"main..{BRANCH}") == "1"
    assert not has_key(origin)


async def test_a_commit_of_the_same_content_is_not_ours(host: Host, origin: Path) -> None:
    """Where nothing has changed the remote keeps the last checkpoint, and gets no commit of an agent instead."""
    workspace = await host.open()
    smuggle(workspace)
    assert (await host.checkpoint(workspace)).sha == workspace.start_sha
    (tree(workspace) / "a.txt").write_text("a\n")
    first = await host.checkpoint(workspace, 2)
    smuggle(workspace)
    assert await host.checkpoint(workspace, 3) == first
    assert checkpoint_at(origin) == first.sha
    assert not has_key(origin)


async def test_a_ref_named_like_our_commit_is_not_pushed(host: Host, origin: Path) -> None:
    """A ref of that name is what git would push rather than the commit."""
    workspace = await host.open()
    (tree(workspace) / "a.txt").write_text("a\n")
    first = await host.checkpoint(workspace)
    sha = smuggle(workspace)
    git(mirror_of(workspace), "update-ref", f"refs/heads/{first.sha}", sha)
    assert await host.checkpoint(workspace, 2) == first
    assert checkpoint_at(origin) == first.sha
    assert not has_key(origin)


async def test_what_is_gone_back_to(host: Host) -> None:
    """The work goes on from the last checkpoint, not from where an agent would like it to."""
    workspace = await host.open()
    smuggle(workspace, keep=True)
    await host.reset(workspace)
    assert git(tree(workspace), "rev-parse", "HEAD") == workspace.start_sha
    (tree(workspace) / "a.txt").write_text("a\n")
    first = await host.checkpoint(workspace)
    smuggle(workspace, keep=True)
    await host.reset(workspace)
    assert git(tree(workspace), "rev-parse", "HEAD") == first.sha
    assert not (tree(workspace) / KEY).exists()


async def test_what_is_reviewed(host: Host, project: Path, origin: Path) -> None:
    """One reviewer cannot show another diff to those after it."""
    push(project, "bad.txt", "bad\n", "topic")
    workspace = await host.open_for(replace(host.request(Basis.READ), branch="topic"))
    git(tree(workspace), "switch", "--quiet", "--detach", git(origin, "rev-parse", "main"))
    smuggle(workspace)
    [chunk] = (await host.port.list_chunks(ChunksRequest(workspace))).chunks
    assert chunk.paths == ("bad.txt",)
    assert await host.activities.positions(workspace) == {("bad.txt", 1)}


async def test_refs_that_are_moved_right_after_they_were_fetched(
    host: Host, project: Path, origin: Path, tmp_path: Path
) -> None:
    """Agents of other loops are at work meanwhile; a loop begins, and publishes, on what the remote has said."""
    head = push(project, "theirs.txt", "theirs\n")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(GIT_WITH_AN_ENEMY.format(git=shutil.which("git"), sha=smuggle(await host.open("loop:other"))))
    program.chmod(0o755)
    env = {"PATH": f"{program.parent}{os.pathsep}{os.defpath}"}
    settings = WorkspaceSettings(tmp_path / "host", "host", env)
    watched = Host(WorkspaceActivities(settings, Door(Remote(str(origin)))))

    workspace = await watched.open_for(watched.request(Basis.AMEND))
    (tree(workspace) / "a.txt").write_text("a\n")
    await watched.checkpoint(workspace)
    published = await watched.publish(workspace)

    assert (workspace.base_sha, workspace.start_sha) == (head, head)
    assert git(origin, "rev-parse", f"{BRANCH}^") == head
    assert git(origin, "rev-parse", BRANCH) == published.head_sha
    assert not has_key(origin)
