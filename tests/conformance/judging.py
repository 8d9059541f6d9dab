"""Hold what was recorded against GitHub's description."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from description import Description, Fault, Operation

OK = 200
OURS = "aidp/"
"""What our App's user agent begins with; other requests are those of stories, wrong on purpose now and then."""
BASE = re.compile(r"^/api/v3(?=/)")
NAME = re.compile(r"(?:query|mutation)\s+(\w+)")
UNDESCRIBED = re.compile(r"/.+\.git/.*|/repositories/\d+(/.*)?|(/api)?/graphql")
"""Git itself, the address a renamed repository redirects to, and GraphQL are no part of the description."""


GraphQL = Callable[[list[dict[str, object]]], list[list[str]]]
"""Says of each operation, with its answer, what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that GitHub would not send, or not take."""

    side: str
    """`request`, `answer` or `webhook`."""
    operation: str
    path: str
    says: str
    example: str = field(default="", compare=False)


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what was wrong with it."""

    requests: Counter[str] = field(default_factory=Counter[str])
    """By operation; those of our App."""
    answers: Counter[str] = field(default_factory=Counter[str])
    webhooks: Counter[str] = field(default_factory=Counter[str])
    violations: list[Violation] = field(default_factory=list[Violation])


def recorded(directory: Path) -> Iterator[dict[str, Any]]:
    """Read what a run of the suite has left."""
    for file in sorted(directory.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            yield json.loads(line)


def judge(description: Description, entries: Iterable[dict[str, Any]]) -> Verdict:
    """Look at everything."""
    verdict = Verdict()
    for entry in entries:
        match entry["kind"]:
            case "webhook":
                _judge_webhook(description, verdict, entry)
            case _:
                _judge_exchange(description, verdict, entry)
    return verdict


def _judge_webhook(description: Description, verdict: Verdict, entry: dict[str, Any]) -> None:
    action = entry["payload"].get("action")
    name = f"{entry['event']}{f'.{action}' if action else ''}"
    verdict.webhooks[name] += 1
    pointer = description.webhook(entry["event"], action)
    faults = description.faults(pointer, entry["payload"]) if pointer else [_whole("GitHub sends no such webhook")]
    verdict.violations += [_violation("webhook", name, fault, entry) for fault in faults]


def _judge_exchange(description: Description, verdict: Verdict, entry: dict[str, Any]) -> None:
    path = BASE.sub("", unquote(entry["path"]))
    if UNDESCRIBED.fullmatch(path):
        return
    operation = description.operation(entry["method"], path)
    if operation is None:
        fault = _whole("GitHub has no such operation")
        verdict.violations.append(_violation("request", f"{entry['method']} {path}", fault, entry))
        return
    verdict.requests[operation.name] += is_ours(entry)
    verdict.answers[operation.name] += 1
    if is_ours(entry) or entry["status"] < 300:
        faults = [*_query_faults(description, operation, entry), *_body_faults(description, operation, entry)]
        verdict.violations += [_violation("request", operation.name, fault, entry) for fault in faults]
    faults = _answer_faults(description, operation, entry)
    verdict.violations += [_violation("answer", f"{operation.name} {entry['status']}", it, entry) for it in faults]


def judge_graphql(verdict: Verdict, entries: Iterable[dict[str, Any]], judge_all: GraphQL) -> None:
    """Look at GraphQL operations and the answers to them; those that failed only if they are our App's."""
    found = [it for it in entries if it.get("path", "").endswith("/graphql") and it["status"] == OK]
    found = [it for it in found if is_ours(it) or "errors" not in it["answer"]]
    asked = [{**it["body"], "data": it["answer"].get("data")} for it in found]
    for entry, problems in zip(found, judge_all(asked) if asked else [], strict=True):
        name = f"graphql/{_name(entry['body']['query'])}"
        verdict.requests[name] += is_ours(entry)
        verdict.answers[name] += 1
        verdict.violations += [_violation("graphql", name, _whole(says), entry) for says in problems]


def _name(query: str) -> str:
    found = NAME.search(query)
    return found[1] if found else "unnamed"


def is_ours(entry: Mapping[str, Any]) -> bool:
    """Whether our App sent it."""
    return entry.get("agent", "").startswith(OURS)


def _query_faults(description: Description, operation: Operation, entry: dict[str, Any]) -> Iterator[Fault]:
    known = description.parameters(operation)
    for name, text in parse_qsl(entry["query"], keep_blank_values=True):
        if name not in known:
            yield Fault(f"?{name}", "GitHub knows no such parameter")
        elif problem := _misfit(known[name], text):
            yield Fault(f"?{name}", problem)


def _misfit(schema: dict[str, Any], text: str) -> str:
    if schema.get("type") == "integer" and not text.isdecimal():
        return f"{text} is no number"
    if "enum" in schema and text not in schema["enum"]:
        return f"{text} is none of {schema['enum']}"
    return ""


def _body_faults(description: Description, operation: Operation, entry: dict[str, Any]) -> list[Fault]:
    pointer, body = description.body(operation), entry["body"]
    if body is None:
        required = description.resolve(operation.definition.get("requestBody", {})).get("required")
        return [_whole("a body is required")] if required else []
    return description.faults(pointer, body, closed=True) if pointer else [_whole("GitHub takes no body here")]


def _answer_faults(description: Description, operation: Operation, entry: dict[str, Any]) -> list[Fault]:
    status, answer = entry["status"], entry["answer"]
    if status >= 500 or status in {301, 302, 304, 307}:  # faults that stories inject, redirects, nothing new
        return []
    pointer = description.answer(operation, status)
    if pointer is None:
        return [_whole(f"GitHub does not answer {status} here")]
    if not pointer:
        return [] if answer is None else [_whole("GitHub answers without a body here")]
    return description.faults(pointer, answer)


def _whole(says: str) -> Fault:
    return Fault("$", says)


def _violation(side: str, operation: str, fault: Fault, entry: dict[str, Any]) -> Violation:
    where = f"{entry['method']} {entry['path']}" if "path" in entry else entry["event"]
    return Violation(side, operation, fault.path, fault.says, example=f"{where}: {fault.value}")
