"""Workstreams: many units of work that build on each other, as a plan and as what became of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from workflows.model.configuration import RepoConfig
from workflows.model.items import Actor
from workflows.model.progress import Outcome
from workflows.model.spending import Spent
from workflows.model.work import Source


class UnitStatus(StrEnum):
    """Where a unit is. Only a waiting one is ever started; a retry makes it wait again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Something it depends on did not get done."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of work with a branch, a worktree and a work loop of its own."""

    slug: str
    """Its name in the plan; the end of its branch."""
    title: str
    text: str
    depends_on: tuple[str, ...] = ()
    """Slugs of units that have to be done before; this builds on their branches. On GitHub several have to land first,
    and it builds on the default branch."""
    number: int = 0
    """Of its own issue, which its pull request fixes; 0 where there is no GitHub."""


@dataclass(frozen=True, slots=True)
class WorkstreamPlan:
    """Units to work on, and how many of them at once."""

    id: str
    source: Source
    units: tuple[Unit, ...]
    number: int = 0
    """The issue the units are for, whose budget they share; 0 for none."""
    config: RepoConfig = field(default_factory=RepoConfig)
    read_config: bool = False
    """Let each unit read the repository's configuration instead of taking `config` as it is."""
    concurrency: int = 3
    branch_prefix: str = "aidp/"
    hold_seconds: float = 0
    """How long to stay after the last unit for somebody who wants failed ones to run again."""
    only: tuple[str, ...] = ()
    """Slugs of the units to run, if not all; the others are left as they are."""
    requester: Actor | None = None
    """Who is asked to review the units' pull requests."""
    report_to: str = ""
    """Id of the workflow that is told how the units are; empty for nobody."""


@dataclass(frozen=True, slots=True)
class UnitReport:
    """What became of a unit so far."""

    slug: str
    status: UnitStatus = UnitStatus.WAITING
    attempt: int = 0
    started: str = ""
    seconds: float = 0.0
    """How long its last attempt took; 0 while it runs."""
    branch: str = ""
    """Where its work was pushed; empty if it was not."""
    outcome: Outcome | None = None
    message: str = ""
    """The end of the agent's own summary."""
    pull_request: int = 0
    """Where its work is proposed."""
    landed: bool = False
    """Nobody has to wait for it any more: its pull request is merged, or its issue was closed."""
    waiting: str = ""
    """What holds it up, and how that ends; empty while it goes on. On GitHub, only what people alone can end."""
    spent: Spent = field(default_factory=Spent)
    """By its agents, in all attempts that are over."""


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """How many units have which status."""

    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: int = 0

    @classmethod
    def of(cls, units: Iterable[UnitReport]) -> "UnitCounts":
        """Count."""
        return cls(**Counter(unit.status.value for unit in units))


@dataclass(frozen=True, slots=True)
class WorkstreamSummary:
    """All units in the order of the plan: the live progress, and in the end the result."""

    units: tuple[UnitReport, ...]
    counts: UnitCounts
    seconds: float
    concurrency: int
    paused: bool = False
    held_until: str = ""
    """Everything has ended; until then it waits for somebody who wants a retry."""
