"""JSON of issues, comments, labels and reactions."""

from urllib.parse import quote

from github_app.demo.github.model import Comment, Issue, IssueEvent, Json, Label, Reaction, Repository, User
from github_app.demo.github.shapes.accounts import app, user
from github_app.demo.github.shapes.repositories import api_url, html_url
from github_app.demo.github.shapes.values import node_id, stamp
from github_app.demo.github.world import World


def label(world: World, repository: Repository, it: Label) -> Json:
    """Write a label."""
    return {
        "id": it.id,
        "node_id": node_id("LA", it.id),
        "url": f"{api_url(world, repository)}/labels/{quote(it.name, safe='')}",
        "name": it.name,
        "color": it.color,
        "default": False,
        "description": it.description,
        "archived_at": None,
        "archived_by": None,
    }


def labels(world: World, repository: Repository, it: Issue) -> list[Json]:
    """Write the labels on an issue."""
    return [label(world, repository, repository.labels[name.lower()]) for name in it.labels]


def issue(world: World, repository: Repository, it: Issue) -> Json:
    """Write an issue, or the issue side of a pull request."""
    url = f"{api_url(world, repository)}/issues/{it.number}"
    return {
        "id": it.id,
        "node_id": node_id("I", it.id),
        "url": url,
        "repository_url": api_url(world, repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": issue_html_url(world, repository, it),
        "number": it.number,
        "title": it.title,
        "body": it.body,
        "user": user(world, it.user),
        "labels": labels(world, repository, it),
        "state": it.state,
        "state_reason": it.state_reason,
        "locked": False,
        "active_lock_reason": None,
        "assignee": user(world, it.assignees[0]) if it.assignees else None,
        "assignees": [user(world, who) for who in it.assignees],
        "milestone": None,
        "comments": sum(comment.number == it.number for comment in repository.comments.values()),
        "created_at": stamp(it.created_at),
        "updated_at": stamp(it.updated_at),
        "closed_at": stamp(it.closed_at),
        "closed_by": user(world, it.closed_by) if it.closed_by else None,
        "author_association": association(repository, it.user),
        "performed_via_github_app": via_app(world, it.user),
        "reactions": reaction_counts(repository, ("issue", it.number), url),
        **_sub_issues(world, repository, it),
        **_pull_request(world, repository, it),
    }


def _sub_issues(world: World, repository: Repository, it: Issue) -> Json:
    parts = repository.sub_issues.get(it.number, ())
    known = (issue for where in world.repositories.values() for issue in where.issues.values())
    done = sum(issue.state == "closed" for issue in known if issue.id in parts)
    percent = 100 * done // len(parts) if parts else 0
    return {"sub_issues_summary": {"total": len(parts), "completed": done, "percent_completed": percent}}


def issue_html_url(world: World, repository: Repository, it: Issue) -> str:
    """Return the page of an issue or pull request."""
    return f"{html_url(world, repository)}/{'pull' if it.pull else 'issues'}/{it.number}"


def _pull_request(world: World, repository: Repository, it: Issue) -> Json:
    if not it.pull:
        return {}
    html = issue_html_url(world, repository, it)
    merged = stamp(it.pull.merged_at)
    links = {"diff_url": f"{html}.diff", "patch_url": f"{html}.patch", "merged_at": merged}
    url = f"{api_url(world, repository)}/pulls/{it.number}"
    return {"draft": it.pull.draft, "pull_request": {"url": url, "html_url": html, **links}}


def comment(world: World, repository: Repository, it: Comment) -> Json:
    """Write a comment on an issue or pull request."""
    url = f"{api_url(world, repository)}/issues/comments/{it.id}"
    page = issue_html_url(world, repository, repository.issues[it.number])
    return {
        "id": it.id,
        "node_id": node_id("IC", it.id),
        "url": url,
        "html_url": f"{page}#issuecomment-{it.id}",
        "issue_url": f"{api_url(world, repository)}/issues/{it.number}",
        "user": user(world, it.user),
        "body": it.body,
        "created_at": stamp(it.created_at),
        "updated_at": stamp(it.updated_at),
        "author_association": association(repository, it.user),
        "performed_via_github_app": via_app(world, it.user),
        "reactions": reaction_counts(repository, ("comment", it.id), url),
    }


def event(world: World, repository: Repository, it: IssueEvent) -> Json:
    """Something that happened to an issue."""
    label = {"label": {"name": it.label.name, "color": it.label.color}} if it.label else {}
    return {
        "id": it.id,
        "node_id": node_id("LE", it.id),
        "url": f"{api_url(world, repository)}/issues/events/{it.id}",
        "actor": user(world, it.actor),
        "event": it.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": stamp(it.created_at),
        **label,
        "performed_via_github_app": via_app(world, it.actor),
    }


def reaction(world: World, it: Reaction) -> Json:
    """One reaction."""
    return {
        "id": it.id,
        "node_id": node_id("RE", it.id),
        "user": user(world, it.user),
        "content": it.content,
        "created_at": stamp(it.created_at),
    }


def reaction_counts(repository: Repository, subject: tuple[str, int], url: str) -> Json:
    """Count how often which reaction was given."""
    given = [it.content for it in repository.reactions.values() if it.subject == subject]
    kinds = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
    counts = {kind: given.count(kind) for kind in kinds}
    return {"url": f"{url}/reactions", "total_count": len(given), **counts}


def via_app(world: World, who: User) -> Json | None:
    """Write the App that acted, when it was not a person."""
    return app(world, world.app) if who == world.bot else None


def association(repository: Repository, who: User) -> str:
    """Say what the author is to the repository."""
    if who.id == repository.owner.id:
        return "OWNER"
    return "COLLABORATOR" if who.id in repository.roles else "NONE"
