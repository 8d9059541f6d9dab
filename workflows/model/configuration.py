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

    build: str = "aidp-build"
    working: str = "aidp-working"
    needs_input: str = "aidp-needs-input"


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
