"""Finding a repository with the git that the person has, and telling what that git says against it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from github_app.jobs import InputError
from github_app.jobs.projects import find_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a repository with one commit."""
    project = tmp_path / "project"
    project.mkdir()
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for arguments in (("init", "--quiet"), (*person, "commit", "--quiet", "--allow-empty", "--message=Begin")):
        subprocess.run(("git", *arguments), cwd=project, check=True)
    return project


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Look for programs nowhere but in one empty folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


async def test_git_may_be_anywhere_on_the_path(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git of the person's own is found, and knows the person's configuration."""
    (tmp_path / "bin").mkdir()
    git = tmp_path / "bin/git"
    git.write_text(f'#!/bin/sh\necho "$HOME" > {tmp_path}/home\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (await find_project(project)).path == project
    assert (tmp_path / "home").read_text() == f"{tmp_path}\n"


async def test_a_host_without_git_is_told(project: Path, path: Path) -> None:
    """It is not taken for a missing repository."""
    assert not list(path.iterdir())
    with pytest.raises(InputError, match="git was not found"):
        await find_project(project)


async def test_what_git_refuses_is_told_in_its_words(project: Path) -> None:
    """Such as a repository of somebody else, or a worktree whose repository is gone."""
    shutil.rmtree(project / ".git")
    (project / ".git").write_text("gitdir: /nowhere\n")
    with pytest.raises(InputError, match="It says: not a git repository: /nowhere"):
        await find_project(project)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
async def test_a_repository_of_somebody_else_is_theirs_until_git_is_told(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git's advice is shown, and following it helps."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for file in (project, project / ".git"):
        os.chown(file, 12345, 12345)
    with pytest.raises(InputError, match=r"dubious ownership(.|\n)*git config --global --add safe\.directory"):
        await find_project(project)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {project}\n")
    assert (await find_project(project)).path == project
