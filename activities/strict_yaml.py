"""YAML as configuration wants it: plain values, each key once, no aliases, and the line of everything."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_DEPTH = 10
TAG = "tag:yaml.org,2002:"
BOOLEANS = {"true": True, "false": False}
WHOLE_NUMBER = re.compile(r"[-+]?[0-9]{1,18}")
DECIMAL = re.compile(r"[-+]?[0-9]{1,12}\.[0-9]{1,12}")

Path = tuple[str | int, ...]


class YamlError(Exception):
    """The text is not YAML that we read."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True, slots=True)
class Document:
    """A text's value, and the line on which each of its parts begins."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict[Path, int])

    def line(self, path: Path) -> int:
        """Return the line of the part, or of what it would be in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Document:
    """Read one document. Words like `yes` and `on`, times and the like stay the text they were written as."""
    with _plain_errors():
        _refuse_tricks(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    document = Document(None, {(): 1})
    return Document(_value(node, (), document.lines), document.lines) if node else document


@contextmanager
def _plain_errors() -> Generator[None]:
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1, f"this is not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise YamlError(1, f"this is not YAML: {str(error).splitlines()[0]}") from None
    except (ValueError, OverflowError):
        raise YamlError(1, "an escape in it is not a character") from None  # PyYAML lets these out


def _refuse_tricks(text: str) -> None:
    """Look at the stream before anything is built from it: aliases and depth are how YAML explodes."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError(line, "anchors and aliases (`&`, `*`) are not allowed; write the value out")
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise YamlError(line, "a second document begins here; one is allowed")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise YamlError(line, "this is nested too deeply")
        if isinstance(event, yaml.ScalarEvent):
            str(event.value).encode()  # half of a surrogate pair fails here, and nowhere later


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> object:
    lines.setdefault(path, node.start_mark.line + 1)
    match node:
        case yaml.MappingNode():
            return _mapping(node, path, lines)
        case yaml.SequenceNode():
            return [_value(entry, (*path, place), lines) for place, entry in enumerate(node.value)]
        case _:
            return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, object]:
    values: dict[str, object] = {}
    for key_node, value_node in node.value:
        key, line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise YamlError(line, "a key must be a word")
        if key in values:
            raise YamlError(line, f"`{key}` is here twice; the first is on line {lines[*path, key]}")
        lines[*path, key] = line
        values[key] = _value(value_node, (*path, key), lines)
    return values


def _scalar(node: yaml.Node) -> str | float | bool | None:
    text: str = node.value
    match node.tag.removeprefix(TAG):
        case "null":
            return None
        case "bool" if text.lower() in BOOLEANS:
            return BOOLEANS[text.lower()]
        case "int" if WHOLE_NUMBER.fullmatch(text):
            return int(text)
        case "float" if DECIMAL.fullmatch(text):
            return float(text)
        case _:
            return text
