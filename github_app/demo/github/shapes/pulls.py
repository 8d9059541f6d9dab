"""JSON of pull requests."""

from dataclasses import dataclass

from github_app.demo.github.model import Issue, Json, Pull, Repository
from github_app.demo.github.shapes.accounts import user
from github_app.demo.github.shapes.issues import issue as issue_shape
from github_app.demo.github.shapes.issues import issue_html_url
from github_app.demo.github.shapes.repositories import api_url
from github_app.demo.github.shapes.repositories import repository as repository_shape
from github_app.demo.github.shapes.values import node_id, stamp
from github_app.demo.github.world import World

SHARED_WITH_ISSUES = (
    *("number", "title", "body", "user", "labels", "state", "locked", "assignee", "assignees", "milestone"),
    *("created_at", "updated_at", "closed_at", "author_association"),
)


@dataclass(frozen=True, slots=True)
class Size:
    """What git says about a pull request, now."""

    mergeable: bool | None
    commits: int
    additions: int
    deletions: int
    changed_files: int


def bare_pull(world: World, repository: Repository, it: Issue) -> Json:
    """Write a pull request as lists and webhooks carry it."""
    pull = pull_of(it)
    api, html = api_url(world, repository), issue_html_url(world, repository, it)
    url, issue = f"{api}/pulls/{it.number}", issue_shape(world, repository, it)
    links = {
        "self": url,
        "html": html,
        "issue": issue["url"],
        "comments": issue["comments_url"],
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api}/statuses/{pull.head_sha}",
    }
    return {
        **{name: issue[name] for name in SHARED_WITH_ISSUES},
        **{f"{name}_url": link for name, link in links.items() if name not in ("self", "html")},
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "url": url,
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "draft": pull.draft,
        "merged_at": stamp(pull.merged_at),
        "merge_commit_sha": pull.merge_sha,
        "auto_merge": None,
        "active_lock_reason": None,
        "requested_reviewers": [user(world, who) for who in pull.reviewers],
        "requested_teams": [],
        "head": _side(world, repository, (pull.head, pull.head_sha)),
        "base": _side(world, repository, (pull.base, pull.base_sha)),
        "_links": {name: {"href": link} for name, link in links.items()},
    }


def full_pull(world: World, repository: Repository, it: Issue, size: Size) -> Json:
    """Write a pull request asked for by itself."""
    pull = pull_of(it)
    return bare_pull(world, repository, it) | {
        "merged": pull.merged_at is not None,
        "merged_by": user(world, pull.merged_by) if pull.merged_by else None,
        "mergeable": size.mergeable,
        "mergeable_state": {True: "clean", False: "dirty", None: "unknown"}[size.mergeable],
        "rebaseable": size.mergeable,
        "maintainer_can_modify": False,
        "comments": issue_shape(world, repository, it)["comments"],
        "review_comments": 0,
        "commits": size.commits,
        "additions": size.additions,
        "deletions": size.deletions,
        "changed_files": size.changed_files,
    }


def pull_of(it: Issue) -> Pull:
    """Return the pull side of something known to be a pull request."""
    if not it.pull:
        raise LookupError(f"#{it.number} is an issue, not a pull request")
    return it.pull


def minimal_pull(world: World, repository: Repository, it: Issue) -> Json:
    """Write a pull request as checks mention it."""
    pull, here = pull_of(it), {"id": repository.id, "url": api_url(world, repository), "name": repository.name}
    return {
        "id": pull.id,
        "number": it.number,
        "url": f"{api_url(world, repository)}/pulls/{it.number}",
        "head": {"ref": pull.head, "sha": pull.head_sha, "repo": here},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": here},
    }


def _side(world: World, repository: Repository, branch: tuple[str, str]) -> Json:
    ref, sha = branch
    return {
        "label": f"{repository.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(world, repository.owner),
        "repo": repository_shape(world, repository),
    }
