"""`.aidp/aidp.yml` as the rooms share it; every field has a working default."""

from dataclasses import dataclass, field
from enum import StrEnum


class Category(StrEnum):
    """What a check is about; it decides which activity runs it and how its output is read."""

    TEST = "test"
    LINT = "lint"
    FORMAT = "format"
    BUILD = "build"
    DOCS = "docs"
    OTHER = "other"


class Phase(StrEnum):
    """When a check runs."""

    EACH_UNIT = "each_unit"
    """After every agent run."""
    ON_COMPLETION = "on_completion"
    """Only in an iteration in which the agent claims to be done."""
    FULL_LOOP = "full_loop"
    """Once, when everything else passes."""


@dataclass(frozen=True, slots=True)
class CheckCommand:
    """One command of the repository that must succeed (or, if not `required`, is only reported)."""

    name: str
    command: str
    """A shell command line, run with `sh -c` in the root of the worktree."""
    category: Category = Category.OTHER
    phase: Phase = Phase.EACH_UNIT
    required: bool = True
    timeout_seconds: int = 600


@dataclass(frozen=True, slots=True)
class Labels:
    """Label names; a repository may rename them, but each must begin with the operator's label prefix."""

    plan: str = "aidp-plan"
    build: str = "aidp-build"
    auto: str = "aidp-auto"
    review: str = "aidp-review"
    fix_ci: str = "aidp-fix-ci"
    request_changes: str = "aidp-request-changes"
    rebase: str = "aidp-rebase"
    project: str = "aidp-project"
    working: str = "aidp-working"
    needs_input: str = "aidp-needs-input"
    ready: str = "aidp-ready"
    blocked: str = "aidp-blocked"


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent; `None` sets no limit."""

    iterations: int | None = None
    minutes: float | None = None
    tokens: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits for one run, for all runs of one issue, and for a repository's day (UTC)."""

    run: Limits = field(default_factory=Limits)
    issue: Limits = field(default_factory=Limits)
    day: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Guards:
    """Which changes an agent may make. Globs are matched against whole paths; `**` crosses folders."""

    include: tuple[str, ...] = ()
    """If not empty, only these paths may change."""
    exclude: tuple[str, ...] = ()
    """These may not; exclusion wins."""
    confirm: tuple[str, ...] = ()
    """These may once a person has approved it."""
    allow_protected: tuple[str, ...] = ()
    """Opens paths that are protected by default, such as `.github/workflows/**`."""
    max_changed_lines: int | None = 2000
    max_file_bytes: int | None = 1_000_000
    keep_tests: bool = False
    """Whether deleting, skipping or weakening tests is refused."""


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """How plans are made and waited for."""

    first: bool = True
    """Whether a build without a plan makes one first."""
    remind_hours: float = 48
    """Whoever has to answer or approve is reminded after this long, and then as often, but at most once a day."""
    close_hours: float = 336
    """After this long without an answer the plan is put away."""


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """How pull requests are reviewed."""

    perspectives: tuple[str, ...] = ("senior", "security", "performance")
    """Who looks; names without a text of their own are given to the agent as they are."""
    max_chunks: int = 8
    """Parts of about 60 KB into which a large diff is cut; what is beyond is not looked at, and that is said."""


@dataclass(frozen=True, slots=True)
class CiSettings:
    """What is done about red CI."""

    fix: bool = False
    """Whether red CI on a pull request of aidp is fixed without being asked."""
    attempts: int = 3
    """Fixes that are pushed for one pull request until somebody has to look."""
    settle_seconds: float = 20
    """Quiet time after the last check, in which others may still begin; fifteen times as long before the first."""
    rerun: bool = True
    """Whether a failure that looks accidental is run again before it is worked on."""


@dataclass(frozen=True, slots=True)
class PullRequestSettings:
    """How pull requests are opened and looked after."""

    draft: bool = True
    verify_rounds: int = 2
    """How often an agent compares the finished work with what was asked for; 0 for never."""
    auto_attempts: int = 5
    """Fixes `aidp-auto` pushes until somebody has to look."""
    change_rounds: int = 3
    """Reviews asking for changes that are worked off without being asked."""
    rebase_on_push: bool = False
    """Whether our pull requests follow their base without being asked."""


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """How large issues are cut into pieces."""

    max_units: int = 20
    concurrency: int = 3


@dataclass(frozen=True, slots=True)
class RepoConfig:
    """`.aidp/aidp.yml` of the default branch; every field has a working default."""

    commands: tuple[CheckCommand, ...] | None = None
    """`None`: nothing configured, detect them in the worktree."""
    providers: tuple[str, ...] = ()
    """Agents in order of preference, each as `name` or `name/model`; empty means the operator's order."""
    max_iterations: int = 50
    branch_prefix: str = "aidp/"
    labels: Labels = field(default_factory=Labels)
    budget: Budget = field(default_factory=Budget)
    guards: Guards = field(default_factory=Guards)
    plan: PlanSettings = field(default_factory=PlanSettings)
    review: ReviewSettings = field(default_factory=ReviewSettings)
    ci: CiSettings = field(default_factory=CiSettings)
    pull_request: PullRequestSettings = field(default_factory=PullRequestSettings)
    project: ProjectSettings = field(default_factory=ProjectSettings)
