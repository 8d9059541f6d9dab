"""Webhooks as the mailboxes get them: hints of what may have happened to which item."""

from dataclasses import dataclass
from enum import StrEnum

from workflows.model.items import Actor, Item
from workflows.model.requests import CommentRef, WorkOrder


class EventKind(StrEnum):
    """What a webhook can mean to us."""

    LABELED = "labeled"
    UNLABELED = "unlabeled"
    OPENED = "opened"
    CLOSED = "closed"
    REOPENED = "reopened"
    EDITED = "edited"
    GONE = "gone"
    """Deleted, or transferred to another repository."""
    COMMENTED = "commented"
    REVIEWED = "reviewed"
    """A review that asks for changes, or takes that back."""
    CONVERTED_TO_DRAFT = "converted_to_draft"
    READY_FOR_REVIEW = "ready_for_review"
    PUSHED = "pushed"
    """A pull request has a new head commit, from whomever."""
    BASE_PUSHED = "base_pushed"
    """The branch it is to be merged into has moved."""
    CI = "ci"
    """A check of the head commit ended badly."""
    PRESSED = "pressed"
    """A button of our check run, or its re-run."""
    ORDERED = "ordered"
    """One of our own workflows wants something done here."""
    REPOSITORY = "repository"
    """Nothing can be done in the repository any more: it was archived, or the App suspended or removed."""
    ABANDONED = "abandoned"
    """The item says that it is worked on, and nothing works on it."""
    RESTORED = "restored"
    """The same, and it ended because nothing could be done in the repository, where now something can again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook, reduced to a hint: what may have happened to which item. GitHub is asked before anything is done."""

    id: str
    """`X-GitHub-Delivery`: a redelivery has the same one."""
    kind: EventKind
    item: Item
    sender: Actor
    label: str = ""
    """Of a label event the label; of a button its name; of a repository event or an abandonment why."""
    comment: CommentRef | None = None
    order: WorkOrder | None = None
    sha: str = ""
    work: str = ""
    """Of a button: the kind of work that its check run shows."""
    event: str = ""
    """GitHub's own name of what happened, where the webhook tells it."""
    failed: tuple[str, ...] = ()
    """Of a red check: the names of all that have failed, where they are known."""

    @property
    def names(self) -> tuple[str, ...]:
        """By what it is known again: what a webhook brings, reconciliation may bring under another id."""
        names = (self.id, self.comment.name if self.comment else "", self.event)
        return tuple(name for name in names if name)


def review_event(review_id: int) -> str:
    """Name the event that a review asked for changes, as webhooks and looks at the review both know it."""
    return f"review:{review_id}"
