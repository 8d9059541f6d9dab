"""From an agent's words to data: the last JSON object in its answer, read strictly where it matters."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from workflows.dag import find_flaw
from workflows.model import Answer, Breakdown, Plan, Question, Review, Source, Subject, Verification
from workflows.model.workstreams import Unit, WorkstreamPlan

FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*(?:json)?[ \t]*$", re.IGNORECASE | re.MULTILINE)
MAX_OBJECTS = 20
"""So many places are tried, from the end."""
MAX_FLAWS = 5
NO_JSON = "there was no JSON object at the end of your answer; end it with one, between ```json and ```"
TOO_DEEP = "the JSON object is nested too deeply; keep to the form"
EMPTY_PLAN = "`tasks` is empty; name at least one step, or ask a question"
TOO_MANY_PARTS = "these are {count} parts and at most {most} are allowed; put some together"

T = TypeVar("T")


class AnswerFlaw(Exception):  # noqa: N818  # the agent gets it as an answer, not as an error
    """The answer cannot be used; the message tells the agent why."""


def read(text: str, question: Question) -> Answer:
    """Read the answer to a question; raises `AnswerFlaw`."""
    found = _last_object(text)
    if found is None:
        raise AnswerFlaw(NO_JSON)
    match question.subject:
        case Subject.PLAN:
            return Answer(plan=_useful(_typed(found, Plan)))
        case Subject.VERIFICATION:
            return Answer(verification=_typed(found, Verification))
        case Subject.REVIEW:
            return Answer(review=_typed(found, Review))
        case Subject.BREAKDOWN:
            return Answer(breakdown=_sound(_typed(found, Breakdown), question.max_parts))


def _last_object(text: str) -> dict[str, Any] | None:
    """Find the last JSON object that is one: agents like to quote examples before they answer."""
    for tried, candidate in enumerate(_candidates(text)):
        if tried >= MAX_OBJECTS:
            return None
        try:
            value: object = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return cast("dict[str, Any]", value)
    return None


def _candidates(text: str) -> Iterator[str]:
    """Offer what stands between fences, the last first; then what begins with a brace at the start of a line."""
    fences = list(FENCE.finditer(text))
    for opening, closing in reversed(list(pairwise(fences))):
        yield text[opening.end() : closing.start()]
    end = text.rfind("}") + 1
    starts = [found.start() for found in re.finditer(r"^[ \t]*\{", text[:end], re.MULTILINE)]
    for start in reversed(starts):
        yield text[start:end]


def _typed(found: dict[str, Any], kind: type[T]) -> T:
    """Read an object into a dataclass; keys that nobody asked for are let be."""
    try:
        return TypeAdapter(kind).validate_json(json.dumps(found))
    except RecursionError:
        raise AnswerFlaw(TOO_DEEP) from None
    except ValidationError as error:
        flaws = [_flaw(detail) for detail in error.errors(include_url=False)[:MAX_FLAWS]]
        raise AnswerFlaw("; ".join(flaws)) from None


def _flaw(detail: ErrorDetails) -> str:
    place = ".".join(map(str, detail["loc"])) or "the object"
    if detail["type"] == "missing":
        return f"`{place}` is missing"
    return f"`{place}`: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _useful(plan: Plan) -> Plan:
    """Refuse what nobody could build, approve or answer."""
    if not plan.tasks and not plan.questions:
        raise AnswerFlaw(EMPTY_PLAN)
    return plan


def _sound(breakdown: Breakdown, most: int) -> Breakdown:
    """Refuse what cannot be built one by one."""
    if len(breakdown.parts) > most:
        raise AnswerFlaw(TOO_MANY_PARTS.format(count=len(breakdown.parts), most=most))
    units = tuple(Unit(part.slug, part.title, part.text, part.depends_on) for part in breakdown.parts)
    if flaw := find_flaw(WorkstreamPlan("", Source(), units)):
        raise AnswerFlaw(flaw.rstrip("."))
    return breakdown
