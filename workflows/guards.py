"""Which changes an agent may make: the judgement on what is staged, before each commit and each push. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflows.globs import first_match
from workflows.model import ChangedFile, FileKind, Guards, StagedChange
from workflows.protected_paths import protected_below, protection
from workflows.tightening import loosens, tighten

__all__ = ["WHOLE", "Verdict", "Violation", "feedback", "inspect", "loosens", "parted", "tighten"]

WHOLE = ""
"""Path of a violation that no single file is to blame for."""
LOCK_FILES = frozenset(
    {
        "Cargo.lock",
        "Gemfile.lock",
        "Package.resolved",
        "Pipfile.lock",
        "Podfile.lock",
        "bun.lock",
        "composer.lock",
        "deno.lock",
        "flake.lock",
        "go.sum",
        "gradle.lockfile",
        "mix.lock",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "packages.lock.json",
        "pdm.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "pubspec.lock",
        "uv.lock",
        "yarn.lock",
    }
)
"""Their lines do not count: one new dependency rewrites thousands. What only claims to be generated does count."""
REPLACED = "\ufffd"
MAX_LISTED = 20
MAX_SHOWN = 200

UNREADABLE = "its name is not UTF-8 or holds characters that do not show; use plain ones"
SUBMODULE = "submodules are changed by people only; put plain files into the repository instead"
ESCAPING_LINK = "it is a link that leads out of the repository; link to a path inside it, without `..` in its middle"
LINK_OVER = "it is a link where `{glob}` belongs, which is protected; use another name"
EXCLUDED = "`{glob}` is excluded; solve the task without touching it"
NOT_INCLUDED = "only {globs} may change; keep the change to that"
PROTECTED = "`{glob}` is protected; leave it, and say in your answer what a person should change"
TOO_BIG = "it has {bytes:,} bytes and at most {limit:,} are allowed; split it, or keep it out of the repository"
SECRET = "it may give away a secret ({kinds}); take it out and read it from the environment instead"  # noqa: S105 - words
UNRESOLVED = "conflict markers are left; resolve them"
WEAKENED = "it takes tests away or turns them off; leave them, and make the code pass: {tests}"
TOO_MANY_LINES = (
    "{lines:,} lines changed and at most {limit:,} may, lock files aside; do the most important part in fewer"
)
TOO_MANY_FILES = (
    "{files:,} files changed and at most {limit:,} may; keep generated files and dependencies out with `.gitignore`"
)

TAKEN_OUT = "Part of the change is not allowed and was taken out. Go on without it:"
TAKEN_BACK = "The change is larger than allowed. Everything since the last iteration was taken back:"
STILL_THERE = "The merge is not finished:"
LEFT_OUT = "- … and {count} more of this kind"


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be committed, and what is allowed instead."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guards say of a change."""

    violations: tuple[Violation, ...] = ()
    to_confirm: tuple[str, ...] = ()
    """Paths that may change as soon as a person has approved it."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files to take out, each once."""
        return tuple(dict.fromkeys(each.path for each in self.violations if each.path != WHOLE))

    @property
    def too_large(self) -> bool:
        """Whether taking out single files does not help: go back to the last checkpoint."""
        return any(each.path == WHOLE for each in self.violations)


def inspect(guards: Guards, change: StagedChange, approved: tuple[str, ...] = ()) -> Verdict:
    """Judge a staged change; `approved` are paths or globs that a person has let pass."""
    violations = [Violation(file.path, reason) for file in change.files for reason in _reasons(guards, file)]
    refused = frozenset(each.path for each in violations)
    rest = [file for file in change.files if file.path not in refused]
    violations += [Violation(WHOLE, reason) for reason in _reasons_of_all(guards, change, rest)]
    waiting = (file.path for file in rest if first_match(guards.confirm, file.path))
    return Verdict(tuple(violations), tuple(path for path in waiting if not first_match(approved, path)))


