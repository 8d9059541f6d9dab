"""Commits, repositories and installations have workflows of their own; their events go there."""

from typing import Any

import pytest
from door_kit import SHA, full

from github_app.events import DoorPolicy, Hint, Start, translate
from workflows.model import Actor, Delivery, EventKind, Item
from workflows.model.repositories import BasePush, Change, RedCheck, RepositoryAddress, RepositoryChange

OCTOCAT = Actor(1, "octocat")
HERE = RepositoryAddress(7, 42)


def hints(event: str, action: str, **changes: Any) -> tuple[Hint, ...]:  # noqa: ANN401  # JSON
    """Translate an event."""
    return translate(event, "d", full(action, **changes), DoorPolicy())


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("check_run", "completed"),
        ("check_suite", "completed"),
        ("check_suite", "rerequested"),
        ("workflow_run", "completed"),
        ("status", ""),
    ],
)
def test_news_of_a_check_goes_to_who_watches_the_commit(event: str, action: str) -> None:
    """By the commit's own address, whoever sent it; where nobody watches, nobody cares."""
    bot = {"id": 9, "login": "ci[bot]", "type": "Bot"}
    assert hints(event, action, sender=bot) == (Hint(f"ci:42:{SHA}", "news", "d"),)


def ended(conclusion: str, branch: object = "aidp/issue-1", slug: str = "ci") -> dict[str, Any]:
    """Make what any event of a check says of its end."""
    suite = {"head_sha": SHA, "head_branch": branch, "conclusion": conclusion, "app": {"slug": slug}}
    branches = [None, {"name": "main"}, {"name": branch}]
    return {
        "check_run": {**suite, "head_branch": None, "check_suite": suite},
        "check_suite": suite,
        "workflow_run": suite,
        "state": conclusion,
        "branches": branches,
    }


@pytest.mark.parametrize("event", ["check_run", "check_suite", "workflow_run", "status"])
def test_a_bad_end_on_a_branch_of_ours_is_told_to_its_repository(event: str) -> None:
    """Also when nobody watches the commit any more, the pull request whose head it is may want to know."""
    watch, red = hints(event, "completed", **ended("failure"))
    assert watch == Hint(f"ci:42:{SHA}", "news", "d")
    opens = Start("RepositoryWorkflow", HERE)
    assert red == Hint("repo:42", "check_failed", RedCheck("d", SHA, HERE, OCTOCAT), opens)
    for other in (ended("success"), ended("failure", "main"), ended("failure", None)):
        assert hints(event, "completed", **other) == (watch,)


@pytest.mark.parametrize("event", ["check_run", "check_suite"])
def test_our_own_check_is_nobodys_news(event: str) -> None:
    """It tells of work that ended badly, which is no failure of the commit."""
    assert len(hints(event, "completed", **ended("failure", slug="aidp"))) == 1


@pytest.mark.parametrize("sha", ["", "main", "0" * 40, "A" * 40, None, 7])
def test_what_is_no_commit_has_no_address(sha: object) -> None:
    """An address is made of what GitHub calls a commit, or not at all."""
    assert hints("status", "", sha=sha) == ()
    assert hints("push", "", after=sha) == ()


def test_a_button_of_our_check_run_is_pressed_for_its_item() -> None:
    """The run is shown on a commit, but it names the item whose work it is about."""
    [hint] = hints("check_run", "requested_action")
    item = Item(7, 42, 12)
    assert hint.argument == Delivery("d", EventKind.PRESSED, item, OCTOCAT, label="pause", work="build")
    assert (hint.workflow_id, bool(hint.start)) == (item.mailbox_id, True)
    [hint] = hints("check_run", "rerequested")
    assert isinstance(hint.argument, Delivery)
    assert hint.argument.label == "retry"


@pytest.mark.parametrize(
    "changes",
    [
        {"check_run": {"external_id": "build:43#12/0c1d"}},
        {"check_run": {"external_id": "build:42#0/0c1d"}},
        {"check_run": {"external_id": "42#12"}},
        {"check_run": {"external_id": None}},
        {"check_run": None},
        {"requested_action": {"identifier": "merge"}},
        {"requested_action": None},
        {"sender": {"id": 9, "login": "other[bot]", "type": "Bot"}},
    ],
)
def test_what_is_not_our_button_is_not_pressed(changes: dict[str, Any]) -> None:
    """Another repository's item, a run that is not ours, a button we do not have, a bot."""
    assert hints("check_run", "requested_action", **changes) == ()


def test_a_branch_that_moves_is_told_to_its_repository() -> None:
    """Pull requests may aim at it; a tag is no branch, and a deleted one has no newest commit."""
    [hint] = hints("push", "")
    opens = Start("RepositoryWorkflow", HERE)
    assert hint == Hint("repo:42", "base_pushed", BasePush("d", "main", SHA, HERE, OCTOCAT), opens)
    assert hints("push", "", ref="refs/tags/v1") == ()


@pytest.mark.parametrize(
    ("event", "action", "kind"),
    [
        ("repository", "renamed", Change.RENAMED),
        ("repository", "transferred", Change.TRANSFERRED),
        ("repository", "archived", Change.ARCHIVED),
        ("repository", "unarchived", Change.UNARCHIVED),
        ("repository", "publicized", Change.PUBLICIZED),
        ("repository", "privatized", Change.PRIVATIZED),
        ("repository", "deleted", Change.DELETED),
    ],
)
def test_what_becomes_of_a_repository(event: str, action: str, kind: Change) -> None:
    """Its own workflow is told, and begins if it is not there."""
    [hint] = hints(event, action)
    assert (hint.workflow_id, hint.signal) == ("repo:42", "changed")
    assert hint.argument == RepositoryChange("d", kind, HERE, OCTOCAT)
    assert hint.start
    assert (hint.start.workflow, hint.start.argument) == ("RepositoryWorkflow", HERE)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("created", Change.ADDED),
        ("deleted", Change.REMOVED),
        ("suspend", Change.SUSPENDED),
        ("unsuspend", Change.UNSUSPENDED),
        ("new_permissions_accepted", Change.PERMISSIONS),
    ],
)
def test_an_installation_is_told_to_each_of_its_repositories(action: str, kind: Change) -> None:
    """One delivery, as many hints as GitHub lists repositories."""
    assert [(hint.workflow_id, change(hint).kind) for hint in hints("installation", action)] == [
        ("repo:42", kind),
        ("repo:43", kind),
    ]


def test_repositories_come_and_go() -> None:
    """Both lists of one event are told."""
    told = [(hint.workflow_id, change(hint).kind) for hint in hints("installation_repositories", "added")]
    assert told == [("repo:44", Change.ADDED), ("repo:45", Change.REMOVED)]


def test_a_huge_installation_is_told_in_part() -> None:
    """GitHub waits ten seconds; the rest is found by reconciliation."""
    assert len(hints("installation", "created", repositories=[{"id": number} for number in range(1, 3000)])) == 100


@pytest.mark.parametrize("listed", [None, {}, "x", [None, 7, {"id": "42"}, {"id": True}]])
def test_a_list_of_something_else_is_no_list(listed: object) -> None:
    """Whatever stands there."""
    assert hints("installation", "created", repositories=listed) == ()


@pytest.mark.parametrize("event", ["check_run", "check_suite", "workflow_run", "repository", "installation"])
def test_other_actions_mean_nothing(event: str) -> None:
    """What no rule names is nobody's business."""
    assert hints(event, "pondered") == ()


def change(hint: Hint) -> RepositoryChange:
    """Read what a repository is told."""
    assert isinstance(hint.argument, RepositoryChange)
    return hint.argument
