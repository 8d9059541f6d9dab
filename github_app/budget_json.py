"""The operator's budget: JSON, read strictly, for what is not understood would limit nothing."""

from collections.abc import Iterator
from dataclasses import asdict, fields

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from workflows.limits import flaw_of_limit
from workflows.model import Budget, Limits

UNUSABLE = "can not be used: {flaws}"
UNKNOWN = "`{key}` is not a known key; known are {known}"
EXPECTED = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "dataclass_type": "must be a group of keys",
}


def read_budget(value: object) -> object:
    """Read a budget; raises `ValueError` with everything that is wrong in it."""
    if not isinstance(value, str):
        return value
    try:
        budget = TypeAdapter(Budget).validate_json(value, strict=True, extra="forbid")
    except ValidationError as error:
        raise _unusable(map(_flaw, error.errors(include_url=False))) from None
    if flaws := list(_flaws(budget)):
        raise _unusable(iter(flaws))
    return budget


def _flaws(budget: Budget) -> Iterator[str]:
    for scope, limits in asdict(budget).items():
        for kind, limit in limits.items():
            if flaw := flaw_of_limit(limit):
                yield f"`{scope}.{kind}` {flaw}"


def _flaw(detail: ErrorDetails) -> str:
    key = ".".join(map(str, detail["loc"]))
    match detail["type"]:
        case "json_invalid":
            return "it is not JSON"
        case "unexpected_keyword_argument":
            group = Limits if len(detail["loc"]) > 1 else Budget
            return UNKNOWN.format(key=key, known=", ".join(f"`{field.name}`" for field in fields(group)))
        case kind:
            return f"`{key}` {EXPECTED.get(kind, 'can not be read')}" if key else "it must be a group of keys"


def _unusable(flaws: Iterator[str]) -> ValueError:
    return ValueError(UNUSABLE.format(flaws=", and ".join(flaws)))
