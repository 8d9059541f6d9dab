"""Agents that do what nobody asked for: their work is kept, their tricks are not."""

import asyncio
import os
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from workspace_hosts import BRANCH, Host, commit_all, git, mirror_of, tree

from workflows.model import ChangeStat, Failure

EVIL = "#!/bin/sh\ntouch {trap}\n"


async def test_an_agent_that_commits_and_switches(host: Host, origin: Path) -> None:
    """Its commits, its branch and its half-finished merge do not matter: the content of the folder does."""
    workspace = await host.open()
    work = tree(workspace)
    git(work, "switch", "--quiet", "--create", "my-own-idea")
    (work / "a.txt").write_text("a\n")
    commit_all(work, "I did it")
    (work / "b.txt").write_text("b\n")

    checkpoint = await host.checkpoint(workspace)

    assert git(origin, "rev-parse", f"{checkpoint.sha}^") == workspace.base_sha
    assert git(origin, "ls-tree", "--name-only", checkpoint.sha).split() == [
        ".gitignore",
        "README.md",
        "a.txt",
        "b.txt",
        "src",
    ]
    assert git(work, "rev-parse", "HEAD") == checkpoint.sha
    assert git(work, "status", "--porcelain") == ""


async def test_an_agent_with_a_repository_of_its_own(host: Host, origin: Path, tmp_path: Path) -> None:
    """A `.git` put in place of ours is never asked anything, and ours comes back."""
    workspace = await host.open()
    work, trap = tree(workspace), tmp_path / "trap"
    (work / ".git").unlink()
    git(work, "init", "--quiet")
    hook = tmp_path / "evil.sh"
    hook.write_text(EVIL.format(trap=trap))
    hook.chmod(0o755)
    git(work, "config", "core.fsmonitor", str(hook))
    git(work, "config", "filter.evil.clean", str(hook))
    (work / ".gitattributes").write_text("* filter=evil\n")
    trap.unlink(missing_ok=True)

    checkpoint = await host.checkpoint(workspace)

    assert not trap.exists()
    assert git(origin, "show", f"{checkpoint.sha}:.gitattributes") == "* filter=evil"
    assert git(work, "rev-parse", "HEAD") == checkpoint.sha


async def test_hooks_and_configuration_planted_in_the_mirror(host: Host, origin: Path, tmp_path: Path) -> None:
    """The mirror's configuration, hooks and attributes are ours again before each use."""
    workspace = await host.open()
    mirror, trap = mirror_of(workspace), tmp_path / "trap"
    evil = tmp_path / "evil.sh"
    evil.write_text(EVIL.format(trap=trap))
    evil.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "filter.evil.clean", "filter.evil.smudge", "gpg.program"):
        git(mirror, "config", key, str(evil))
    git(mirror, "config", "core.hooksPath", str(tmp_path))
    git(mirror, "config", f"url.{tmp_path}/elsewhere.insteadOf", str(origin))
    git(mirror, "config", "extensions.worktreeConfig", "true")
    (mirror / "config.worktree").write_text(f"[core]\n\tfsmonitor = {evil}\n")
    (mirror / "hooks").mkdir()
    (mirror / "info").mkdir(exist_ok=True)
    (mirror / "info" / "attributes").write_text("* filter=evil\n")
    (mirror / "info" / "exclude").write_text("*\n")
    for folder, name in ((mirror / "hooks", "reference-transaction"), (tmp_path, "pre-push")):
        (folder / name).write_text(EVIL.format(trap=trap))
        (folder / name).chmod(0o755)
    (tree(workspace) / "a.txt").write_text("a\n")

    checkpoint = await host.checkpoint(workspace)
    await host.publish(workspace)
    await host.reset(workspace)

    assert not trap.exists()
    assert checkpoint.change == ChangeStat(files=1, additions=1)
    assert git(origin, "show", f"{BRANCH}:a.txt") == "a"


async def test_repositories_inside_the_worktree(host: Host, origin: Path) -> None:
    """Files in a repository the agent made somewhere inside are files like others."""
    workspace = await host.open()
    inner = tree(workspace) / "inner"
    for folder in (inner, inner / "deeper"):
        folder.mkdir()
        git(folder, "init", "--quiet")
        (folder / "file.txt").write_text("x\n")
    commit_all(inner / "deeper", "Inside")
    checkpoint = await host.checkpoint(workspace)
    names = git(origin, "ls-tree", "-r", "--name-only", checkpoint.sha).split()
    assert {"inner/file.txt", "inner/deeper/file.txt"} <= set(names)


async def test_submodules_are_left_alone(host: Host, project: Path, origin: Path, tmp_path: Path) -> None:
    """A submodule stays at its commit, and a configuration an agent gave it starts nothing."""
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(origin), "sub")
    commit_all(project, "Add a submodule")
    git(project, "push", "--quiet", "origin", "main")
    workspace = await host.open()
    sub, trap = tree(workspace) / "sub", tmp_path / "trap"
    git(sub, "init", "--quiet")
    (sub / "x").write_text("x\n")
    commit_all(sub, "Move it")
    evil = tmp_path / "evil.sh"
    evil.write_text(EVIL.format(trap=trap))
    evil.chmod(0o755)
    git(sub, "config", "core.fsmonitor", str(evil))
    (tree(workspace) / "a.txt").write_text("a\n")
    checkpoint = await host.checkpoint(workspace)
    assert not trap.exists()
    assert checkpoint.change == ChangeStat(files=1, additions=1)


