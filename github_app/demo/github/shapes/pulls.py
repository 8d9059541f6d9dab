"""JSON of pull requests."""

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
        "head": _side(world, head_repository(world, pull), (pull.head, pull.head_sha)),
        "base": _side(world, repository, (pull.base, pull.base_sha)),
        "_links": {name: {"href": link} for name, link in links.items()},
    }


def full_pull(world: World, repository: Repository, it: Issue, mergeable: bool | None) -> Json:  # noqa: FBT001  # GitHub's word
    """Write a pull request asked for by itself, or told by its webhook, which does not know yet if it merges."""
    pull = pull_of(it)
    threads = {thread.id for thread in repository.threads.values() if thread.number == it.number}
    return bare_pull(world, repository, it) | {
        "merged": pull.merged_at is not None,
        "merged_by": user(world, pull.merged_by) if pull.merged_by else None,
        "mergeable": mergeable,
        "mergeable_state": _mergeable_state(repository, pull, mergeable),
        "rebaseable": mergeable,
        "maintainer_can_modify": pull.maintainer_can_modify,
        "comments": issue_shape(world, repository, it)["comments"],
        "review_comments": sum(one.thread_id in threads for one in repository.review_comments.values()),
        "commits": pull.size.commits,
        "additions": pull.size.additions,
        "deletions": pull.size.deletions,
        "changed_files": pull.size.changed_files,
    }


def _mergeable_state(repository: Repository, pull: Pull, mergeable: bool | None) -> str:  # noqa: FBT001  # ... same
    if not mergeable:
        return "unknown" if mergeable is None else "dirty"
    runs = {run.name: run for run in repository.check_runs.values() if run.head_sha == pull.head_sha}
    good = {name for name, run in runs.items() if run.conclusion in ("success", "neutral", "skipped")}
    if pull.draft:
        return "draft"
    if not good.issuperset(repository.required_checks.get(pull.base, ())):
        return "blocked"
    return "clean" if good == runs.keys() else "unstable"


def pull_of(it: Issue) -> Pull:
    """Return the pull side of something known to be a pull request."""
    if not it.pull:
        raise LookupError(f"#{it.number} is an issue, not a pull request")
    return it.pull


def head_repository(world: World, pull: Pull) -> Repository | None:
    """Return the repository of the branch; a fork may be gone."""
    return world.repositories.get(pull.head_repository)


def minimal_pull(world: World, repository: Repository, it: Issue) -> Json:
    """Write a pull request as checks mention it."""
    pull = pull_of(it)
    return {
        "id": pull.id,
        "number": it.number,
        "url": f"{api_url(world, repository)}/pulls/{it.number}",
        "head": {"ref": pull.head, "sha": pull.head_sha, "repo": _named(world, head_repository(world, pull))},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": _named(world, repository)},
    }


def _named(world: World, it: Repository | None) -> Json | None:
    return {"id": it.id, "url": api_url(world, it), "name": it.name} if it else None


def _side(world: World, of: Repository | None, branch: tuple[str, str]) -> Json:
    ref, sha = branch
    return {
        "label": f"{of.owner.login}:{ref}" if of else f"unknown:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(world, of.owner) if of else None,
        "repo": repository_shape(world, of) if of else None,
    }
