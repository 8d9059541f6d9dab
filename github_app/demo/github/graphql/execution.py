"""Answer a GraphQL operation: walk its fields over things that know theirs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from github_app.demo.github.graphql.parsing import Field, OnType, QueryError, Selection, Variable, parse
from github_app.demo.github.model import Json

Arguments = Mapping[str, Any]
Path = list[str | int]
"""To a part of an answer: names of fields, and places in lists."""
LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the graph: its type, and how to read each of its fields."""

    type: str
    fields: Mapping[str, Callable[[Arguments], object]]
    interfaces: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    """One execution: the variables, and what went wrong."""

    variables: Mapping[str, Any]
    errors: list[Json] = field(default_factory=list[Json])


class _UndefinedError(Exception):
    """The query asks for what the schema does not have: nothing of it is answered."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.error: Json = {"message": message, "path": path, "extensions": {"code": "undefinedField"}}


def execute(body: Json, roots: Mapping[str, Thing]) -> Json:
    """Answer the body of a request; errors are part of the answer, as always in GraphQL."""
    try:
        operation = parse(body.get("query") or "")
        run = _Run(operation.defaults | (body.get("variables") or {}))
        data = _object(run, roots[operation.kind], operation.selection, [])
    except QueryError as error:
        return {"errors": [{"message": error.message}]}
    except _UndefinedError as undefined:
        return {"errors": [undefined.error]}
    return {"data": data} | ({"errors": run.errors} if run.errors else {})


def _object(run: _Run, thing: Thing, selection: Selection, path: Path) -> Json:
    if not selection:
        raise _UndefinedError(f"Field must have selections (field of type {thing.type})", path)
    found: Json = {}
    for part in selection:
        if isinstance(part, OnType):
            fits = part.type in (thing.type, *thing.interfaces)
            found |= _object(run, thing, part.selection, path) if fits else {}
        else:
            found[part.alias] = _field(run, thing, part, [*path, part.alias])
    return found


def _field(run: _Run, thing: Thing, wanted: Field, path: Path) -> object:
    if wanted.name == "__typename":
        return thing.type
    if wanted.name not in thing.fields:
        raise _UndefinedError(f"Field '{wanted.name}' doesn't exist on type '{thing.type}'", path)
    try:
        value = thing.fields[wanted.name](_filled(run, wanted.arguments))
    except QueryError as error:
        run.errors.append({"type": error.kind, "path": path, "message": error.message})
        return None
    return _completed(run, value, wanted.selection, path)


def _completed(run: _Run, value: object, selection: Selection, path: Path) -> object:
    match value:
        case Thing():
            return _object(run, value, selection, path)
        case list():
            items = enumerate(cast("list[object]", value))
            return [_completed(run, item, selection, [*path, at]) for at, item in items]
        case QueryError():
            run.errors.append({"type": value.kind, "path": path, "message": value.message})
            return None
        case _ if selection and value is not None:
            raise _UndefinedError(f"Selections can't be made on scalars (field '{path[-1]}')", path)
        case _:
            return value


def _filled(run: _Run, value: Any) -> Any:  # noqa: ANN401  # a value of JSON, or a variable within
    match value:
        case Variable(name=name):
            return run.variables.get(name)
        case dict():
            return {name: _filled(run, inner) for name, inner in cast("Json", value).items()}
        case list():
            return [_filled(run, inner) for inner in cast("list[Any]", value)]
        case _:
            return value


def connection(name: str, things: list[Thing], wanted: Arguments) -> Thing:
    """Cut a list to the page that was asked for; GitHub insists on `first` or `last`."""
    first, last, after = wanted.get("first"), wanted.get("last"), wanted.get("after")
    size = first or last
    if not size:
        text = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise QueryError(text, "MISSING_PAGINATION_BOUNDARIES")
    if size > LARGEST_PAGE:
        text = f"Requesting {size} records on the `{name}` connection exceeds the `first` limit of 100 records."
        raise QueryError(text, "EXCESSIVE_PAGINATION")
    start = int(after) if after else 0 if first else max(0, len(things) - size)
    end = min(start + size, len(things))
    return _page(name, things, (start, end))


def _page(name: str, things: list[Thing], ends: tuple[int, int]) -> Thing:
    start, end = ends
    page: dict[str, Callable[[Arguments], object]] = {
        "hasNextPage": lambda _: end < len(things),
        "hasPreviousPage": lambda _: start > 0,
        "startCursor": lambda _: str(start) if end > start else None,
        "endCursor": lambda _: str(end) if end > start else None,
    }
    fields: dict[str, Callable[[Arguments], object]] = {
        "nodes": lambda _: things[start:end],
        "totalCount": lambda _: len(things),
        "pageInfo": lambda _: Thing("PageInfo", page),
    }
    return Thing(f"{name[0].upper()}{name[1:]}Connection", fields)