def parted(verdict: Verdict, conflicts: tuple[str, ...]) -> tuple[tuple[Violation, ...], Verdict]:
    """Set apart what the base itself left unresolved: taking that back would change nothing, so it stays."""
    left = tuple(each for each in verdict.violations if each.reason == UNRESOLVED and each.path in conflicts)
    return left, Verdict(tuple(each for each in verdict.violations if each not in left), verdict.to_confirm)


def feedback(taken_out: Iterable[Violation], left: Iterable[Violation] = ()) -> str:
    """Tell the agent what was taken out and what it has left to do, for its next prompt."""
    out, still = list(taken_out), list(left)
    title = TAKEN_BACK if Verdict(tuple(out)).too_large else TAKEN_OUT
    return "\n\n".join(_list(words, found) for words, found in ((title, out), (STILL_THERE, still)) if found)


def _list(title: str, found: list[Violation]) -> str:
    lines = [f"- {_shown(each)}" for each in sorted(found, key=lambda each: each.path)[:MAX_LISTED]]
    rest = [LEFT_OUT.format(count=len(found) - MAX_LISTED)] if len(found) > MAX_LISTED else []
    return "\n".join([title, *lines, *rest])


def _reasons(guards: Guards, file: ChangedFile) -> Iterator[str]:
    """Say everything that speaks against one file."""
    if file.unresolved:
        yield UNRESOLVED
        if not file.bytes:
            return  # it is as git left it, and no part of the change
    if REPLACED in file.path or not file.path.isprintable():
        yield UNREADABLE
    if reason := _forbidden_place(guards, file.path):
        yield reason
    yield from _forbidden_kind(file)
    if guards.max_file_bytes is not None and file.bytes > guards.max_file_bytes:
        yield TOO_BIG.format(bytes=file.bytes, limit=guards.max_file_bytes)
    if file.secrets:
        yield SECRET.format(kinds=", ".join(file.secrets))
    if file.weakened and guards.keep_tests:
        yield WEAKENED.format(tests=", ".join(file.weakened))


def _forbidden_place(guards: Guards, path: str) -> str:
    """Exclusion wins over everything, and including a protected path does not open it."""
    if glob := first_match(guards.exclude, path):
        return EXCLUDED.format(glob=glob)
    if guards.include and not first_match(guards.include, path):
        return NOT_INCLUDED.format(globs=", ".join(f"`{glob}`" for glob in guards.include))
    glob = protection(path)
    return PROTECTED.format(glob=glob) if glob and not first_match(guards.allow_protected, path) else ""


def _forbidden_kind(file: ChangedFile) -> Iterator[str]:
    match file.kind:
        case FileKind.SUBMODULE:
            yield SUBMODULE
        case FileKind.SYMLINK if not file.deleted:
            if file.escapes:
                yield ESCAPING_LINK
            if glob := protected_below(file.path):
                yield LINK_OVER.format(glob=glob)
        case FileKind.SYMLINK | FileKind.FILE:
            pass


def _reasons_of_all(guards: Guards, change: StagedChange, rest: list[ChangedFile]) -> Iterator[str]:
    """Say what speaks against the change as a whole, once its refused files are gone."""
    if change.total_files > len(change.files):
        yield TOO_MANY_FILES.format(files=change.total_files, limit=len(change.files))
    counted = (file for file in rest if file.path.rpartition("/")[2] not in LOCK_FILES)
    lines = sum(file.additions + file.deletions for file in counted)
    if guards.max_changed_lines is not None and lines > guards.max_changed_lines:
        yield TOO_MANY_LINES.format(lines=lines, limit=guards.max_changed_lines)


def _shown(violation: Violation) -> str:
    """Write a violation as one short line, whatever its path holds."""
    if violation.path == WHOLE:
        return _line(violation.reason)
    return f"`{_line(violation.path).replace('`', '?')}`: {_line(violation.reason)}"


def _line(text: str) -> str:
    line = "".join(char if char.isprintable() else "?" for char in text[: MAX_SHOWN + 1])
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}…"
