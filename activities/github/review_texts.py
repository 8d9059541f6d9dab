"""The words of our reviews; what an agent found is other people's text here."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from activities.github.comments import render
from activities.github.markdown import MAX_BODY, Markdown, marked
from workflows.model import Finding, ReviewPost, Severity

REVIEW_MARKER = re.compile(r"<!-- aidp:review v1 sha=([0-9a-f]{40,64})(?: key=([\w:.-]+))? -->")
ICONS = {
    Severity.HIGH: "🔴",
    Severity.MAJOR: "🟠",
    Severity.MINOR: "🟡",
    Severity.NIT: "⚪",
}
MAX_DETAIL = 6_000


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding, ready for its template."""

    icon: Markdown
    title: str
    place: str
    detail: str
    suggestion: str | None
    perspective: str


def review_body(post: ReviewPost, findings: Sequence[Finding]) -> str:
    """Write the review's own text, with the findings that have no place on the diff."""
    counted = Counter(finding.severity for finding in post.findings)
    nits = [shown(finding) for finding in findings if finding.severity is Severity.NIT]
    body = render(
        "review",
        summary=post.summary,
        tally=Markdown(" · ".join(f"{icon} {it} {counted[it]}" for it, icon in ICONS.items() if counted[it])),
        findings=[shown(finding) for finding in findings if finding.severity is not Severity.NIT],
        nits=nits,
    )
    key = f" key={post.key}" if post.key else ""
    return marked(body, f"<!-- aidp:review v1 sha={post.head_sha}{key} -->")


def line_comment(finding: Finding) -> str:
    """Write what is said on a line."""
    return render("finding", finding=shown(finding))[:MAX_BODY]


def shown(finding: Finding) -> ShownFinding:
    """Prepare a finding for its template."""
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return ShownFinding(
        icon=Markdown(ICONS[finding.severity]),
        title=finding.title,
        place=place,
        detail=finding.detail[:MAX_DETAIL],
        suggestion=_short(finding.suggestion),
        perspective=finding.perspective,
    )


def _short(suggestion: str | None) -> str | None:
    """Leave out a suggestion that is too long to be one: cut, it would break the code."""
    return suggestion if suggestion is not None and len(suggestion) <= MAX_DETAIL else None
