"""What is known about the quality of a commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from github_app.demo.github.git import Commit
from github_app.demo.github.model.accounts import User
from github_app.demo.github.model.apps import AppRegistration


@dataclass(frozen=True, slots=True)
class CheckSuite:
    """The check runs of one App for one commit."""

    id: int
    app: AppRegistration
    head: Commit
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None

    @property
    def head_sha(self) -> str:
        """The commit."""
        return self.head.sha


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check of a commit."""

    id: int
    suite_id: int
    app: AppRegistration
    name: str
    head_sha: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    output: Mapping[str, Any] = field(default_factory=dict[str, Any])
    annotations: tuple[Mapping[str, Any], ...] = ()
    actions: tuple[Mapping[str, str], ...] = ()
    """Its buttons."""


@dataclass(frozen=True, slots=True)
class Status:
    """A commit status."""

    id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: User
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """A run of the CI for one commit."""

    id: int
    number: int
    suite_id: int
    event: str
    """What it was started by: `push` or `pull_request`."""
    actor: User
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at a part of the CI; its check run has the same id and tells how it went."""

    id: int
    run_id: int
    attempt: int
    log: str = ""
