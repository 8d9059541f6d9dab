"""Agents' answers as data: whatever an agent wrote, what leaves here has the right form or says why it has not."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.answers.bounds import bounded
from activities.answers.forms import AnswerFlaw, read
from activities.checks.tree import read_inside
from workflows.model import Answer, AnswerRequest, Finding, Review, Subject, Workspace

MAX_BYTES = 200_000


class Diff(Protocol):
    """Whoever knows which lines of a workspace's diff can be commented on."""

    async def positions(self, workspace: Workspace) -> frozenset[tuple[str, int]]:
        """List paths and lines, as they are after the change."""
        ...


class AnswerActivities:
    """The answering half of the port `Agents`, on the host that has the agent's output."""

    def __init__(self, diff: Diff) -> None:
        self._diff = diff

    @activity.defn
    async def read_answer(self, request: AnswerRequest, /) -> Answer:
        """Read what an agent answered; a flaw says why it is of no use, in words for the agent."""
        text = await asyncio.to_thread(_read, request)
        try:
            answer = bounded(read(text, request.question))
        except AnswerFlaw as flaw:
            return Answer(flaw=str(flaw))
        if request.question.subject is Subject.REVIEW and answer.review:
            return Answer(review=await self._placed(answer.review, request))
        return answer

    async def _placed(self, review: Review, request: AnswerRequest) -> Review:
        """Tell the findings that GitHub can show on the diff from the others."""
        positions = await self._diff.positions(request.workspace)
        findings = (_placed(each, positions, request.question.perspective) for each in review.findings)
        return replace(review, findings=tuple(findings))


def _read(request: AnswerRequest) -> str:
    path = Path(request.file)
    return read_inside(Path(request.workspace.directory, "answers"), path.name, MAX_BYTES) or ""


def _placed(finding: Finding, positions: frozenset[tuple[str, int]], perspective: str) -> Finding:
    lines = range(finding.start_line or finding.line, finding.line + 1)
    placed = bool(lines) and all((finding.path, line) in positions for line in lines)
    return replace(finding, placed=placed, perspective=perspective, suggestion=finding.suggestion if placed else None)
