"""How much of an answer is taken: it travels in histories and ends in comments, which both have limits."""

from dataclasses import replace

from activities.checks.plain import cut, one_line
from workflows.model import Answer, Breakdown, Finding, Plan, PlanTask, Review, Verification

LINE = 300
TEXT = 2_000
LONG_TEXT = 8_000
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
        tasks=tuple(PlanTask(_line(task.title), cut(task.detail.strip(), TEXT)) for task in plan.tasks[:MAX_TASKS]),
        questions=tuple(cut(one_line(question), TEXT) for question in plan.questions[:MAX_QUESTIONS]),
        files=tuple(_line(path) for path in plan.files[:MAX_FILES]),
    )


def _verification(verification: Verification) -> Verification:
    unmet = tuple(
        cut(one_line(criterion), TEXT) for criterion in verification.unmet[:MAX_CRITERIA] if criterion.strip()
    )
    return Verification(unmet, cut(verification.remark.strip(), TEXT))


def _review(review: Review) -> Review:
    return Review(cut(review.summary.strip(), TEXT), tuple(map(_finding, review.findings[:MAX_FINDINGS])))


def _finding(finding: Finding) -> Finding:
    return replace(
        finding,
        path=_line(finding.path),
        title=_line(finding.title),
        detail=cut(finding.detail.strip(), TEXT),
        suggestion=None if finding.suggestion is None else cut(finding.suggestion, TEXT),
    )


def _breakdown(breakdown: Breakdown) -> Breakdown:
    parts = (replace(part, title=_line(part.title), text=cut(part.text.strip(), LONG_TEXT)) for part in breakdown.parts)
    return Breakdown(cut(breakdown.summary.strip(), TEXT), tuple(parts))


def _line(text: str) -> str:
    return cut(one_line(text), LINE)
