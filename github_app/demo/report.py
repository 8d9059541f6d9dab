"""What the demo left on the local GitHub, as JSON."""

from typing import Any

from github_app.demo.github import Issue
from github_app.demo.story import Told


async def report(told: Told, error: str) -> dict[str, Any]:
    """Describe the end of the story; `ok` only if every step was seen."""
    github, repository = told.stage.github, told.stage.repository
    pull_request = told.pull_request
    return {
        "ok": not error,
        "error": error,
        "seconds": round(told.seconds, 2),
        "seconds_to_eyes": round(told.seconds_to_eyes, 2),
        "seconds_to_agent": round(told.seconds_to_agent, 2),
        "pull_request": await _pull_request(told, pull_request) if pull_request else None,
        "comments": [
            {"number": it.number, "author": it.user.login, "body": it.body} for it in repository.comments.values()
        ],
        "threads": [
            {"path": it.spot.path, "line": it.spot.line, "resolved": it.resolved_by is not None}
            for it in repository.threads.values()
        ],
        "labels": list(told.labels(told.number)),
        "checks": [{"name": it.name, "conclusion": it.conclusion} for it in repository.check_runs.values()],
        "deliveries": [
            {"event": it.event, "action": it.action, "guid": it.guid, "status_code": it.status_code}
            for it in github.deliveries
        ],
        "faults": [{"kind": it.kind, "what": it.what} for it in github.faults.injected],
    }


async def _pull_request(told: Told, it: Issue) -> dict[str, Any]:
    if not it.pull:
        return {}
    git = told.stage.github.world.git(told.stage.repository)
    return {
        "number": it.number,
        "draft": it.pull.draft,
        "title": it.title,
        "body": it.body,
        "branch": it.pull.head,
        "head_sha": it.pull.head_sha,
        "files": [change.path for change in await git.changes(it.pull.base_sha, it.pull.head_sha)],
    }
