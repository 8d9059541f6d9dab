"""What a well-formed configuration must still keep to: the operator's offers, GitHub's limits, and sense."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import cast

from activities.strict_yaml import Path
from workflows.globs import can_match
from workflows.limits import flaw_of_limit
from workflows.model import Budget, CheckCommand, Guards, Labels, RepoConfig

MAX_ENTRIES = 50
MAX_SECONDS = 4 * 60 * 60
MAX_NAME = 100
MAX_SHOWN = 60
MAX_LABEL = 50  # GitHub's limit
MAX_PERSPECTIVES = 6
MAX_PERSPECTIVE = 60
A_YEAR_IN_HOURS = 24 * 365
BRANCH_PREFIX = re.compile(r"(?=.{2,40}$)[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*[-_/]")
MODEL = re.compile(r"[A-Za-z0-9][\w.:@/-]{0,99}")

RANGES: Mapping[Path, tuple[int, int]] = MappingProxyType(
    {
        ("max_iterations",): (1, 100),
        ("plan", "remind_hours"): (1, A_YEAR_IN_HOURS),
        ("plan", "close_hours"): (1, A_YEAR_IN_HOURS),
        ("review", "max_chunks"): (1, 50),
        ("ci", "attempts"): (0, 10),
        ("ci", "settle_seconds"): (0, 3600),
        ("pull_request", "verify_rounds"): (0, 10),
        ("pull_request", "auto_attempts"): (0, 10),
        ("pull_request", "change_rounds"): (0, 10),
        ("project", "max_units"): (1, 20),
        ("project", "concurrency"): (1, 20),
    }
)
"""The least and the most that makes sense."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the operator of this installation offers."""

    providers: tuple[str, ...]
    label_prefix: str = "aidp-"
    budget: Budget = field(default_factory=Budget)
    """The operator's limits; of these and the repository's the stricter holds."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with one part of the file."""

    path: Path
    text: str


def mistakes(config: RepoConfig, known: Known) -> Iterator[Mistake]:
    """Find everything in a well-formed configuration that can not be used."""
    for path, (lowest, highest) in RANGES.items():
        yield from _outside(path, _value(config, path), highest, lowest)
    if not BRANCH_PREFIX.fullmatch(config.branch_prefix):
        yield Mistake(
            ("branch_prefix",),
            "must be letters and digits, each run followed by `/`, `-` or `_`, like `aidp/`",
        )
    yield from _command_mistakes(config.commands or ())
    yield from _provider_mistakes(config.providers, known.providers)
    yield from _label_mistakes(config.labels, known.label_prefix)
    yield from _budget_mistakes(config.budget)
    yield from _guard_mistakes(config.guards)
    yield from _perspective_mistakes(config.review.perspectives)


def _command_mistakes(commands: Sequence[CheckCommand]) -> Iterator[Mistake]:
    yield from _too_many(("commands",), commands)
    yield from _repeated(("commands",), [command.name for command in commands], "name")
    for place, command in enumerate(commands):
        path = ("commands", place)
        if not (0 < len(command.name) <= MAX_NAME and command.name.isprintable()):
            yield Mistake((*path, "name"), f"must be one line of at most {MAX_NAME} characters")
        if not command.command.strip() or "\0" in command.command:
            yield Mistake((*path, "command"), "must be a shell command")
        yield from _outside((*path, "timeout_seconds"), command.timeout_seconds, MAX_SECONDS)


def _provider_mistakes(providers: Sequence[str], offered: Sequence[str]) -> Iterator[Mistake]:
    yield from _repeated(("providers",), providers)
    names = {provider.partition("/")[0] for provider in offered}
    for place, provider in enumerate(providers):
        name, slash, model = provider.partition("/")
        if name not in names:
            yield Mistake(("providers", place), f"must be one of {listed(offered)}, not {shown(name)}")
        elif slash and not MODEL.fullmatch(model):
            yield Mistake(("providers", place), f"must name a model after the `/`, not {shown(model)}")


def _label_mistakes(labels: Labels, prefix: str) -> Iterator[Mistake]:
    usual, seen = asdict(Labels()), dict[str, str]()
    for key, name in asdict(labels).items():
        path = ("labels", key)
        proper = name.startswith(prefix) and len(name) <= MAX_LABEL and name.isprintable()
        if name != usual[key] and not proper:
            yield Mistake(path, f"must begin with `{prefix}` and have at most {MAX_LABEL} characters")
        elif first := seen.get(name.casefold()):
            yield Mistake(path, f"is the same label as `{first}`")
        seen.setdefault(name.casefold(), key)


def _budget_mistakes(budget: Budget) -> Iterator[Mistake]:
    for scope, limits in asdict(budget).items():
        for kind, limit in limits.items():
            yield from _nothing(("budget", scope, kind), limit)


def _guard_mistakes(guards: Guards) -> Iterator[Mistake]:
    for key in ("include", "exclude", "confirm", "allow_protected"):
        yield from _glob_mistakes(("guards", key), getattr(guards, key))
    for key in ("max_changed_lines", "max_file_bytes"):
        yield from _nothing(("guards", key), getattr(guards, key))


def _glob_mistakes(path: Path, globs: Sequence[str]) -> Iterator[Mistake]:
    yield from _too_many(path, globs)
    for place, glob in enumerate(globs):
        if not can_match(glob):
            yield Mistake((*path, place), f"must be a path in the repository, like `src/**`, not {shown(glob)}")


def _perspective_mistakes(perspectives: Sequence[str]) -> Iterator[Mistake]:
    path = ("review", "perspectives")
    if not 1 <= len(perspectives) <= MAX_PERSPECTIVES:
        yield Mistake(path, f"must have 1 to {MAX_PERSPECTIVES} entries, not {len(perspectives)}")
    yield from _repeated(path, perspectives)
    for place, name in enumerate(perspectives):
        if not (name.strip() and len(name) <= MAX_PERSPECTIVE and name.isprintable()):
            yield Mistake((*path, place), f"must be one line of at most {MAX_PERSPECTIVE} characters")


def _value(config: RepoConfig, path: Path) -> float:
    """Look up the number that a path leads to."""
    value: object = config
    for step in path:
        value = getattr(value, str(step))
    return cast("float", value)


def _too_many(path: Path, entries: Sequence[object]) -> Iterator[Mistake]:
    if len(entries) > MAX_ENTRIES:
        yield Mistake(path, f"must have at most {MAX_ENTRIES} entries")


def _nothing(path: Path, limit: float | None) -> Iterator[Mistake]:
    if flaw := flaw_of_limit(limit):
        yield Mistake(path, flaw)


def _outside(path: Path, number: float, highest: int, lowest: int = 1) -> Iterator[Mistake]:
    if not lowest <= number <= highest:
        yield Mistake(path, f"must be between {lowest} and {highest}, not {number}")


def _repeated(path: Path, names: Sequence[str], *key: str) -> Iterator[Mistake]:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Mistake((*path, place, *key), f"must be unique; {shown(name)} is there already")


def written(path: Path) -> str:
    """Write a path as people do: `commands[0].name`."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f"`{_safe(steps.removeprefix('.'))}`" if path else "the file"


def shown(value: object) -> str:
    """Show a value from the file."""
    return _safe(json.dumps(value, ensure_ascii=False))


def listed(names: Iterable[str]) -> str:
    """List names in a sentence."""
    return ", ".join(f"`{name}`" for name in names)


def _safe(text: str) -> str:
    """Keep a stranger's text inside its quotes or code span."""
    line = "".join(char if char.isprintable() and char != "`" else "'" for char in text)
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}…"
