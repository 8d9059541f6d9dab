"""A repository that configures no checks gets the ones its files ask for."""

import os
from collections.abc import Mapping

import pytest
from check_bench import Bench

from activities.checks.detect import detect
from activities.checks.tree import has, read_inside
from workflows.model import Category

TEST_FUNCTION = "def test_it(): pass\n"
UNITTEST = "import unittest\n"

REPOSITORIES: tuple[tuple[Mapping[str, str], Mapping[str, str]], ...] = (
    ({}, {}),
    ({"README.md": "pytest is nice\n"}, {}),
    ({"tests/test_a.py": TEST_FUNCTION}, {"pytest": "python3 -m pytest"}),
    ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, {"pytest": "python3 -m pytest"}),
    ({"setup.cfg": "[tool:pytest]\n", "tests/test_a.py": UNITTEST}, {"pytest": "python3 -m pytest"}),
    ({"requirements-dev.txt": "pytest>=8\n", "test_a.py": UNITTEST}, {"pytest": "python3 -m pytest"}),
    ({"tests/test_a.py": UNITTEST}, {"unittest": "python3 -m unittest discover -s tests"}),
    (
        {"tests/test_a.py": UNITTEST, "tests/__init__.py": ""},
        {"unittest": "python3 -m unittest discover -s tests -t ."},
    ),
    ({"pyproject.toml": "[tool.ruff.lint]\n"}, {"ruff": "ruff check"}),
    ({"ruff.toml": ""}, {"ruff": "ruff check"}),
    (
        {"package.json": '{"scripts": {"test": "jest", "lint": "eslint ."}}'},
        {"npm test": "npm run test", "npm lint": "npm run lint"},
    ),
    ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, {}),
    ({"package.json": '{"scripts": {"test": "vitest"}}', "pnpm-lock.yaml": ""}, {"pnpm test": "pnpm run test"}),
    ({"package.json": '{"scripts": {"test": "vitest"}}', "yarn.lock": ""}, {"yarn test": "yarn run test"}),
    ({"package.json": '{"scripts": ['}, {}),
    ({"package.json": "[" * 100_000}, {}),
    ({"go.mod": "module a\n"}, {"go test": "go test ./...", "go vet": "go vet ./..."}),
    ({"Cargo.toml": "[package]\n"}, {"cargo test": "cargo test"}),
    ({"Gemfile": "", "spec/a_spec.rb": ""}, {"rspec": "bundle exec rspec"}),
    ({"Gemfile": "", ".rubocop.yml": ""}, {"rubocop": "bundle exec rubocop"}),
    ({"Makefile": ".PHONY: test\nlint test: deps\n\ttrue\n"}, {"make test": "make test", "make lint": "make lint"}),
    ({"Makefile": "check:\n\ttrue\n"}, {"make check": "make check"}),
    ({"Makefile": "test := no\nCC=cc\n"}, {}),
    (
        {"Makefile": "test:\n\tgo test\nlint:\n\ttrue\n", "Cargo.toml": ""},
        {"cargo test": "cargo test", "make lint": "make lint"},
    ),
)


@pytest.mark.parametrize(("files", "expected"), REPOSITORIES)
def test_what_lies_in_the_tree_decides(bench: Bench, files: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """The usual commands of each tool are found, nothing is invented, and nothing is tested twice."""
    bench.write(files)
    assert {command.name: command.command for command in detect(bench.tree)} == expected


async def test_people_see_what_each_command_is_for(bench: Bench) -> None:
    """Every detected command has a category and must pass."""
    bench.write({"go.mod": "", "pyproject.toml": "[tool.ruff]\n[tool.pytest.ini_options]\n"})
    found = await bench.checks.detect_checks(bench.workspace)
    assert [(command.name, command.category, command.required) for command in found] == [
        ("pytest", Category.TEST, True),
        ("ruff", Category.LINT, True),
        ("go test", Category.TEST, True),
        ("go vet", Category.LINT, True),
    ]


async def test_a_detected_command_runs(bench: Bench) -> None:
    """What is detected is what works: unittest finds the tests in a folder that is no package."""
    bench.write({"tests/test_a.py": f"{UNITTEST}class A(unittest.TestCase):\n    def test_a(self): pass\n"})
    (command,) = detect(bench.tree)
    result = await bench.test(command.command)
    assert (result.passed, result.summary) == (True, "1 test: ok")


def test_a_link_out_of_the_tree_is_not_followed(bench: Bench) -> None:
    """A repository can not make the host read its own files."""
    secret = bench.directory / "secret.toml"
    secret.write_text("[tool.ruff]\n")
    (bench.tree / "pyproject.toml").symlink_to(secret)
    (bench.tree / "up").symlink_to("..")
    assert detect(bench.tree) == ()
    assert read_inside(bench.tree, "up/secret.toml") is None
    assert not has(bench.tree, "pyproject.toml", "../secret.toml")


def test_a_link_within_the_tree_is_followed(bench: Bench) -> None:
    """One file under two names is common and harmless."""
    bench.write({"docs/a.md": "text\n"})
    (bench.tree / "b.md").symlink_to("docs/a.md")
    assert read_inside(bench.tree, "b.md") == "text\n"


def test_what_is_no_file_is_not_read(bench: Bench) -> None:
    """A pipe without a writer, a folder and a link to itself neither hang nor break the worker."""
    os.mkfifo(bench.tree / "pipe")
    (bench.tree / "folder").mkdir()
    (bench.tree / "loop").symlink_to("loop")
    assert [read_inside(bench.tree, name) for name in ("pipe", "folder", "loop", "gone", "a\0b")] == [None] * 5


def test_a_large_file_is_read_up_to_a_limit(bench: Bench) -> None:
    """The size of a stranger's file does not matter."""
    bench.write({"large.txt": "x" * 10_000})
    assert read_inside(bench.tree, "large.txt", 100) == "x" * 100
