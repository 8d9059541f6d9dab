"""Tests that a change takes away or turns off, told by their names or by the telling lines. Pure.

What is searched for is what an agent does that wants green checks and finds no other way; whoever really removes a
test says so, and somebody allows it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MAX_TOLD = 20
LONGEST = 120
THE_FILE = "the file itself"
TEST_FOLDER = r"(?:^|/)(?:tests?|specs?|__tests__|e2e|testing)/"
QUOTED = rb"""(?:(?P<quote>["'`])(?P<words>[^\n]{1,300}?)(?P=quote))"""


@dataclass(frozen=True, slots=True)
class Edit:
    """A file before and after; `None` where it does not exist."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Language:
    """How tests look in one kind of file."""

    paths: re.Pattern[str]
    tests: tuple[re.Pattern[bytes], ...]
    """Each with a group `name` or `words`."""
    skips: re.Pattern[bytes]
    """A line like this turns something off."""


LANGUAGES = (
    Language(  # pytest, unittest
        re.compile(rf"(?:(?:^|/)(?:test_[^/]*|[^/]*_test|tests|conftest)|{TEST_FOLDER}.*)\.py$"),
        (re.compile(rb"^[ \t]*(?:async[ \t]+)?def[ \t]+(?P<name>test\w*)[ \t]*\(", re.MULTILINE),),
        re.compile(
            rb"pytest\.mark\.(?:skip|skipif|xfail)\b|pytest\.(?:skip|xfail|importorskip)\(|unittest\.(?:skip|expectedF)"
            rb"|\.skipTest\(|\bSkipTest\b|^[ \t]*@(?:skip|skipIf|skipUnless|expectedFailure)\b|^collect_ignore"
        ),
    ),
    Language(  # jest, vitest, mocha, playwright
        re.compile(rf"(?:\.(?:test|spec)|{TEST_FOLDER}.*)\.[cm]?[jt]sx?$"),
        (re.compile(rb"^[ \t]*[xf]?(?:it|test|specify)\b[^\n\"'`]{0,200}\([ \t]*\s?" + QUOTED, re.MULTILINE),),
        re.compile(
            rb"\b(?:it|test|describe|context|suite|specify)(?:\.\w+)?\.(?:skip|skipIf|runIf|todo|fixme|only|fails|failing)\b"
            rb"|^[ \t]*(?:xit|xtest|xspecify|xdescribe|xcontext|fit|fdescribe|fcontext)[ \t]*[(.]|\bthis\.skip\("
        ),
    ),
    Language(  # go test
        re.compile(r"_test\.go$"),
        (re.compile(rb"^func[ \t]+(?P<name>(?:Test|Fuzz|Example|Benchmark)\w*)[ \t]*\(", re.MULTILINE),),
        re.compile(rb"\b[tbf]\.Skip(?:f|Now)?\(|^//go:build[ \t].*\bignore\b"),
    ),
    Language(  # cargo test: tests may be in any file
        re.compile(r"\.rs$"),
        (
            re.compile(
                rb"^[ \t]*#\[(?:\w{1,40}::){0,3}test(?:\([^\n]{0,200}\))?\]\s{0,80}(?:#\[[^\n]{0,200}\]\s{0,80}){0,5}"
                rb"(?:pub[ \t]+)?(?:async[ \t]+)?fn[ \t]+(?P<name>\w+)",
                re.MULTILINE,
            ),
        ),
        re.compile(rb"#\[(?:ignore\b|cfg_attr\([^\n]{0,200}\bignore\b)"),
    ),
    Language(  # rspec, minitest
        re.compile(rf"(?:_(?:spec|test)|{TEST_FOLDER}.*)\.rb$"),
        (
            re.compile(rb"^[ \t]*[xf]?(?:it|specify|example|scenario|test)[ \t]*\(?[ \t]*" + QUOTED, re.MULTILINE),
            re.compile(rb"^[ \t]*def[ \t]+(?P<name>test_\w+)", re.MULTILINE),
        ),
        re.compile(
            rb"^[ \t]*(?:xit|xspecify|xexample|xscenario|xdescribe|xcontext|fit|fdescribe|fcontext|pending|skip)\b"
            rb"|,[ \t]*(?::skip|:pending|skip:|pending:)"
        ),
    ),
    Language(  # JUnit
        re.compile(rf"(?:Tests?|IT|Spec|{TEST_FOLDER}.*)\.(?:java|kt|groovy|scala)$"),
        (
            re.compile(
                rb"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory)\b[^;{}]{0,200}?\b(?:void|fun)\s{1,20}"
                rb"(?P<name>\w+|`[^`\n]{1,200}`)[ \t]*\("
            ),
        ),
        re.compile(rb"@(?:Disabled|Ignore)\w*\b"),
    ),
)
RUNNER = rb"(?:test|spec|lint|check|tox|nox|jest|mocha|ruff|mypy|pyright|clippy|mvn|gradle)"
CI = Language(  # what starts the checks
    re.compile(
        r"(?:^|/)(?:Makefile|justfile|package\.json|tox\.ini|noxfile\.py|pytest\.ini|setup\.cfg|pyproject\.toml"
        r"|\.gitlab-ci\.yml|azure-pipelines\.yml|jest\.config\.\w+|vitest\.config\.\w+)$"
        r"|^\.(?:github/(?:workflows|actions)|circleci|buildkite|gitlab/ci)/"
    ),
    (),
    re.compile(
        RUNNER + rb"[^\n]{0,200}\|\|[ \t]*(?:true|:|exit 0)"
        rb"|^[ \t-]*(?:continue-on-error|allow_failure):[ \t]*true"
        rb"|--exit-zero\b|--passWithNoTests\b|--deselect\b|testPathIgnorePatterns"
    ),
)


def is_watched(path: str) -> bool:
    """Whether a file may hold tests or start them."""
    return bool(_languages(path))


def weakened(edits: Iterable[Edit]) -> dict[str, tuple[str, ...]]:
    """Tell of each file which tests it lost or turned off; what only moved within the change is not lost."""
    watched = [edit for edit in edits if is_watched(edit.path)]
    lost = {edit.path: _tests(edit.path, edit.before) - _tests(edit.path, edit.after) for edit in watched}
    off = {edit.path: _skips(edit.path, edit.after) - _skips(edit.path, edit.before) for edit in watched}
    moved_tests = _sum(_tests(edit.path, edit.after) - _tests(edit.path, edit.before) for edit in watched)
    moved_skips = _sum(_skips(edit.path, edit.before) - _skips(edit.path, edit.after) for edit in watched)
    kept = frozenset(edit.after for edit in watched if edit.before is None)
    told = {
        edit.path: [
            *_without(lost[edit.path], moved_tests),
            *_without(off[edit.path], moved_skips),
            *([THE_FILE] if _is_lost_whole(edit, kept) else []),
        ][:MAX_TOLD]
        for edit in watched
    }
    return {path: tuple(names) for path, names in told.items() if names}


def _is_lost_whole(edit: Edit, kept: frozenset[bytes | None]) -> bool:
    """Whether a file is gone in which we could not find a test, though its name says that it has some."""
    gone = edit.after is None and edit.before not in kept and not CI.paths.search(edit.path)
    return gone and not edit.path.endswith(".rs") and not _tests(edit.path, edit.before)


def _without(found: Counter[str], moved: Counter[str]) -> list[str]:
    """List what is not accounted for elsewhere, and use up what is."""
    rest = found - moved
    moved.subtract(found - rest)
    return list(rest)


def _tests(path: str, content: bytes | None) -> Counter[str]:
    return Counter(
        _told(found.groupdict().get("name") or found.groupdict().get("words") or b"")
        for language in _languages(path)
        for tests in language.tests
        for found in tests.finditer(content or b"")
    )


def _skips(path: str, content: bytes | None) -> Counter[str]:
    languages = _languages(path)
    lines = (content or b"").split(b"\n")
    return Counter(_told(line) for line in lines if any(each.skips.search(line) for each in languages))


def _languages(path: str) -> list[Language]:
    return [language for language in (*LANGUAGES, CI) if language.paths.search(path)]


def _told(text: bytes) -> str:
    line = " ".join(text.decode(errors="replace").split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total = Counter[str]()
    for counter in counters:
        total += counter
    return total
