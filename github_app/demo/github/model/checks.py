"""What is known about the quality of a commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from github_app.demo.github.model.accounts import User
from github_app.demo.github.model.apps import AppRegistration


@dataclass(frozen=True, slots=True)
class CheckSuite:
    """The check runs of one App for one commit."""

    id: int
    app: AppRegistration
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None


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
