"""Reads the JSON that agent CLIs print: objects, one a line, between lines that are something else."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import cast


def events(output: bytes) -> list[Mapping[str, object]]:
    """Return every JSON object of the output, in order.

    Lines that are no JSON are skipped: the output is a bounded tail whose first line may be cut, CLIs print warnings
    in between, and copilot's redaction of secrets breaks lines of its own.
    """
    return [event for line in output.splitlines() for event in _objects(line)]


def last(said: Iterable[Mapping[str, object]], kind: str) -> Mapping[str, object] | None:
    """Return the last event of this type."""
    return next((event for event in reversed(list(said)) if event.get("type") == kind), None)


def at(value: object, *path: str) -> object:
    """Return what is at the path of keys, or None where the path breaks off."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = cast("dict[str, object]", value).get(key)
    return value


def text_at(value: object, *path: str) -> str:
    """Return the text at the path; what is not there, or not text, is empty."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number_at(value: object, *path: str) -> float | None:
    """Return the number at the path."""
    found = at(value, *path)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def count_at(value: object, *path: str) -> int | None:
    """Return the whole number at the path."""
    found = number_at(value, *path)
    return found if isinstance(found, int) else None


def list_at(value: object, *path: str) -> list[object]:
    """Return the list at the path; what is not there, or no list, is empty."""
    found = at(value, *path)
    return cast("list[object]", found) if isinstance(found, list) else []


def entries_at(value: object, *path: str) -> Mapping[str, object]:
    """Return the object at the path; what is not there, or no object, is empty."""
    found = at(value, *path)
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def busiest(uses: Iterable[tuple[str, int | None]]) -> str:
    """Name the model that wrote the most tokens, given some of each one's at a time; of equals, the newest."""
    written: Counter[str] = Counter()
    for model, tokens in uses:
        if model:
            written[model] += tokens or 0
    return max(reversed(written), key=written.__getitem__, default="")


def total(counts: Iterable[int | None]) -> int | None:
    """Add what was counted; None when nothing was."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _objects(line: bytes) -> Iterator[Mapping[str, object]]:
    try:
        value = _encodable(json.loads(line))
    except (ValueError, RecursionError):
        return
    for item in cast("list[object]", value) if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield cast("dict[str, object]", item)


def _encodable(value: object) -> object:
    """Replace half surrogate pairs, which JSON may bring and nobody takes: neither a file, nor Temporal, nor GitHub."""
    text = json.dumps(value, ensure_ascii=False)
    return value if text.isascii() else json.loads(text.encode(errors="replace"))
