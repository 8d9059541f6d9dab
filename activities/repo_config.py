"""The repository's own configuration, `.aidp/aidp.yml`: read strictly, and told plainly what is wrong on which line."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from activities.strict_yaml import Document, Path, YamlError, read
from workflows.model import CheckCommand, Labels, RepoConfig

PATH = ".aidp/aidp.yml"
MAX_BYTES = 64 * 1024
MAX_PROBLEMS = 20
MAX_COMMANDS = 50
MAX_ITERATIONS = 100
MAX_SECONDS = 4 * 60 * 60
MAX_NAME = 100
MAX_SHOWN = 60
MAX_LABEL = 50  # GitHub's limit
BRANCH_PREFIX = re.compile(r"(?=.{2,40}$)[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*[-_/]")

EXPECTED = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be `true` or `false`",
    "tuple_type": "must be a list",
    "dataclass_type": "must be a group of keys",
}
KNOWN_KEYS = {  # by the first part of a path
    "": RepoConfig,
    "commands": CheckCommand,
    "labels": Labels,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the operator of this installation offers."""

    providers: tuple[str, ...]
    label_prefix: str = "aidp-"


class RepoConfigError(Exception):
    """The configuration can not be used; `problems` says why, one Markdown line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong with one part of the file."""

    path: Path
    text: str


def parse(text: str, known: Known) -> RepoConfig:
    """Read the text of the file; raises `RepoConfigError` with everything that is wrong."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise RepoConfigError([f"the file is larger than {MAX_BYTES // 1024} KB"])
    try:
        document = read(text)
    except YamlError as error:
        raise RepoConfigError([str(error)]) from None
    try:
        config = _typed(document.value)
    except ValidationError as error:
        found = [_type_mistake(detail) for detail in error.errors(include_url=False)]
        raise _error(document, found) from None
    if found := list(_mistakes(config, known)):
        raise _error(document, found)
    return config


def _typed(value: object) -> RepoConfig:
    source = json.dumps(_without_empty({} if value is None else value))
    return TypeAdapter(RepoConfig).validate_json(source, strict=True, extra="forbid")


def _without_empty(value: object) -> object:
    """Drop keys without a value: everything below them was commented out."""
    match value:
        case dict():
            parts = cast("dict[str, object]", value)
            return {key: _without_empty(part) for key, part in parts.items() if part is not None}
        case list():
            return [_without_empty(part) for part in cast("list[object]", value)]
        case _:
            return value


def _type_mistake(detail: ErrorDetails) -> Mistake:
    path, given, kind = detail["loc"], detail["input"], detail["type"]
    match kind:
        case "missing":
            return Mistake(path, "is missing")
        case "unexpected_keyword_argument":
            return Mistake(path, f"is not a known key{_meant(path)}")
        case "string_type" if isinstance(given, int):
            return Mistake(path, f"must be text, not {_shown(given)}; put it in quotes")
        case "enum":
            expected = detail.get("ctx", {}).get("expected", "").replace("'", "")
            return Mistake(path, f"must be one of {expected}, not {_shown(given)}")
        case _:
            return Mistake(path, f"{EXPECTED.get(kind, 'can not be read')}, not {_shown(given)}")


def _meant(path: Path) -> str:
    group = str(path[0]) if path[1:] else ""
    keys = [key.name for key in fields(KNOWN_KEYS[group])]
    near = get_close_matches(f"{path[-1:][0]}", keys, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else f"; known are {_listed(keys)}"


def _mistakes(config: RepoConfig, known: Known) -> Iterator[Mistake]:
    yield from _outside(("max_iterations",), config.max_iterations, MAX_ITERATIONS)
    if not BRANCH_PREFIX.fullmatch(config.branch_prefix):
        yield Mistake(
            ("branch_prefix",),
            "must be letters and digits, each run followed by `/`, `-` or `_`, like `aidp/`",
        )
    yield from _command_mistakes(config.commands or ())
    yield from _provider_mistakes(config.providers, known.providers)
    yield from _label_mistakes(asdict(config.labels), known.label_prefix)


def _command_mistakes(commands: Sequence[CheckCommand]) -> Iterator[Mistake]:
    if len(commands) > MAX_COMMANDS:
        yield Mistake(("commands",), f"must have at most {MAX_COMMANDS} entries")
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
    for place, name in enumerate(providers):
        if name not in offered:
            yield Mistake(("providers", place), f"must be one of {_listed(offered)}, not {_shown(name)}")


def _label_mistakes(labels: dict[str, str], prefix: str) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for key, name in labels.items():
        path = ("labels", key)
        if not (name.startswith(prefix) and len(name) <= MAX_LABEL and name.isprintable()):
            yield Mistake(path, f"must begin with `{prefix}` and have at most {MAX_LABEL} characters")
        elif first := seen.get(name.casefold()):
            yield Mistake(path, f"is the same label as `{first}`")
        seen.setdefault(name.casefold(), key)


def _outside(path: Path, number: int, highest: int) -> Iterator[Mistake]:
    if not 1 <= number <= highest:
        yield Mistake(path, f"must be between 1 and {highest}, not {number}")


def _repeated(path: Path, names: Sequence[str], *key: str) -> Iterator[Mistake]:
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Mistake((*path, place, *key), f"must be unique; {_shown(name)} is there already")


def _error(document: Document, mistakes: Iterable[Mistake]) -> RepoConfigError:
    found = sorted(mistakes, key=lambda mistake: document.line(mistake.path))
    problems = [f"line {document.line(each.path)}: {_named(each.path)} {each.text}" for each in found]
    left = len(problems) - MAX_PROBLEMS
    return RepoConfigError([*problems[:MAX_PROBLEMS], *([f"… and {left} more"] if left > 0 else [])])


def _named(path: Path) -> str:
    """Write a path as people do: `commands[0].name`."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f"`{_safe(steps.removeprefix('.'))}`" if path else "the file"


def _shown(value: object) -> str:
    return _safe(json.dumps(value, ensure_ascii=False))


def _safe(text: str) -> str:
    """Keep a stranger's text inside its quotes or code span."""
    line = "".join(char if char.isprintable() and char != "`" else "'" for char in text)
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}…"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
