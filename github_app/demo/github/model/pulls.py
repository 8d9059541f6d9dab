"""Pull requests and their reviews."""

from dataclasses import dataclass
from datetime import datetime

from github_app.demo.github.model.accounts import User


@dataclass(frozen=True, slots=True)
class Pull:
    """What a pull request has beyond an issue."""

    id: int
    head: str
    base: str
    head_sha: str
    """As of the last push; the branch may be gone since."""
    base_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_sha: str | None = None
    reviewers: tuple[User, ...] = ()
