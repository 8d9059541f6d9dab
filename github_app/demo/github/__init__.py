"""A small, honest GitHub on loopback: REST, git over HTTP, signed webhooks and a CI that really runs."""

from github_app.demo.github.local import LocalGitHub
from github_app.demo.github.merging import PullDraft
from github_app.demo.github.model import AppRegistration, Issue, Repository, User
from github_app.demo.github.reviewing import Remark, ReviewDraft
from github_app.demo.github.tracker import Edit

__all__ = [
    "AppRegistration",
    "Edit",
    "Issue",
    "LocalGitHub",
    "PullDraft",
    "Remark",
    "Repository",
    "ReviewDraft",
    "User",
]
