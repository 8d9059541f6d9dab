"""A repository may have our branches begin as it likes: what is ours is known by who made it."""

from typing import Any

import pytest
from door_kit import SHA, full

from github_app.events import DoorPolicy, Hint, translate
from workflows.model import Delivery, EventKind

US = {"id": 99, "login": "our-aidp[bot]", "type": "Bot"}
PERSON = {"id": 1, "login": "octocat", "type": "User"}
OTHER_BOT = {"id": 9, "login": "renovate[bot]", "type": "Bot"}
POLICY = DoorPolicy(app_slug="our-aidp")
OURS, THEIRS = "robots/1-say-hello", "renovate/lodash"


def pull_request(author: object, branch: str, home: int = 42) -> dict[str, Any]:
    """Make a pull request, as far as it matters."""
    head = {"sha": SHA, "ref": branch, "repo": {"id": home}}
    return {"number": 3, "title": "Add it", "user": author, "head": head}


def pushed(author: object, branch: str, home: int = 42) -> Hint:
    """Tell of a person's push to a pull request."""
    payload = full("synchronize", pull_request=pull_request(author, branch, home))
    [hint] = translate("pull_request", "d", payload, POLICY)
    return hint


def asked(author: object, branch: str, home: int = 42) -> Hint:
    """Tell of a review that asks for changes to a pull request."""
    review = {"id": 5, "body": None, "state": "changes_requested"}
    payload = full("submitted", review=review, pull_request=pull_request(author, branch, home))
    [hint] = translate("pull_request_review", "d", payload, POLICY)
    return hint


def ended(event: str, committer: str, branch: str = OURS, state: str = "failure") -> tuple[Hint, ...]:
    """Tell of the end of a check on a commit that somebody made."""
    made = {"author": {"name": "Ada"}, "committer": {"name": committer}}
    check = {"head_sha": SHA, "head_branch": branch, "conclusion": state, "head_commit": made, "app": {"slug": "ci"}}
    brief = {name: value for name, value in check.items() if name != "head_commit"}
    payload = full(
        "completed",
        check_run={**brief, "check_suite": brief},
        check_suite=check,
        workflow_run=check,
        state=state,
        branches=[{"name": branch}],
        commit={"commit": made},
    )
    return translate(event, "d", payload, POLICY)


@pytest.mark.parametrize("tell", [pushed, asked])
def test_what_people_do_to_our_pull_request_begins_work_whatever_its_branch(tell: Any) -> None:  # noqa: ANN401  # a table
    """A push or a review is heard also when the mailbox has ended: our App is the author."""
    for author in (US, US | {"login": "Our-Aidp[bot]"}):
        hint = tell(author, OURS)
        assert isinstance(hint.argument, Delivery)
        assert hint.argument.kind in {EventKind.PUSHED, EventKind.REVIEWED}
        assert hint.start


@pytest.mark.parametrize("tell", [pushed, asked])
def test_what_is_done_to_the_pull_requests_of_others_opens_no_mailbox(tell: Any) -> None:  # noqa: ANN401  # a table
    """Not on a branch of ours that a person has made a pull request of, nor on one of another bot."""
    for author, branch in ((PERSON, OURS), (PERSON, "aidp/1-say-hello"), (OTHER_BOT, THEIRS), (None, THEIRS)):
        assert tell(author, branch).start is None


@pytest.mark.parametrize("tell", [pushed, asked])
def test_a_slug_that_was_not_set_loses_nothing_on_the_usual_branches(tell: Any) -> None:  # noqa: ANN401  # a table
    """A bot's pull request on a branch that looks like ours may be ours; whoever acts on it asks GitHub."""
    assert tell(OTHER_BOT, "aidp/1-say-hello").start
    assert tell(OTHER_BOT, "aidp/1-say-hello", 43).start is None


@pytest.mark.parametrize("event", ["check_suite", "workflow_run", "status"])
def test_a_bad_end_of_a_commit_of_ours_is_told_to_its_repository(event: str) -> None:
    """The payload names no author of the pull request, but who made the commit; a good end is no news."""
    watch, red = ended(event, "our-aidp[bot]")
    assert (watch.workflow_id, red.workflow_id, red.signal) == (f"ci:42:{SHA}", "repo:42", "check_failed")
    assert red.start
    assert ended(event, "our-aidp[bot]", state="success") == (watch,)


@pytest.mark.parametrize("event", ["check_run", "check_suite", "workflow_run", "status"])
def test_a_bad_end_of_anybodys_commit_starts_nothing(event: str) -> None:
    """Red checks of people's branches are daily life; all they cost is a signal to whoever waits for the commit."""
    for committer, branch in (("Ada", OURS), ("GitHub", "main"), ("renovate[bot]", THEIRS), ("aidp[bot]", "main")):
        [hint] = ended(event, committer, branch)
        assert (hint.workflow_id, hint.start) == (f"ci:42:{SHA}", None)


def test_a_single_check_tells_nobody_of_its_commit() -> None:
    """Its webhook does not say who made it; its suite ends soon, and says so."""
    assert len(ended("check_run", "our-aidp[bot]")) == 1
