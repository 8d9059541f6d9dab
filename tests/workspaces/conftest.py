"""A repository somebody owns, and hosts that work on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from workspace_hosts import Host, commit_all, git, host_of

from activities.workspaces import Remote


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a person's clone with one commit on `main`."""
    path = tmp_path / "project"
    path.mkdir()
    git(path, "init", "--quiet")
    (path / "README.md").write_text("hello\n")
    (path / ".gitignore").write_text("*.log\n")
    (path / "src").mkdir()
    (path / "src" / "app.py").write_text("one\ntwo\nthree\n")
    commit_all(path, "Begin")
    return path


@pytest.fixture
def origin(tmp_path: Path, project: Path) -> Path:
    """Put that clone's repository where everybody pushes to."""
    path = tmp_path / "origin.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(project), str(path))
    git(project, "remote", "add", "origin", str(path))
    git(project, "fetch", "--quiet", "origin")
    return path


@pytest.fixture
def make_host(tmp_path: Path, origin: Path) -> Callable[[str], Host]:
    """Make hosts that work on `origin`."""
    return lambda name: host_of(tmp_path / name, Remote(str(origin)))


@pytest.fixture
def host(make_host: Callable[[str], Host]) -> Host:
    """Make one host."""
    return make_host("host")
