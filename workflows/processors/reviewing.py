"""Looking at a pull request from several perspectives at once, and posting what they found as one review."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import github_steps
from workflows.failures import failed_outcome
from workflows.model import (
    ConsultationSpec,
    Consulted,
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
SILENT = "No answer came from {perspectives}: {reasons}"
LEFT_OUT = "Not looked at, because it is generated or there was no room: {paths}"
NOTHING_FOUND = "Nothing was found that should be changed."
SINCE = "Only what changed since `{sha}` was looked at; that had been reviewed before."


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review that was posted."""

    head_sha: str
    findings: tuple[Finding, ...]
    silent: tuple[str, ...] = ()
    """Perspectives that gave no answer."""

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What should not be merged as it is."""
        return tuple(finding for finding in self.findings if finding.severity in BLOCKING)

    def __str__(self) -> str:
        """Count the findings by their gravity."""
        counts = Counter(finding.severity for finding in self.findings)
        return ", ".join(f"{counts[severity]} {severity}" for severity in Severity if counts[severity]) or "no findings"


class Reviewing:
    """One look at one commit of a pull request."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor

    async def review(self, pull_request: PullRequestState, since: str = "") -> Reviewed | Outcome:
        """Look at it and post the review; an outcome means that nobody could look."""
        perspectives = self._processor.config.review.perspectives
        answers = await asyncio.gather(
            *(self._look(pull_request, perspective, since) for perspective in perspectives), return_exceptions=True
        )
        looks = dict(zip(perspectives, map(_consulted, answers), strict=True))
        silent = {name: look.outcome.reason for name, look in looks.items() if look.outcome}
        if len(silent) == len(looks):
            return next(look.outcome for look in looks.values() if look.outcome)
        reviews = {name: look.answer.review for name, look in looks.items() if look.answer.review}
        findings = _merged(reviews.values())
        summary = _summary(reviews, silent, next(look.left_out for look in looks.values() if not look.outcome), since)
        head = next(look.head_sha for look in looks.values() if look.head_sha)
        await github_steps.post_review(ReviewPost(self._processor.item, head, summary, findings))
        return Reviewed(head, findings, tuple(silent))

    async def _look(self, pull_request: PullRequestState, perspective: str, since: str) -> Consulted:
        processor = self._processor
        return await processor.consult(
            ConsultationSpec(
                id=processor.child_id("look"),
                source=processor.source,
                task=Task(pull_request.title, pull_request.body),
                question=Question(Subject.REVIEW, processor.order.hint, perspective, since_sha=since),
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


def _merged(reviews: Iterable[Review]) -> tuple[Finding, ...]:
    """Put all findings together, the gravest first; what several saw at the same place under one name counts once."""
    order = list(Severity)
    findings = sorted((each for review in reviews for each in review.findings), key=lambda it: order.index(it.severity))
    return tuple({(each.path, each.line, each.title.casefold()): each for each in reversed(findings)}.values())[::-1]


def _summary(reviews: dict[str, Review], silent: dict[str, str], left_out: tuple[str, ...], since: str) -> str:
    parts = [f"**{name.capitalize()}**: {review.summary}" for name, review in reviews.items() if review.summary]
    if not any(review.findings for review in reviews.values()):
        parts.append(NOTHING_FOUND)
    if silent:
        parts.append(SILENT.format(perspectives=", ".join(silent), reasons="; ".join(silent.values())))
    if left_out:
        parts.append(LEFT_OUT.format(paths=", ".join(f"`{path}`" for path in left_out)))
    if since:
        parts.append(SINCE.format(sha=since[:8]))
    return "\n\n".join(parts)
