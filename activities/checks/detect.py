"""Finds the usual commands of a repository that configures none.

What is found depends on the files alone, so that every host finds the same. A command whose program a host does not
have is found all the same, and its check says what is missing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from activities.checks.tree import has, read_inside
from workflows.model import Category, CheckCommand

TEST, LINT = Category.TEST, Category.LINT
NO_TEST = "no test specified"
"""What `npm init` writes where a test command belongs."""

PYTEST_CONFIGURED = re.compile(r"^\[(?:tool:)?pytest\]|^\[tool\.pytest\b|^pytest\b|[\"' ]pytest\b", re.MULTILINE)
RUFF_CONFIGURED = re.compile(r"^\[tool\.ruff\b", re.MULTILINE)
MAX_TEST_FILES = 200

LOCKS = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}
"""Whose lock file it is, says who runs the scripts of `package.json`."""


@dataclass(frozen=True, slots=True)
class Package:
    """The part of `package.json` that we read."""

    scripts: dict[str, str] = field(default_factory=dict[str, str])


Detector = Callable[[Path], Iterator[CheckCommand]]


def detect(tree: Path) -> tuple[CheckCommand, ...]:
    """Return what the tools of the tree's languages do by custom; the Makefile fills the gaps."""
    found = [command for detector in DETECTORS for command in detector(tree)]
    covered = {command.category for command in found}
    return (*found, *(command for command in _make(tree) if command.category not in covered))


def _python(tree: Path) -> Iterator[CheckCommand]:
    sources = _test_sources(tree)
    if _uses_pytest(tree, sources):
        yield CheckCommand("pytest", "python3 -m pytest", TEST)
    elif any("import unittest" in source or "from unittest" in source for source in sources):
        yield CheckCommand("unittest", _unittest(tree), TEST)
    elif sources:
        yield CheckCommand("pytest", "python3 -m pytest", TEST)
    if has(tree, "ruff.toml", ".ruff.toml") or RUFF_CONFIGURED.search(read_inside(tree, "pyproject.toml") or ""):
        yield CheckCommand("ruff", "ruff check", LINT)


def _uses_pytest(tree: Path, sources: list[str]) -> bool:
    """Look where pytest is configured or required, and into the tests."""
    if has(tree, "pytest.ini", ".pytest.ini", "pytest.toml", "conftest.py", "tests/conftest.py"):
        return True
    configured = ("pyproject.toml", "tox.ini", "setup.cfg", "requirements.txt", "requirements-dev.txt")
    files = (read_inside(tree, name) or "" for name in configured)
    return any(map(PYTEST_CONFIGURED.search, files)) or any("import pytest" in source for source in sources)


def _test_sources(tree: Path) -> list[str]:
    """Read the test files of the usual folders."""
    folders = (tree / "tests", tree / "test", tree)
    paths = (path for folder in folders for path in (*folder.glob("test_*.py"), *folder.glob("*_test.py")))
    names = sorted(str(path.relative_to(tree)) for path in paths)[:MAX_TEST_FILES]
    return [source for name in names if (source := read_inside(tree, name)) is not None]


def _unittest(tree: Path) -> str:
    folder = next((name for name in ("tests", "test") if (tree / name).is_dir()), ".")
    top = " -t ." if folder != "." and has(tree, f"{folder}/__init__.py") else ""
    return f"python3 -m unittest discover -s {folder}{top}"


def _node(tree: Path) -> Iterator[CheckCommand]:
    scripts = _scripts(read_inside(tree, "package.json") or "")
    manager = next((manager for lock, manager in LOCKS.items() if has(tree, lock)), "npm")
    if "test" in scripts and NO_TEST not in scripts["test"]:
        yield CheckCommand(f"{manager} test", f"{manager} run test", TEST)
    if "lint" in scripts:
        yield CheckCommand(f"{manager} lint", f"{manager} run lint", LINT)


def _scripts(package: str) -> dict[str, str]:
    try:
        return TypeAdapter(Package).validate_json(package).scripts
    except ValidationError:  # none, or a broken one: its owner will notice elsewhere
        return {}


def _go(tree: Path) -> Iterator[CheckCommand]:
    if has(tree, "go.mod"):
        yield CheckCommand("go test", "go test ./...", TEST)
        yield CheckCommand("go vet", "go vet ./...", LINT)


def _rust(tree: Path) -> Iterator[CheckCommand]:
    if has(tree, "Cargo.toml"):
        yield CheckCommand("cargo test", "cargo test", TEST)


def _ruby(tree: Path) -> Iterator[CheckCommand]:
    if not has(tree, "Gemfile"):
        return
    if (tree / "spec").is_dir():
        yield CheckCommand("rspec", "bundle exec rspec", TEST)
    if has(tree, ".rubocop.yml"):
        yield CheckCommand("rubocop", "bundle exec rubocop", LINT)


def _make(tree: Path) -> Iterator[CheckCommand]:
    rules = re.findall(r"^([a-z][\w -]*):(?!=)", read_inside(tree, "Makefile") or "", re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    if test := next((name for name in ("test", "tests", "check") if name in targets), ""):
        yield CheckCommand(f"make {test}", f"make {test}", TEST)
    if "lint" in targets:
        yield CheckCommand("make lint", "make lint", LINT)


DETECTORS: tuple[Detector, ...] = (_python, _node, _go, _rust, _ruby)
