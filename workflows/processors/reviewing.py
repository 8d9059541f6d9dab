"""Looking at a pull request from several perspectives at once, and posting what they found as one review."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import github_steps
from workflows.failures import failed_outcome
from workflows.model import (
    ConsultationSpec,
    Consulted,
    Ending,
    Finding,
    Outcome,
    PullRequestState,
    Question,
    Review,
    ReviewPost,
    Severity,
    Subject,
    Task,
)
from workflows.processors.processor import Processor

BLOCKING = frozenset({Severity.HIGH, Severity.MAJOR})
FOCUS = "focus:"
SILENT = "No answer came from {perspectives}: {reasons}"
LEFT_OUT = "Not looked at, because it is generated or there was no room: {paths}"
NOTHING_FOUND = "Nothing was found that should be changed."
SINCE = "`{sha}` had been reviewed before; where this goes on from it, only what changed since was looked at."


def focus_key(focus: str) -> str:
    """Name the review that looks at something in particular; empty for the usual one."""
    return f"{FOCUS}{hashlib.sha256(focus.strip().encode()).hexdigest()[:12]}" if focus.strip() else ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is to be looked at."""

    pull_request: PullRequestState
    focus: str = ""
    """What matters above all."""
    since: str = ""
    """A commit that was reviewed before; empty for the whole diff."""
    key: str = ""
    """Tells this review from others of the same commit."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review that was posted."""

    head_sha: str
    findings: tuple[Finding, ...]
    silent: tuple[str, ...] = ()
    """Perspectives that gave no answer."""
    left_out: tuple[str, ...] = ()
    """Paths that nobody looked at."""
    unjudged: tuple[Finding, ...] = ()
    """What should not be merged either, as an earlier look found, and what nobody could look at again."""

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What should not be merged as it is."""
        return tuple(finding for finding in self.findings if finding.severity in BLOCKING)

    def added_to(self, earlier: "Reviewed") -> "Reviewed":
        """Add what an earlier look left: this one was only about what is new since then."""
        return replace(
            self,
            findings=tuple(dict.fromkeys((*earlier.findings, *self.findings))),
            silent=tuple(dict.fromkeys((*earlier.silent, *self.silent))),
            left_out=tuple(dict.fromkeys((*earlier.left_out, *self.left_out))),
            unjudged=earlier.unjudged,
        )

    def instead_of(self, earlier: "Reviewed") -> "Reviewed":
        """Forget what an earlier look found, but not where nobody has looked again."""
        before = (*earlier.blocking, *earlier.unjudged)
        unjudged = (it for it in before if it.perspective in self.silent or it.path in self.left_out)
        return replace(self, unjudged=tuple(unjudged))

    def __str__(self) -> str:
        """Count the findings by their gravity."""
        counts = Counter(finding.severity for finding in self.findings)
        return ", ".join(f"{counts[severity]} {severity}" for severity in Severity if counts[severity]) or "no findings"


class Reviewing:
    """One look at one commit of a pull request."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor

    async def review(self, assignment: Assignment) -> Reviewed | Outcome:
        """Look at it and post the review; an outcome means that nobody could look, or that somebody cancelled it."""
        perspectives = self._processor.config.review.perspectives
        answers = await asyncio.gather(
            *(self._look(assignment, perspective) for perspective in perspectives), return_exceptions=True
        )
        looks = dict(zip(perspectives, map(_consulted, answers), strict=True))
        failures = {name: look.outcome for name, look in looks.items() if look.outcome}
        if outcome := _fatal(failures.values(), len(looks)):
            return outcome
        return await self._post(assignment, {name: looks[name] for name in looks if name not in failures}, failures)

    async def _post(
        self, assignment: Assignment, looks: Mapping[str, Consulted], failures: Mapping[str, Outcome]
    ) -> Reviewed:
        reviews = {name: look.answer.review for name, look in looks.items() if look.answer.review}
        findings = _merged(reviews.values())
        one = next(iter(looks.values()))
        parts = [*_said(reviews), *_unsaid(failures, one.left_out, assignment.since)]
        post = ReviewPost(self._processor.item, one.head_sha, "\n\n".join(parts), findings, assignment.key)
        await github_steps.post_review(post)
        return Reviewed(one.head_sha, findings, tuple(failures), one.left_out)

    async def _look(self, assignment: Assignment, perspective: str) -> Consulted:
        processor, pull_request = self._processor, assignment.pull_request
        return await processor.consult(
            ConsultationSpec(
                id=processor.child_id("look"),
                source=processor.source,
                task=Task(pull_request.title, pull_request.body),
                question=Question(Subject.REVIEW, assignment.focus, perspective, since_sha=assignment.since),
                number=processor.item.number,
                branch=pull_request.head_branch,
                start_branch=pull_request.base_branch,
                pull=pull_request.number,
                config=processor.config,
                report_to=workflow.info().workflow_id,
            )
        )


def _consulted(answer: Consulted | BaseException) -> Consulted:
    """Take one perspective's failure as its silence; a cancellation is everybody's."""
    match answer:
        case Consulted():
            return answer
        case FailureError():
            return Consulted(outcome=failed_outcome(answer))
        case _:
            raise answer


def _fatal(failures: Iterable[Outcome], looks: int) -> Outcome | None:
    """Choose why there is no review: one look was cancelled, which means all of them, or none has answered."""
    found = sorted(failures, key=lambda it: it.ending is not Ending.CANCELLED)
    return found[0] if found and (found[0].ending is Ending.CANCELLED or len(found) == looks) else None


def _merged(reviews: Iterable[Review]) -> tuple[Finding, ...]:
    """Put all findings together, the gravest first; what several saw at the same place under one name counts once."""
    order = list(Severity)
    findings = sorted((each for review in reviews for each in review.findings), key=lambda it: order.index(it.severity))
    return tuple({(each.path, each.line, each.title.casefold()): each for each in reversed(findings)}.values())[::-1]


def _said(reviews: Mapping[str, Review]) -> list[str]:
    parts = [f"**{name.capitalize()}**: {review.summary}" for name, review in reviews.items() if review.summary]
    found = any(review.findings for review in reviews.values())
    return parts if found else [*parts, NOTHING_FOUND]


def _unsaid(failures: Mapping[str, Outcome], left_out: tuple[str, ...], since: str) -> list[str]:
    """Tell what nobody has looked at."""
    reasons = "; ".join(outcome.reason for outcome in failures.values())
    told = [
        SILENT.format(perspectives=", ".join(failures), reasons=reasons) if failures else "",
        LEFT_OUT.format(paths=", ".join(f"`{path}`" for path in left_out)) if left_out else "",
        SINCE.format(sha=since[:8]) if since else "",
    ]
    return [text for text in told if text]