async def test_any_content_arrives_unchanged(host: Host, origin: Path, tmp_path: Path) -> None:
    """Odd names, binary files, executables and links are committed as what they are."""
    workspace = await host.open()
    work = tree(workspace)
    (work / "grüße 'n\nmore.txt").write_text("hallo\n")
    (work / os.fsdecode(b"latin-\xe9")).write_text("old\n")
    (work / "image.bin").write_bytes(bytes(range(256)))
    (work / "windows.txt").write_bytes(b"a\r\nb\r\n")
    (work / "run.sh").write_text("#!/bin/sh\n")
    (work / "run.sh").chmod(0o755)
    (work / "-rf").write_text("x\n")
    (work / "link").symlink_to("/etc/passwd")
    (work / "src" / "app.py").unlink()
    (work / "src").rmdir()
    (tmp_path / "outside").mkdir()
    (work / "src").symlink_to(tmp_path / "outside")

    checkpoint = await host.checkpoint(workspace)
    published = await host.publish(workspace)

    assert git(origin, "ls-tree", "--format=%(objectmode)", checkpoint.sha, "link", "run.sh", "src").split() == [
        "120000",
        "100755",
        "120000",
    ]
    assert checkpoint.change == ChangeStat(files=9, additions=8, deletions=3)
    assert "grüße 'n\nmore.txt" in published.files
    await host.reset(workspace)
    assert (work / "image.bin").read_bytes() == bytes(range(256))
    assert (work / "windows.txt").read_bytes() == b"a\r\nb\r\n"
    assert list((tmp_path / "outside").iterdir()) == []


async def test_a_worktree_that_leads_elsewhere_is_refused(host: Host, tmp_path: Path) -> None:
    """A link in place of the worktree would carry somebody else's files into a branch."""
    workspace = await host.open()
    tree(workspace).rename(tmp_path / "moved")
    tree(workspace).symlink_to(tmp_path / "moved")
    with pytest.raises(ApplicationError) as caught:
        await host.checkpoint(workspace)
    assert caught.value.type == Failure.SECURITY_VIOLATION
    tree(workspace).unlink()
    with pytest.raises(ApplicationError, match="is gone") as caught:
        await host.checkpoint(workspace)
    assert caught.value.type == Failure.PERMANENT
    mirror = mirror_of(workspace)
    mirror.rename(tmp_path / "mirror")
    mirror.symlink_to(tmp_path / "mirror")
    with pytest.raises(ApplicationError) as caught:
        await host.open()
    assert caught.value.type == Failure.SECURITY_VIOLATION


async def test_a_name_that_git_forbids_is_told(host: Host) -> None:
    """A file that could pass for git's own on another system stops the checkpoint, by name."""
    workspace = await host.open()
    (tree(workspace) / "git~1").write_text("x\n")
    with pytest.raises(ApplicationError, match="invalid path 'git~1'") as caught:
        await host.checkpoint(workspace)
    assert caught.value.type == Failure.PERMANENT


@pytest.mark.parametrize("loop_id", ["../../../etc", "", "x\0y"])
async def test_a_loop_id_never_leads_out_of_the_root(host: Host, tmp_path: Path, loop_id: str) -> None:
    """Whatever a loop is called, its folder is a direct child of `runs`."""
    workspace = await host.open(loop_id)
    assert Path(workspace.directory).parent == tmp_path / "host" / "runs"
    assert (tree(workspace) / "README.md").exists()


@pytest.mark.parametrize("branch", ["--upload-pack=touch x;", "a..b", "*", "", "a b", "../up", "x.lock", "x\n"])
async def test_what_git_takes_for_no_branch_is_refused(host: Host, branch: str) -> None:
    """A bad name is refused before anything happens, in words for people."""
    with pytest.raises(ApplicationError, match="can not name a branch") as caught:
        await host.open(branch=branch)
    assert caught.value.type == Failure.PERMANENT


async def test_a_branch_name_is_never_an_option(host: Host, origin: Path) -> None:
    """A name that git allows, however odd, is a name and nothing else."""
    branch = "--output=x/-rf;$(id)"
    workspace = await host.open(branch=branch)
    (tree(workspace) / "a.txt").write_text("a\n")
    await host.checkpoint(workspace)
    published = await host.publish(workspace)
    assert git(origin, "rev-parse", f"refs/heads/{branch}") == published.head_sha


async def test_two_loops_on_one_repository_and_branch(host: Host, origin: Path) -> None:
    """Worktrees of one mirror do not see each other, and both works are kept."""
    first, second = await asyncio.gather(host.open("loop:1"), host.open("loop:2", "aidp/other"))
    (tree(first) / "one.txt").write_text("1\n")
    (tree(second) / "two.txt").write_text("2\n")
    await asyncio.gather(host.checkpoint(first), host.checkpoint(second))
    a, b = await asyncio.gather(host.publish(first), host.publish(second))
    assert (a.files, b.files) == (("one.txt",), ("two.txt",))
    await host.activities.close_workspace(first)
    assert git(tree(second), "status", "--porcelain") == ""
    assert git(origin, "for-each-ref", "--format=%(refname)", "refs/heads/aidp/").split() == [
        f"refs/heads/{BRANCH}",
        "refs/heads/aidp/other",
    ]
