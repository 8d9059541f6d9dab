"""Payloads of the size and shape that GitHub sends: mostly addresses, some people, a text; 10 to 30 KB."""

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Payload = dict[str, Any]

API = "https://api.github.com/repos/octo-organization/reference-implementation"
INSTALLATION, REPOSITORY = 7, 42
TEXT = "It happens when the second request comes before the first one is through, though not every time.\r\n\r\n" * 12
OF_A_PERSON = "html followers following gists starred subscriptions organizations repos events received_events"
OF_A_REPOSITORY = (
    "archive assignees blobs branches clone collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels merges "
    "languages milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees"
)
OF_AN_ITEM = "html comments events labels timeline commits statuses diff patch review_comments repository"


def labeled(number: int) -> Payload:
    """Put our label on an issue."""
    label = {"id": 9, "name": "aidp-build", "color": "0e8a16", "url": f"{API}/labels/aidp-build"}
    return _envelope("labeled", issue=_item(number), label=label)


def commented(number: int, comment: int, body: str) -> Payload:
    """Write a comment on an issue."""
    said = {
        **_addresses(OF_AN_ITEM, f"{API}/issues/comments/{comment}"),
        "id": comment,
        "body": body,
        "user": _person(),
    }
    return _envelope("created", issue=_item(number), comment=said)


def nobody_cares() -> tuple[tuple[str, Payload], ...]:
    """List what a busy repository sends all day: events, each with a payload that concerns no work of ours."""
    return tuple((event, make()) for event, make in CONCERN_NOBODY.items())


def _check_run() -> Payload:
    run = {**_about_commit("check-runs"), "name": "test", "status": "completed", "output": {"summary": TEXT * 4}}
    return _envelope("completed", check_run={**run, "check_suite": _about_commit("check-suites"), "app": _person()})


def _check_suite() -> Payload:
    return _envelope("completed", check_suite={**_about_commit("check-suites"), "app": _person(), "more": TEXT * 3})


def _workflow_run() -> Payload:
    run = {**_about_commit("actions/runs"), "actor": _person(), "repository": _repository()}
    return _envelope("requested", workflow_run=run, workflow=_about_commit("actions/workflows"))


def _workflow_job() -> Payload:
    steps = [
        {"name": f"Step {number}", "status": "queued", "number": number, "log": TEXT[:200]} for number in range(20)
    ]
    return _envelope("queued", workflow_job={**_about_commit("actions/jobs"), "steps": steps})


def _push() -> Payload:
    commits = [{"id": _sha(str(number)), "message": TEXT[:300], "author": _person()} for number in range(5)]
    return _envelope(ref="refs/tags/v1.2.3", before=_sha("before"), after=_sha("after"), commits=commits)


def _status() -> Payload:
    commit = {**_about_commit("commits"), "author": _person(), "committer": _person(), "message": TEXT}
    return _envelope(sha=_sha("status"), state="pending", commit=commit, branches=[_about_commit("branches")] * 3)


def _pull_request() -> Payload:
    end = {"ref": "topic", "sha": _sha("head"), "user": _person(), "repo": _repository()}
    return _envelope("synchronize", pull_request={**_item(100_002), "head": end, "base": end})


CONCERN_NOBODY: Mapping[str, Callable[[], Payload]] = MappingProxyType(
    {
        "check_run": _check_run,
        "check_suite": _check_suite,
        "workflow_run": _workflow_run,
        "workflow_job": _workflow_job,
        "push": _push,
        "status": _status,
        "pull_request": _pull_request,
        "issues": lambda: _envelope("opened", issue=_item(100_000)),
        "issue_comment": lambda: commented(100_001, 1, TEXT),
    }
)


def _envelope(action: str = "", **content: Any) -> Payload:  # noqa: ANN401  # JSON
    return {
        **({"action": action} if action else {}),
        **content,
        "repository": _repository(),
        "organization": _person(),
        "sender": _person(),
        "installation": {"id": INSTALLATION, "node_id": "MDIzOkludGVncmF0aW9u"},
    }


def _item(number: int) -> Payload:
    labels = [{"id": each, "name": f"area-{each}", "url": f"{API}/labels/area-{each}"} for each in range(5)]
    return {
        **_addresses(OF_AN_ITEM, f"{API}/issues/{number}"),
        "id": 10_000_000 + number,
        "number": number,
        "title": "The second request is lost",
        "state": "open",
        "user": _person(),
        "assignees": [_person()],
        "labels": labels,
        "body": TEXT * 3,
    }


def _about_commit(kind: str) -> Payload:
    return {**_addresses(OF_AN_ITEM, f"{API}/{kind}/1"), "id": 1, "head_sha": _sha(kind), "head_branch": "topic"}


def _person() -> Payload:
    addresses = _addresses(OF_A_PERSON, "https://api.github.com/users/octocat")
    return {**addresses, "login": "octocat", "id": 583231, "type": "User", "site_admin": False}


def _repository() -> Payload:
    name = {"name": "reference-implementation", "full_name": "octo-organization/reference-implementation"}
    return {**_addresses(OF_A_REPOSITORY, API), **name, "id": REPOSITORY, "owner": _person(), "private": True}


def _addresses(names: str, of: str) -> Payload:
    return {f"{name}_url": f"{of}/{name}" for name in names.split()}


def _sha(of: str) -> str:
    return hashlib.sha1(of.encode(), usedforsecurity=False).hexdigest()
