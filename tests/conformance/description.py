"""GitHub's own description of its REST API and webhooks, made into JSON Schema that can judge."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from jsonschema_rs import Draft202012Validator, Registry, ValidationError, ValidationErrorKind

Json = dict[str, Any]
URI = "urn:github:description"
ERROR = "/components/schemas/basic-error"
JSON_MEDIA = re.compile(r"application/(?:[\w.-]+\+)?json")
FIRST_ERROR = 400
LONGEST = 160
FILE = "/{path}"
"""A file's path may be of many segments, or of none: then it is the root folder. Those of refs are of one or more."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the API does: a method and a path."""

    name: str
    method: str
    path: str
    pattern: re.Pattern[str]
    definition: Json

    @property
    def pointer(self) -> str:
        """Where it is described."""
        return _pointer("paths", self.path, self.method.lower())


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a value is not what it should be, and why."""

    path: str
    """With every index as `[]`: the same fault in a list is one fault."""
    says: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """The document, its operations in the order in which paths are looked up, and compiled schemas."""

    document: Json
    operations: tuple[Operation, ...]
    registry: Registry
    compiled: dict[str, Draft202012Validator] = field(default_factory=dict[str, Draft202012Validator])

    def operation(self, method: str, path: str) -> Operation | None:
        """Find what a request asks for; fixed words win over parameters."""
        return next((it for it in self.operations if it.method == method and it.pattern.fullmatch(path)), None)

    def parameters(self, operation: Operation) -> Mapping[str, Json]:
        """Return the schemas of its query parameters."""
        found = [self.resolve(it) for it in operation.definition.get("parameters", [])]
        return {it["name"]: it["schema"] for it in found if it["in"] == "query"}

    def body(self, operation: Operation) -> str:
        """Point to the schema of its request body; empty if it takes none."""
        return self._json_schema(operation.definition.get("requestBody"), operation.pointer + _pointer("requestBody"))

    def webhook(self, event: str, action: str | None) -> str:
        """Point to the schema of a webhook; empty if there is no such webhook."""
        name = "-".join(filter(None, (event, action))).replace("_", "-")
        entry = self.document["x-webhooks"].get(name)
        place = _pointer("x-webhooks", name, "post", "requestBody")
        return self._json_schema(entry["post"]["requestBody"], place) if entry else ""

    def answer(self, operation: Operation, status: int) -> str | None:
        """Point to the schema of an answer; empty if it has no content, `None` if there is no such answer."""
        response = operation.definition["responses"].get(str(status))
        if response is None and status < FIRST_ERROR:
            return None
        schema = self._json_schema(response, operation.pointer + _pointer("responses", str(status)))
        return schema or (ERROR if status >= FIRST_ERROR else "")  # many errors go without saying

    def faults(self, pointer: str, value: object, *, closed: bool = False) -> list[Fault]:
        """Judge a value; `closed` also refuses fields that are not described."""
        key = f"{pointer}{' closed' if closed else ''}"
        if key not in self.compiled:
            schema: Json = {"$ref": f"{URI}#{quote(pointer)}"} | ({"unevaluatedProperties": False} if closed else {})
            self.compiled[key] = Draft202012Validator(schema, registry=self.registry, validate_formats=True, mask="it")
        return [_fault(leaf) for error in self.compiled[key].iter_errors(value) for leaf in _leaves(error)]

    def resolve(self, value: Json) -> Json:
        """Follow a reference, if it is one."""
        if "$ref" not in value:
            return value
        found = self.document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return self.resolve(found)

    def _json_schema(self, container: Json | None, place: str) -> str:
        if container and "$ref" in container:
            return self._json_schema(self.resolve(container), container["$ref"].removeprefix("#"))
        media = next((it for it in (container or {}).get("content", {}) if JSON_MEDIA.fullmatch(it)), None)
        return place + _pointer("content", media, "schema") if media else ""


def read(file: Path) -> Description:
    """Read GitHub's description."""
    return described(json.loads(file.read_text()))


def described(openapi: Json) -> Description:
    """Make a description of an OpenAPI 3.0 document."""
    document = cast("Json", _modern(openapi))
    operations = sorted(_operations(document), key=lambda it: _vagueness(it.path))
    return Description(document, tuple(operations), Registry([(URI, document)]))


def _operations(document: Json) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, definition in methods.items():
            if "responses" in definition:
                yield Operation(definition["operationId"], method.upper(), path, _pattern(path), definition)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{([\w-]+)\}", path.removesuffix(FILE))
    words = [re.escape(part) if at % 2 == 0 else _parameter(part) for at, part in enumerate(parts)]
    return re.compile("".join(words) + ("(?:/.+)?" if path.endswith(FILE) else ""))


def _parameter(name: str) -> str:
    return ".+" if name == "ref" else "[^/]+"


def _vagueness(path: str) -> tuple[int, list[bool]]:
    """Look long paths up first, and fixed words before parameters."""
    parts = path.split("/")
    return (-len(parts), ["{" in part for part in parts])


def _pointer(*parts: str) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _modern(value: object) -> object:
    """Write OpenAPI 3.0 as JSON Schema: what may be null says so, and `oneOf` means any of them.

    GitHub's alternatives overlap: most users, for one, are both of the two kinds of user that an answer may hold.
    """
    if isinstance(value, list):
        return [_modern(entry) for entry in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("Json", value)
    schema = {("anyOf" if key == "oneOf" else key): _modern(entry) for key, entry in fields.items()}
    return _nullable(schema) if schema.get("nullable") is True else schema


def _nullable(schema: Json) -> Json:
    rest = {key: entry for key, entry in schema.items() if key != "nullable"}
    if not rest.keys() & {"type", "anyOf", "allOf", "$ref"}:
        return rest
    if "type" not in rest or "anyOf" in rest:
        return {"anyOf": [{"type": "null"}, rest]}
    values = {"enum": [*rest["enum"], None]} if "enum" in rest else {}
    return rest | {"type": [rest["type"], "null"]} | values


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Say of alternatives what is wrong with the one that comes closest."""
    match error.kind:
        case ValidationErrorKind.AnyOf(context=branches) if branches:
            for inner in min(branches, key=lambda branch: _distance(error, branch)):
                yield from _leaves(inner)
        case _:
            yield error


def _distance(error: ValidationError, branch: list[ValidationError]) -> tuple[bool, int, int]:
    """Another type is further off than missing fields, and these than anything else."""
    kinds = [it.kind.name for it in branch if it.instance_path == error.instance_path]
    return ("type" in kinds, kinds.count("required"), len(branch))


def _fault(error: ValidationError) -> Fault:
    path = "".join("[]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
    return Fault(f"${path}", error.message, _short(json.dumps(error.instance)))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
