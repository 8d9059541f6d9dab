"""Questions to an agent that only reads, and its answers as data."""

from dataclasses import dataclass, field
from enum import StrEnum

from workflows.model.configuration import RepoConfig
from workflows.model.progress import Outcome
from workflows.model.spending import Spent
from workflows.model.work import Basis, Source, Task, Workspace


class Subject(StrEnum):
    """What a question is about; it decides the prompt and the schema of the answer."""

    PLAN = "plan"
    VERIFICATION = "verification"
    REVIEW = "review"
    BREAKDOWN = "breakdown"


@dataclass(frozen=True, slots=True)
class PlanTask:
    """One step of a plan."""

    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an agent intends to do about an issue."""

    summary: str
    tasks: tuple[PlanTask, ...] = ()
    questions: tuple[str, ...] = ()
    """What a person has to decide first; a question's number is its place, from 1."""
    files: tuple[str, ...] = ()
    """Paths that are likely to change."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a change does all that was asked for."""

    unmet: tuple[str, ...] = ()
    """Acceptance criteria that are not met, each with what is missing."""
    remark: str = ""


class Severity(StrEnum):
    """How much a finding matters, worst first."""

    HIGH = "high"
    MAJOR = "major"
    MINOR = "minor"
    NIT = "nit"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a review found."""

    path: str
    line: int
    """In the file as it is after the change; 0 for the file as a whole."""
    severity: Severity
    title: str
    detail: str = ""
    start_line: int = 0
    """First line, when it is about several."""
    suggestion: str | None = None
    """What should stand in place of these lines."""
    perspective: str = ""
    placed: bool = True
    """Whether GitHub takes a comment on that line: it is part of the diff."""


@dataclass(frozen=True, slots=True)
class Review:
    """What one perspective says about one part of a change."""

    summary: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a project, as an agent proposes it."""

    slug: str
    title: str
    text: str
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A large issue in pieces that can be built one by one."""

    summary: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question to an agent about the code in a workspace."""

    subject: Subject
    context: str = ""
    """Markdown from us: the plan so far, answers, acceptance criteria, a perspective's focus."""
    perspective: str = ""
    """Of a review: who looks."""
    chunk: int = 0
    """Of a review: which part of the diff, from 0."""
    since_sha: str = ""
    """Of a review: only what changed since this commit."""
    max_parts: int = 20
    """Of a breakdown."""


@dataclass(frozen=True, slots=True)
class QuestionRequest:
    """Write the prompt of a question."""

    workspace: Workspace
    attempt: int
    question: Question
    instructions: tuple[str, ...] = ()
    """What people have added while it ran."""
    flaw: str = ""
    """Why the last answer could not be used."""


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Read an agent's answer from the host."""

    workspace: Workspace
    question: Question
    file: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent answered: exactly one of these, or the flaw that makes the answer unusable."""

    plan: Plan | None = None
    verification: Verification | None = None
    review: Review | None = None
    breakdown: Breakdown | None = None
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationSpec:
    """One question to an agent, in a workspace of its own."""

    id: str
    source: Source
    task: Task
    question: Question
    number: int = 0
    branch: str = ""
    """What to look at; empty for the default branch."""
    start_branch: str = ""
    """What it is compared with; empty for the default branch."""
    pull: int = 0
    basis: Basis = Basis.READ
    config: RepoConfig = field(default_factory=RepoConfig)
    report_to: str = ""
    """Id of the workflow that wants `Progress` signals; empty for nobody."""


@dataclass(frozen=True, slots=True)
class Consulted:
    """What a consultation brought, and what it cost."""

    answer: Answer = field(default_factory=Answer)
    outcome: Outcome | None = None
    """Why there is no answer: nobody could give one, or it was cancelled."""
    base_sha: str = ""
    head_sha: str = ""
    """The commit that was looked at."""
    provider: str = ""
    spent: Spent = field(default_factory=Spent)
    left_out: tuple[str, ...] = ()
    """Of a review: paths that nobody looked at, because they are generated or there was no room."""
