"""A file of workstreams: YAML, read strictly, and told plainly what is wrong on which line."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from activities.config_rules import shown, written
from activities.strict_yaml import Document, YamlError, read
from github_app.jobs.errors import InputError
from workflows.model.workstreams import Unit

MAX_BYTES = 1_000_000
EXPECTED = {
    "missing": "is missing",
    "unexpected_keyword_argument": "is not a known key",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "dataclass_type": "must be a group of keys",
}
SAYS_IT_ALL = ("missing", "unexpected_keyword_argument")


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """An entry of `units`."""

    slug: str
    text: str
    title: str = ""
    depends_on: tuple[str, ...] = ()

    def unit(self) -> Unit:
        """Make the unit."""
        return Unit(self.slug, self.title or self.slug, self.text, self.depends_on)


@dataclass(frozen=True, slots=True)
class PlanFile:
    """The whole file."""

    units: tuple[PlannedUnit, ...]
    project_dir: str = "."
    """Seen from the file."""
    concurrency: int = 3
    branch_prefix: str = "aidp/"


def read_plan(path: Path) -> PlanFile:
    """Read a file; raises `InputError` with everything that is wrong in it."""
    try:
        document = read(_text(path))
    except YamlError as error:
        raise InputError(f"{path}, {error}") from None
    try:
        return TypeAdapter(PlanFile).validate_json(json.dumps(document.value), strict=True, extra="forbid")
    except ValidationError as error:
        mistakes = [_mistake(document, detail) for detail in error.errors(include_url=False)]
        raise InputError("\n".join(f"{path}, {mistake}" for mistake in mistakes)) from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        text = data.decode()
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text.") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{path} is larger than {MAX_BYTES // 1000} KB.")
    return text


def _mistake(document: Document, detail: ErrorDetails) -> str:
    path, kind = detail["loc"], detail["type"]
    given = "" if kind in SAYS_IT_ALL else f", not {shown(detail['input'])}"
    return f"line {document.line(path)}: {written(path)} {EXPECTED.get(kind, 'can not be read')}{given}"
