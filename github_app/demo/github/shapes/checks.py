"""JSON of check suites, check runs and commit statuses."""

from collections.abc import Mapping
from typing import Any

from github_app.demo.github.git import Commit
from github_app.demo.github.model import CheckRun, CheckSuite, Json, Repository, Status
from github_app.demo.github.shapes.accounts import app, user
from github_app.demo.github.shapes.pulls import minimal_pull
from github_app.demo.github.shapes.repositories import api_url, commit, html_url, simple_commit
from github_app.demo.github.shapes.repositories import repository as repository_shape
from github_app.demo.github.shapes.values import node_id, stamp
from github_app.demo.github.world import World


def check_suite(world: World, repository: Repository, it: CheckSuite) -> Json:
    """Write a check suite as webhooks carry it."""
    url = f"{api_url(world, repository)}/check-suites/{it.id}"
    return {
        "id": it.id,
        "node_id": node_id("CS", it.id),
        "url": url,
        "check_runs_url": f"{url}/check-runs",
        "head_branch": it.head_branch,
        "head_sha": it.head_sha,
        "before": it.before,
        "after": it.head_sha,
        "status": it.status,
        "conclusion": it.conclusion,
        "app": app(world, it.app),
        "pull_requests": pulls_of(world, repository, it.head_sha),
        "created_at": stamp(it.created_at),
        "updated_at": stamp(it.updated_at),
        "latest_check_runs_count": len({run.name for run in repository.check_runs.values() if run.suite_id == it.id}),
        "head_commit": simple_commit(it.head),
        "rerequestable": True,
        "runs_rerequestable": True,
    }


def full_check_suite(world: World, repository: Repository, it: CheckSuite) -> Json:
    """Write a check suite as lists carry it."""
    return check_suite(world, repository, it) | {"repository": repository_shape(world, repository)}


def check_run(world: World, repository: Repository, it: CheckRun) -> Json:
    """Write a check run."""
    url = f"{api_url(world, repository)}/check-runs/{it.id}"
    html = f"{html_url(world, repository)}/runs/{it.id}"
    output = {"title": None, "summary": None, "text": None} | dict(it.output)
    return {
        "id": it.id,
        "node_id": node_id("CR", it.id),
        "name": it.name,
        "head_sha": it.head_sha,
        "external_id": it.external_id,
        "url": url,
        "html_url": html,
        "details_url": it.details_url or html,
        "status": it.status,
        "conclusion": it.conclusion,
        "started_at": stamp(it.started_at),
        "completed_at": stamp(it.completed_at),
        "output": output | {"annotations_count": len(it.annotations), "annotations_url": f"{url}/annotations"},
        "check_suite": {"id": it.suite_id},
        "app": app(world, it.app),
        "pull_requests": pulls_of(world, repository, it.head_sha),
    }


def told_check_run(world: World, repository: Repository, it: CheckRun) -> Json:
    """Write a check run as its webhook carries it: with its suite."""
    suite = check_suite(world, repository, repository.check_suites[it.suite_id])
    brief = {name: value for name, value in suite.items() if name not in ("check_runs_url", "head_commit")}
    return check_run(world, repository, it) | {"check_suite": brief}


def annotation(world: World, repository: Repository, it: CheckRun, given: Mapping[str, Any]) -> Json:
    """Write a remark of a check on some lines."""
    optional = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    return {**optional, **given, "blob_href": f"{html_url(world, repository)}/blob/{it.head_sha}/{given['path']}"}


def pulls_of(world: World, repository: Repository, sha: str) -> list[Json]:
    """Write the open pull requests that a commit is the head of."""
    issues = [it for it in repository.issues.values() if it.pull and it.state == "open" and it.pull.head_sha == sha]
    return [minimal_pull(world, repository, it) for it in issues]


def status(world: World, repository: Repository, it: Status) -> Json:
    """Write a commit status."""
    return {
        "id": it.id,
        "node_id": node_id("SC", it.id),
        "url": f"{api_url(world, repository)}/statuses/{it.sha}",
        "avatar_url": None,
        "state": it.state,
        "description": it.description,
        "target_url": it.target_url,
        "context": it.context,
        "created_at": stamp(it.created_at),
        "updated_at": stamp(it.created_at),
        "creator": user(world, it.creator),
    }


def told_status(world: World, repository: Repository, it: Status, where: tuple[Commit, dict[str, str]]) -> Json:
    """Write a commit status as its webhook carries it: with the commit, and the branches that end there."""
    head, heads = where
    names = [ref.removeprefix("refs/heads/") for ref, sha in heads.items() if sha == it.sha]
    at = {"sha": it.sha, "url": f"{api_url(world, repository)}/commits/{it.sha}"}
    return status(world, repository, it) | {
        "sha": it.sha,
        "name": repository.full_name,
        "commit": commit(world, repository, head),
        "branches": [{"name": name, "commit": at, "protected": False} for name in names],
    }


def combined_status(world: World, repository: Repository, found: tuple[str, list[Status]]) -> Json:
    """Write the newest status of each context of a commit, and what they come to."""
    sha, given = found
    newest = {it.context: it for it in given if it.sha == sha}
    url = f"{api_url(world, repository)}/commits/{sha}"
    return {
        "state": _worst({it.state for it in newest.values()}),
        "statuses": [status(world, repository, it) for it in newest.values()],
        "sha": sha,
        "total_count": len(newest),
        "repository": repository_shape(world, repository),
        "commit_url": url,
        "url": f"{url}/status",
    }


def _worst(states: set[str]) -> str:
    if states & {"failure", "error"}:
        return "failure"
    return "success" if states == {"success"} else "pending"
