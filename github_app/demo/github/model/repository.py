"""A repository and all that is in it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from github_app.demo.github.model.accounts import User
from github_app.demo.github.model.checks import CheckRun, CheckSuite, Job, Status, WorkflowRun
from github_app.demo.github.model.issues import Comment, Issue, Label, Reaction
from github_app.demo.github.model.pulls import Review, ReviewComment, Thread

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""Roles of a person in a repository, weakest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Repository:
    """A repository: its own facts and the collections in it. Two are equal only when they are the same."""

    id: int
    owner: User
    name: str
    path: Path
    """The bare git repository."""
    created_at: datetime
    private: bool = False
    default_branch: str = "main"
    ci: str | None = None
    """The shell command of its CI."""
    parent_id: int | None = None
    """Of the repository that this is a fork of."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)
    """Of issues and pull requests: never given twice."""
    archived: bool = False
    """Nothing in it can be changed any more."""
    deleted: set[int] = field(default_factory=set[int])
    """The numbers of issues that are gone."""
    moved: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    """Where issues went: the id of the repository, and the number there."""
    native_sub_issues: bool = True
    """Older GitHubs have no sub-issues and no dependencies."""
    flaky: bool = False
    """Its CI fails once for each commit, whatever was pushed."""
    required_checks: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By branch: the checks that its ruleset asks for."""
    protected: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By branch: the checks that its protection asks for, which is older than rulesets."""
    pushes: list[datetime] = field(default_factory=list[datetime])
    """When something was pushed, oldest first."""
    roles: dict[int, str] = field(default_factory=dict[int, str])
    labels: dict[str, Label] = field(default_factory=dict[str, Label])
    """By lower-case name: GitHub's labels keep their case but are found without it."""
    issues: dict[int, Issue] = field(default_factory=dict[int, Issue])
    comments: dict[int, Comment] = field(default_factory=dict[int, Comment])
    sub_issues: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """By the number of the parent: the ids of its parts, which may be in other repositories."""
    blocked_by: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """By number: the ids of what has to be done first."""
    reactions: dict[int, Reaction] = field(default_factory=dict[int, Reaction])
    reviews: dict[int, Review] = field(default_factory=dict[int, Review])
    threads: dict[int, Thread] = field(default_factory=dict[int, Thread])
    review_comments: dict[int, ReviewComment] = field(default_factory=dict[int, ReviewComment])
    check_suites: dict[int, CheckSuite] = field(default_factory=dict[int, CheckSuite])
    check_runs: dict[int, CheckRun] = field(default_factory=dict[int, CheckRun])
    workflow_runs: dict[int, WorkflowRun] = field(default_factory=dict[int, WorkflowRun])
    jobs: dict[int, Job] = field(default_factory=dict[int, Job])
    statuses: list[Status] = field(default_factory=list[Status])

    @property
    def full_name(self) -> str:
        """The name people use: `owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def pushed_at(self) -> datetime:
        """When something was last pushed."""
        return self.pushes[-1] if self.pushes else self.created_at
