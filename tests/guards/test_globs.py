"""Globs: what they match, and when one lies within another."""

import re
import time

import pytest
from guard_strategies import GLOBS, PATHS
from hypothesis import example, given

from workflows.globs import covers, first_match


def matches(glob: str, path: str) -> bool:
    """Ask about one glob."""
    return first_match((glob,), path) == glob


def as_regex(glob: str) -> str:
    """Write a glob the slow way, as an independent opinion."""
    regex = ""
    for part in glob.split("/"):
        wild = {"*": "[^/]*", "?": "[^/]"}
        regex += "(?:/[^/]+)*" if part == "**" else "/" + "".join(wild.get(char) or re.escape(char) for char in part)
    return regex


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("src/app.py", "src/app.py"),
        ("src/*.py", "src/app.py"),
        ("src/**", "src/a/b/c.py"),
        ("src/**", "src"),
        ("src/", "src/a/b.py"),
        ("**", "a/b/c"),
        ("**/test_*.py", "test_a.py"),
        ("**/test_*.py", "a/b/test_a.py"),
        ("a/**/z/*.md", "a/b/z/c/z/x.md"),
        ("app/[id]/page.tsx", "app/[id]/page.tsx"),
        ("a?c", "aüc"),
        ("*", "new\nline"),
    ],
)
def test_what_a_glob_matches(glob: str, path: str) -> None:
    """`*` and `?` stay in a folder, `**` crosses them, brackets are brackets."""
    assert matches(glob, path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("src", "src/app.py"),
        ("*.py", "src/app.py"),
        ("src/*", "src/a/b.py"),
        ("src/**", "Src/app.py"),
        ("src/**", "srcs/app.py"),
        ("app.py", "src/app.py"),
        ("a?c", "a/c"),
        ("[ab]", "a"),
        ("a/**/b", "a/b/c"),
    ],
)
def test_what_a_glob_does_not_match(glob: str, path: str) -> None:
    """The whole path has to fit, in its own case."""
    assert not matches(glob, path)


@given(GLOBS, PATHS)
def test_matching_is_what_the_definition_says(glob: str, path: str) -> None:
    """The quick way agrees with a regular expression that spells the rules out."""
    assert matches(glob, path) == bool(re.fullmatch(as_regex(glob), f"/{path}"))


@given(GLOBS, GLOBS, PATHS)
@example("a?", "a*", "aaa")
def test_a_covering_glob_matches_all_that_the_covered_one_does(outer: str, inner: str, path: str) -> None:
    """`covers` may miss a cover and never invents one."""
    assert covers(outer, outer)
    assert not (covers(outer, inner) and matches(inner, path)) or matches(outer, path)


@pytest.mark.parametrize(
    ("outer", "inner"), [("**", "src/*"), ("src/**", "src/a/**"), ("src/*", "src/*.py"), ("a/**/*.py", "a/b/**/x.py")]
)
def test_what_covers_usually_finds(outer: str, inner: str) -> None:
    """The ways in which people narrow a glob are understood, and not the other way round."""
    assert covers(outer, inner)
    assert not covers(inner, outer)


def test_no_glob_takes_long() -> None:
    """Whatever stars a glob is made of, an answer takes no noticeable time: workflows must not block."""
    started = time.process_time()
    assert not matches("*a" * 50 + "b", "a" * 250)
    assert not matches("**/a/" * 20 + "b", "a/" * 500 + "a")
    assert time.process_time() - started < 0.5
