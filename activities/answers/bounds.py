"""How much of an answer is taken: it travels in histories and ends in comments, which both have limits."""

from dataclasses import replace
from itertools import accumulate

from activities.checks.plain import cut, one_line
from workflows.model import Answer, Breakdown, Finding, Part, Plan, PlanTask, Review, Severity, Verification

LINE = 300
TEXT = 2_000
DETAIL = 1_500
PART = 4_000
FINDINGS = 80_000
"""Bytes in all findings of an answer; what is beyond is the least grave."""
MAX_TASKS = 30
MAX_QUESTIONS = 10
MAX_FILES = 50
MAX_FINDINGS = 50
MAX_CRITERIA = 20


def bounded(answer: Answer) -> Answer:
    """Cut what is longer than anybody reads."""
    return Answer(
        plan=_plan(answer.plan) if answer.plan else None,
        verification=_verification(answer.verification) if answer.verification else None,
        review=_review(answer.review) if answer.review else None,
        breakdown=_breakdown(answer.breakdown) if answer.breakdown else None,
    )


def _plan(plan: Plan) -> Plan:
    return Plan(
        summary=cut(plan.summary.strip(), TEXT),
        tasks=tuple(PlanTask(_line(task.title), cut(task.detail.strip(), DETAIL)) for task in plan.tasks[:MAX_TASKS]),
        questions=tuple(cut(one_line(question), TEXT) for question in plan.questions[:MAX_QUESTIONS]),
        files=tuple(_line(path) for path in plan.files[:MAX_FILES]),
    )


def _verification(verification: Verification) -> Verification:
    unmet = tuple(
        cut(one_line(criterion), TEXT) for criterion in verification.unmet[:MAX_CRITERIA] if criterion.strip()
    )
    return Verification(unmet, cut(verification.remark.strip(), TEXT))


def _review(review: Review) -> Review:
    order = list(Severity)
    gravest = sorted(review.findings, key=lambda it: order.index(it.severity))[:MAX_FINDINGS]
    findings = [_finding(each) for each in gravest]
    sizes = accumulate(len(f"{each.path}{each.title}{each.detail}{each.suggestion}".encode()) for each in findings)
    fitting = (each for each, size in zip(findings, sizes, strict=True) if size <= FINDINGS)
    return Review(cut(review.summary.strip(), TEXT), tuple(fitting))


def _finding(finding: Finding) -> Finding:
    return replace(
        finding,
        path=_line(finding.path),
        line=max(finding.line, 0),
        start_line=max(finding.start_line, 0),
        title=_line(finding.title),
        detail=cut(finding.detail.strip(), TEXT),
        suggestion=_whole(finding.suggestion),
        perspective="",
    )


def _whole(suggestion: str | None) -> str | None:
    """Take a suggestion as it is or not at all: cut, it would break the code it is put into."""
    return suggestion if suggestion is not None and len(suggestion.encode()) <= TEXT else None


def _breakdown(breakdown: Breakdown) -> Breakdown:
    return Breakdown(cut(breakdown.summary.strip(), TEXT), tuple(map(_part, breakdown.parts)))


def _part(part: Part) -> Part:
    needs = tuple(dict.fromkeys(part.depends_on))
    return Part(part.slug, _line(part.title), cut(part.text.strip(), PART), needs)


def _line(text: str) -> str:
    return cut(one_line(text), LINE)
