"""What is written on issues beside the status comment: plans, questions, sub-issues."""

from dataclasses import dataclass, field

from workflows.model.answers import Part, Plan
from workflows.model.items import Actor, Item


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """A person's answer to one of the plan's questions."""

    question: int
    """Its number, from 1; 0 for an answer to all of them together."""
    text: str
    author: str
    asked: str = ""
    """The question itself; the next plan may have others, or none."""


@dataclass(frozen=True, slots=True)
class PlanPost:
    """The one plan comment of an issue."""

    item: Item
    plan: Plan
    version: int
    """From 1; a new version folds the one before away."""
    requester: Actor
    before: Plan | None = None
    """The version before this one."""
    answers: tuple[PlanAnswer, ...] = ()
    needs_approval: bool = True
    approved_by: str = ""
    note: str = ""
    """What happened to it: rejected, closed, void."""
    comment_id: int = 0
    """The comment, once known; 0 makes the hand look for it."""


@dataclass(frozen=True, slots=True)
class WrittenPlan:
    """The plan comment as GitHub has it now."""

    comment_id: int
    digest: str
    """Of the comment's text: any edit changes it."""
    url: str = ""


@dataclass(frozen=True, slots=True)
class SubIssue:
    """A part of a project as an issue of its own."""

    slug: str
    number: int
    title: str = ""
    open: bool = True


@dataclass(frozen=True, slots=True)
class SubIssueDraft:
    """A part to open an issue for, unless it has one."""

    item: Item
    """The project's issue."""
    part: Part
    labels: tuple[str, ...] = ()
    blocked_by: tuple[int, ...] = ()
    """Numbers of the sub-issues it waits for."""


@dataclass(frozen=True, slots=True)
class ProjectUnit:
    """Where one part of a project is."""

    slug: str
    title: str
    number: int
    """Of its sub-issue."""
    status: str
    depends_on: tuple[int, ...] = ()
    pull_request: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProjectPost:
    """The progress of a project, on its issue."""

    item: Item
    summary: str
    units: tuple[ProjectUnit, ...] = field(default_factory=tuple)
    comment_id: int = 0
    """The comment, once known; 0 makes the hand look for it."""
