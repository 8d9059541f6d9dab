"""Read a GraphQL document: one operation, its fields, arguments and inline fragments. Named fragments are not known."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(r'\.\.\.|[{}()\[\]:!$=|@]|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*')
SKIP = re.compile(r"(?:[\s,\ufeff]|#[^\n]*)*")
WORDS = {"true": True, "false": False, "null": None}


class QueryError(Exception):
    """The query cannot be answered; the message is for whoever wrote it."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.message, self.kind = message, kind


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, to be filled in."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is asked for, and what of it."""

    name: str
    alias: str
    arguments: dict[str, Any]
    selection: "Selection"


@dataclass(frozen=True, slots=True)
class OnType:
    """`... on Type { }`."""

    type: str
    selection: "Selection"


Selection = tuple[Field | OnType, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A query or a mutation."""

    kind: str
    selection: Selection
    defaults: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of its variables."""


def parse(document: str) -> Operation:
    """Read the one operation of a document."""
    tokens = _Tokens(list(_tokens(document)))
    operation = _operation(tokens)
    if tokens.next:
        raise tokens.unexpected()
    return operation


def _tokens(document: str) -> Iterator[str]:
    at = _skip(document, 0)
    while at < len(document):
        found = TOKEN.match(document, at)
        if not found:
            raise QueryError(f'Expected one of a name or punctuation, actual: "{document[at]}"')
        yield found[0]
        at = _skip(document, found.end())


def _skip(document: str, at: int) -> int:
    found = SKIP.match(document, at)
    return found.end() if found else at


class _Tokens:
    """The words of a document, read from the front."""

    def __init__(self, words: list[str]) -> None:
        self._words, self._at = words, 0

    @property
    def next(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def take(self, wanted: str = "") -> str:
        found = self.next
        if not found or (wanted and found != wanted):
            raise self.unexpected()
        self._at += 1
        return found

    def took(self, wanted: str) -> bool:
        found = self.next == wanted
        self._at += found
        return found

    def name(self) -> str:
        if not self.next.isidentifier():
            raise self.unexpected()
        return self.take()

    def unexpected(self) -> QueryError:
        return QueryError(f'Unexpected "{self.next}"' if self.next else "Unexpected end of document")


def _operation(tokens: _Tokens) -> Operation:
    if tokens.next == "{":
        return Operation("query", _selection(tokens))
    kind = tokens.name()
    if kind not in ("query", "mutation"):
        raise QueryError(f'Only one query or mutation is known here, not "{kind}"')
    if tokens.next.isidentifier():
        tokens.name()
    defaults = dict(_variables(tokens)) if tokens.took("(") else {}
    return Operation(kind, _selection(tokens), defaults)


def _variables(tokens: _Tokens) -> Iterator[tuple[str, Any]]:
    while not tokens.took(")"):
        tokens.take("$")
        name = tokens.name()
        tokens.take(":")
        _skip_type(tokens)
        yield name, _value(tokens) if tokens.took("=") else None


def _skip_type(tokens: _Tokens) -> None:
    if tokens.took("["):
        _skip_type(tokens)
        tokens.take("]")
    else:
        tokens.name()
    tokens.took("!")


def _selection(tokens: _Tokens) -> Selection:
    tokens.take("{")
    found: list[Field | OnType] = []
    while not tokens.took("}"):
        found.append(_on_type(tokens) if tokens.took("...") else _field(tokens))
    return tuple(found)


def _on_type(tokens: _Tokens) -> OnType:
    tokens.take("on")
    return OnType(tokens.name(), _selection(tokens))


def _field(tokens: _Tokens) -> Field:
    alias = name = tokens.name()
    if tokens.took(":"):
        name = tokens.name()
    arguments = _pairs(tokens, ")") if tokens.took("(") else {}
    return Field(name, alias, arguments, _selection(tokens) if tokens.next == "{" else ())


def _pairs(tokens: _Tokens, end: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not tokens.took(end):
        name = tokens.name()
        tokens.take(":")
        found[name] = _value(tokens)
    return found


def _value(tokens: _Tokens) -> Any:  # noqa: ANN401  # a value of JSON, or a variable within
    if tokens.took("$"):
        return Variable(tokens.name())
    if tokens.took("{"):
        return _pairs(tokens, "}")
    if tokens.took("["):
        found: list[Any] = []
        while not tokens.took("]"):
            found.append(_value(tokens))
        return found
    return _scalar(tokens)


def _scalar(tokens: _Tokens) -> Any:  # noqa: ANN401  # ... same
    word = tokens.take()
    if word[0] == '"' or word.lstrip("-")[:1].isdigit():
        return json.loads(word)
    if not word.isidentifier():
        raise QueryError(f'Unexpected "{word}"')
    return WORDS.get(word, word)
