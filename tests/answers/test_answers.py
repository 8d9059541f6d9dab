"""What an agent answers becomes data, or the agent is told what is wrong with it."""

import json
from typing import Any

import pytest
from answers_scene import Desk, Lines, fenced
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from temporalio.converter import DataConverter

from activities.answers import AnswerActivities
from workflows.model import (
    Answer,
    AnswerRequest,
    Breakdown,
    Finding,
    Part,
    Plan,
    PlanTask,
    Question,
    Severity,
    Subject,
    Verification,
)

PLAN = Question(Subject.PLAN)
VERIFICATION = Question(Subject.VERIFICATION)
REVIEW = Question(Subject.REVIEW, perspective="security")
BREAKDOWN = Question(Subject.BREAKDOWN, max_parts=3)
SIMPLE = {"summary": "Divide safely.", "tasks": [{"title": "Raise"}]}
LARGEST_PAYLOAD = 100_000


def finding(**changes: object) -> dict[str, object]:
    """Write a finding as an agent would."""
    return {"path": "calc.py", "line": 11, "severity": "major", "title": "Divides by zero", **changes}


def part(slug: str, *needs: str) -> dict[str, object]:
    """Write a part as an agent would."""
    return {"slug": slug, "title": slug, "text": "Do it.", "depends_on": needs}


async def test_a_plan_is_read_as_written(desk: Desk) -> None:
    """Every key arrives; one that nobody asked for is let be."""
    tasks = [{"title": "Raise", "detail": "As `divmod` does."}, {"title": "Test"}]
    said = {"summary": "Divide safely.", "tasks": tasks, "questions": ["Floats, too?"], "files": ["a.py"], "mood": "+"}
    assert await desk.read(fenced(said), PLAN) == Answer(
        plan=Plan(
            "Divide safely.", (PlanTask("Raise", "As `divmod` does."), PlanTask("Test")), ("Floats, too?",), ("a.py",)
        )
    )


async def test_a_verification_is_read_as_written(desk: Desk) -> None:
    """Nothing unmet is an answer as good as any."""
    assert await desk.read(fenced({"unmet": []}), VERIFICATION) == Answer(verification=Verification())
    said = {"unmet": ["No test\nfor zero", " "], "remark": "Else fine."}
    read = await desk.read(fenced(said), VERIFICATION)
    assert read == Answer(verification=Verification(("No test for zero",), "Else fine."))


async def test_findings_are_told_whether_github_can_show_them(desk: Desk) -> None:
    """On the diff they are comments, with the change they suggest; elsewhere they are told, and suggest nothing."""
    said = [
        finding(suggestion="x = 1"),
        finding(start_line=10, line=12),
        finding(start_line=9, line=12, suggestion="x = 1"),
        finding(line=99, suggestion="x = 1"),
        finding(path="other.py"),
        finding(line=0),
        finding(line=-3),
        finding(start_line=12, line=10),
    ]
    read = await desk.read(fenced({"summary": "Hm.", "findings": said}), REVIEW)
    assert read.review
    assert [each.placed for each in read.review.findings] == [True, True, *[False] * 6]
    assert [each.suggestion for each in read.review.findings] == ["x = 1", *[None] * 7]
    assert {each.perspective for each in read.review.findings} == {"security"}
    assert read.review.findings[0] == Finding(
        "calc.py", 11, Severity.MAJOR, "Divides by zero", suggestion="x = 1", perspective="security"
    )


async def test_parts_are_read_with_what_they_need(desk: Desk) -> None:
    """A breakdown that can be built one by one is taken."""
    said = {"summary": "Two.", "parts": [part("parse"), part("show", "parse")]}
    assert await desk.read(fenced(said), BREAKDOWN) == Answer(
        breakdown=Breakdown("Two.", (Part("parse", "parse", "Do it."), Part("show", "show", "Do it.", ("parse",))))
    )


@pytest.mark.parametrize(
    "text",
    [
        fenced(SIMPLE),
        json.dumps(SIMPLE),
        f"Here:\n{json.dumps(SIMPLE, indent=2)}\nSTATUS: COMPLETE",
        f"~~~~JSON\n{json.dumps(SIMPLE)}\n~~~~",
        f"The form is:\n{fenced({'summary': '...'})}\nMy answer:\n{fenced(SIMPLE)}",
        f"In `calc.py`:\n```python\nprint({{}})\n```\n\n{fenced(SIMPLE)}",
        f"{fenced(SIMPLE)}\nI ran:\n```\nls\n```\n",
        f"{{not json}}\n{json.dumps(SIMPLE)}",
        f"```json\r\n{json.dumps(SIMPLE)}\r\n```\r\n",
    ],
)
async def test_the_object_is_found_wherever_it_stands(desk: Desk, text: str) -> None:
    """Agents write fences as they please, quote code, and talk before and after."""
    assert await desk.read(text, PLAN) == Answer(plan=Plan("Divide safely.", (PlanTask("Raise"),)))


