"""The repository's own configuration, `.aidp/aidp.yml`: read strictly, and told plainly what is wrong on which line."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import cast, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from activities.config_rules import Known, Mistake, listed, mistakes, shown, written
from activities.strict_yaml import Document, Path, YamlError, read
from workflows.budget import stricter_budget
from workflows.model import RepoConfig

__all__ = ["PATH", "Known", "RepoConfigError", "parse"]

PATH = ".aidp/aidp.yml"
MAX_BYTES = 64 * 1024
MAX_PROBLEMS = 20
EXPECTED = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be `true` or `false`",
    "tuple_type": "must be a list",
    "dataclass_type": "must be a group of keys",
}


class RepoConfigError(Exception):
    """The configuration can not be used; `problems` says why, one Markdown line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def parse(text: str, known: Known) -> RepoConfig:
    """Read the text of the file, empty for none; raises `RepoConfigError` with everything that is wrong.

    Providers that are not chosen are the operator's, in the operator's order.
    """
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
    if found := list(mistakes(config, known)):
        raise _error(document, found)
    budget = stricter_budget(known.budget, config.budget)
    return replace(config, providers=config.providers or known.providers, budget=budget)


def _typed(value: object) -> RepoConfig:
    source = json.dumps(_without_empty({} if value is None else value))
    return _adapter().validate_json(source, strict=True, extra="forbid")


@cache
def _adapter() -> TypeAdapter[RepoConfig]:
    return TypeAdapter(RepoConfig)


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
        case "string_type" if isinstance(given, int | float):
            return Mistake(path, f"must be text, not {shown(given)}; put it in quotes")
        case "enum":
            expected = detail.get("ctx", {}).get("expected", "").replace("'", "")
            return Mistake(path, f"must be one of {expected}, not {shown(given)}")
        case _:
            return Mistake(path, f"{EXPECTED.get(kind, 'can not be read')}, not {shown(given)}")


def _meant(path: Path) -> str:
    """Name the keys that could have been meant."""
    keys = [key.name for key in fields(_group(path[:-1]))]
    near = get_close_matches("".join(map(str, path[-1:])), keys, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else f"; known are {listed(keys)}"


def _group(path: Path) -> type:
    """Find the dataclass that a part of the file is read into."""
    kind: type = RepoConfig
    for step in path:
        if isinstance(step, str):
            kind = _dataclass_in(get_type_hints(kind)[step])
    return kind


def _dataclass_in(hint: object) -> type:
    """Look into `tuple[X, ...] | None` for the X."""
    if isinstance(hint, type) and is_dataclass(hint):
        return hint
    return next(kind for kind in map(_dataclass_in, get_args(hint)))


def _error(document: Document, found: Iterable[Mistake]) -> RepoConfigError:
    in_order = sorted(found, key=lambda mistake: document.line(mistake.path))
    problems = [f"line {document.line(each.path)}: {written(each.path)} {each.text}" for each in in_order]
    left = len(problems) - MAX_PROBLEMS
    return RepoConfigError([*problems[:MAX_PROBLEMS], *([f"… and {left} more"] if left > 0 else [])])
