"""Events of issues and pull requests: labels, comments, reviews, and what becomes of the item itself."""

from dataclasses import replace

from github_app.events.hints import Hint, to_closing_watch, to_mailbox
from github_app.events.notice import OUR_BRANCHES, Notice
from workflows.model import Actor, Delivery, EventKind, Surface
from workflows.model.deliveries import review_event

CLOSINGS = frozenset({EventKind.CLOSED, EventKind.GONE})


def issues(notice: Notice) -> tuple[Hint, ...]:
    """Read `issues`: our labels start and stop work, and what is closed or gone ends it."""
    match notice.action:
        case "labeled" | "unlabeled" as action:
            return _about_label(notice, "issue", EventKind(action))
        case "closed" | "reopened" | "edited" as action:
            return _about_item(notice, "issue", EventKind(action))
        case "deleted" | "transferred":
            return _about_item(notice, "issue", EventKind.GONE)
        case _:
            return ()


def pull_request(notice: Notice) -> tuple[Hint, ...]:
    """Read `pull_request`: as an issue, and its head may move, and it may become a draft or none."""
    match notice.action:
        case "labeled" | "unlabeled" as action:
            return _about_label(notice, "pull_request", EventKind(action))
        case "closed" | "reopened" | "edited" as action:
            return _about_item(notice, "pull_request", EventKind(action))
        case "converted_to_draft" | "ready_for_review" as action:
            return _about_draft(notice, EventKind(action))
        case "synchronize":
            return _pushed(notice)
        case _:
            return ()


def issue_comment(notice: Notice) -> tuple[Hint, ...]:
    """Read `issue_comment`: what was just written, to us or to work that waits for an answer; no later edit counts."""
    return _about_comment(notice, "issue", "comment", Surface.CONVERSATION) if notice.action == "created" else ()


def pull_request_review_comment(notice: Notice) -> tuple[Hint, ...]:
    """Read `pull_request_review_comment`: the same on a line of the diff."""
    return _about_comment(notice, "pull_request", "comment", Surface.INLINE) if notice.action == "created" else ()


def pull_request_review(notice: Notice) -> tuple[Hint, ...]:
    """Read `pull_request_review`: what it says, and whether it asks for changes; each is a delivery of its own."""
    if notice.action != "submitted":
        return ()
    said = _about_comment(notice, "pull_request", "review", Surface.REVIEW)
    asked = _asked_for_changes(notice, f"{notice.delivery_id}/2" if said else notice.delivery_id)
    return (*said, *asked)


def _about_label(notice: Notice, noun: str, kind: EventKind) -> tuple[Hint, ...]:
    label, delivery = notice.our_label(), _delivery(notice, noun, kind, notice.trusted_sender())
    if not label or not delivery:
        return ()
    hint = replace(delivery, label=label)
    return (to_mailbox(hint, notice.summary(noun), opens=kind is EventKind.LABELED),)


def _about_item(notice: Notice, noun: str, kind: EventKind) -> tuple[Hint, ...]:
    """Tell running work; whoever did it, since a bot's closing ends work as well."""
    delivery = _delivery(notice, noun, kind, notice.sender())
    if not delivery:
        return ()
    watched = (to_closing_watch(delivery),) if kind in CLOSINGS else ()
    return (to_mailbox(delivery), *watched)


def _about_draft(notice: Notice, kind: EventKind) -> tuple[Hint, ...]:
    """Tell what a person made of it; where a label of ours is on a draft, somebody has to look at that."""
    delivery = _delivery(notice, "pull_request", kind, notice.trusted_sender())
    if not delivery:
        return ()
    opens = kind is EventKind.CONVERTED_TO_DRAFT and notice.carries_our_label("pull_request")
    return (to_mailbox(delivery, notice.summary("pull_request"), opens=opens),)


def _pushed(notice: Notice) -> tuple[Hint, ...]:
    """Tell of a new head; of a pull request of ours the CI may have to be looked after."""
    delivery = _delivery(notice, "pull_request", EventKind.PUSHED, notice.sender())
    if not delivery:
        return ()
    moved = replace(delivery, sha=notice.sha("pull_request", "head", "sha") or "")
    return (to_mailbox(moved, notice.summary("pull_request"), opens=_is_ours(notice)),)


def _about_comment(notice: Notice, noun: str, said: str, surface: Surface) -> tuple[Hint, ...]:
    delivery = _delivery(notice, noun, EventKind.COMMENTED, notice.trusted_sender())
    comment = notice.comment(said, delivery.item, surface) if delivery else None
    if not delivery or not comment:
        return ()
    opens = notice.may_command(said)
    return (to_mailbox(replace(delivery, comment=comment), notice.summary(noun), opens=opens),)


def _asked_for_changes(notice: Notice, delivery_id: str) -> tuple[Hint, ...]:
    """Tell that changes are wanted; of a pull request of ours that may be where work begins."""
    delivery = _delivery(notice, "pull_request", EventKind.REVIEWED, notice.trusted_sender())
    state = notice.text("review", "state") or ""
    if not delivery or state.lower() != "changes_requested":
        return ()
    opens, review = _is_ours(notice), notice.number("review", "id")
    asked = replace(delivery, id=delivery_id, event=review_event(review) if review else "")
    return (to_mailbox(asked, notice.summary("pull_request"), opens=opens),)


def _is_ours(notice: Notice) -> bool:
    """Whether our App opened the pull request; where the operator has not set its slug, the branch may still tell."""
    if notice.is_our_name("pull_request", "user", "login"):
        return True
    if notice.text("pull_request", "user", "type") == "User":
        return False
    branch = notice.text("pull_request", "head", "ref") or ""
    home, here = notice.number("pull_request", "head", "repo", "id"), notice.number("repository", "id")
    return branch.startswith(OUR_BRANCHES) and home == here


def _delivery(notice: Notice, noun: str, kind: EventKind, sender: Actor | None) -> Delivery | None:
    item = notice.item(noun)
    return Delivery(notice.delivery_id, kind, item, sender) if item and sender else None