@pytest.mark.parametrize(
    ("text", "question", "flaw"),
    [
        (
            "I would rather not.",
            PLAN,
            snapshot("there was no JSON object at the end of your answer; end it with one, between ```json and ```"),
        ),
        (
            "```json\n[1, 2]\n```",
            PLAN,
            snapshot("there was no JSON object at the end of your answer; end it with one, between ```json and ```"),
        ),
        (fenced({"tasks": "all"}), PLAN, snapshot("`summary` is missing; `tasks`: input should be a valid array")),
        (
            fenced({"summary": "Nothing."}),
            PLAN,
            snapshot("`tasks` is empty; name at least one step, or ask a question"),
        ),
        (fenced({"unmet": "nothing"}), VERIFICATION, snapshot("`unmet`: input should be a valid array")),
        (
            fenced({"summary": "", "findings": [finding(severity="bad")]}),
            REVIEW,
            snapshot("`findings.0.severity`: input should be 'high', 'major', 'minor' or 'nit'"),
        ),
        (
            fenced({"summary": "", "findings": [finding(line="ten")]}),
            REVIEW,
            snapshot("`findings.0.line`: input should be a valid integer, unable to parse string as an integer"),
        ),
        (fenced({"summary": "", "parts": []}), BREAKDOWN, snapshot("The plan has no units. Add at least one")),
        (
            fenced({"summary": "", "parts": [part("a")] * 4}),
            BREAKDOWN,
            snapshot("these are 4 parts and at most 3 are allowed; put some together"),
        ),
        (
            fenced({"summary": "", "parts": [part("a"), part("a")]}),
            BREAKDOWN,
            snapshot("2 units are named `a`. Give each its own name"),
        ),
        (
            fenced({"summary": "", "parts": [part("Über alles")]}),
            BREAKDOWN,
            snapshot("`Über alles` cannot name a unit. Use a-z, 0-9 and single dashes, at most 40 of them"),
        ),
        (
            fenced({"summary": "", "parts": [part("a", "z")]}),
            BREAKDOWN,
            snapshot("`a` depends on `z`, which is not in the plan. Add or remove it"),
        ),
        (
            fenced({"summary": "", "parts": [part("a", "b"), part("b", "a")]}),
            BREAKDOWN,
            snapshot("The units wait for each other: a -> b -> a. Remove one of these dependencies"),
        ),
    ],
)
async def test_a_flaw_says_what_to_write_instead(desk: Desk, text: str, question: Question, flaw: str) -> None:
    """The agent gets its mistake back in words it can act on."""
    assert await desk.read(text, question) == Answer(flaw=flaw)


async def test_no_answer_at_all_is_a_flaw(desk: Desk) -> None:
    """A file that is not there, or not ours, says nothing."""
    outside = desk.directory / "secret.json"
    outside.write_text(fenced(SIMPLE))
    assert (await desk.read("", PLAN)).flaw
    (desk.directory / "answers" / "link.md").symlink_to(outside)
    hand = AnswerActivities(Lines())
    for name in ("missing.md", "link.md", "../secret.json"):
        request = AnswerRequest(desk.workspace, PLAN, str(desk.directory / "answers" / name))
        assert (await hand.read_answer(request)).flaw


LONG = "ä" * 20_000


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ({"summary": LONG, "tasks": [{"title": LONG, "detail": LONG[:3000]}] * 31, "questions": [LONG] * 2}, PLAN),
        ({"unmet": [LONG[:2000]] * 40, "remark": LONG}, VERIFICATION),
        ({"summary": LONG, "findings": [finding(detail=LONG[:1500], suggestion="x" * 1900)] * 60}, REVIEW),
        ({"summary": LONG, "parts": [part(f"p{number}") | {"text": LONG[:9000]} for number in range(3)]}, BREAKDOWN),
    ],
)
async def test_long_answers_fit_into_a_history(desk: Desk, said: dict[str, Any], question: Question) -> None:
    """However much an agent writes, what is kept of it is bounded."""
    text = f"```json\n{json.dumps(said, ensure_ascii=False)}\n```"[:190_000]
    read = await desk.read(text, question)
    [payload] = await DataConverter.default.encode([read])
    assert len(payload.data) < LARGEST_PAYLOAD


async def test_the_gravest_findings_are_kept(desk: Desk) -> None:
    """Where there are too many, the least grave go."""
    said = [finding(severity="nit", title=f"nit {number}") for number in range(60)] + [finding(severity="high")]
    read = await desk.read(fenced({"summary": "", "findings": said}), REVIEW)
    assert read.review
    assert len(read.review.findings) == 50
    assert read.review.findings[0].severity is Severity.HIGH


async def test_a_suggestion_is_whole_or_not_there(desk: Desk) -> None:
    """Half a suggestion, applied with one click, would break the code."""
    read = await desk.read(fenced({"summary": "", "findings": [finding(suggestion="x" * 2001)]}), REVIEW)
    assert read.review
    assert read.review.findings[0].suggestion is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["summary", "tasks", "title", "findings", "line", "parts", "unmet"]), inner)
    ),
    max_leaves=9,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | JSON.map(fenced) | st.binary(), subject=st.sampled_from(list(Subject)))
@example(text='{"a":' * 5_000 + "1" + "}" * 5_000, subject=Subject.PLAN)
@example(text='{"summary": "\\ud800", "tasks": [{"title": "\\udfff"}]}', subject=Subject.PLAN)
@example(text='{"unmet": ["' + "\\u0000" * 9 + '"]}', subject=Subject.VERIFICATION)
@example(text='{"summary": "", "findings": [{"line": 1e999}]}', subject=Subject.REVIEW)
@example(text="{\n" * 50_000, subject=Subject.PLAN)
async def test_reading_is_total(desk: Desk, text: str | bytes, subject: Subject) -> None:
    """Whatever the file holds, there is an answer or a flaw, and it can travel."""
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    read = await desk.read(raw, Question(subject))
    kinds = [read.plan, read.verification, read.review, read.breakdown, read.flaw]
    assert sum(bool(kind) or (kind is not None and kind != "") for kind in kinds) == 1
    await DataConverter.default.encode([read])
