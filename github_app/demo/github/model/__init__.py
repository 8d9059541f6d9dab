"""What the local GitHub remembers: frozen records; a change replaces the record."""

from typing import Any

from github_app.demo.github.model.accounts import User
from github_app.demo.github.model.apps import (
    LEVELS,
    AppManifest,
    AppRegistration,
    Installation,
    Token,
    new_private_key,
    public_key,
)
from github_app.demo.github.model.checks import CheckRun, CheckSuite, Job, Status, WorkflowRun
from github_app.demo.github.model.issues import Comment, Issue, IssueEvent, Label, Reaction
from github_app.demo.github.model.pulls import Excerpt, Pull, Review, ReviewComment, Size, Spot, Thread
from github_app.demo.github.model.repository import ROLES, Repository
from github_app.demo.github.model.traffic import Call, Delivery

Json = dict[str, Any]

__all__ = [
    "LEVELS",
    "ROLES",
    "AppManifest",
    "AppRegistration",
    "Call",
    "CheckRun",
    "CheckSuite",
    "Comment",
    "Delivery",
    "Excerpt",
    "Installation",
    "Issue",
    "IssueEvent",
    "Job",
    "Json",
    "Label",
    "Pull",
    "Reaction",
    "Repository",
    "Review",
    "ReviewComment",
    "Size",
    "Spot",
    "Status",
    "Thread",
    "Token",
    "User",
    "WorkflowRun",
    "new_private_key",
    "public_key",
]
