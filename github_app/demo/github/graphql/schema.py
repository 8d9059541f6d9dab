"""What the graph holds: repositories, pull requests, reviews, review threads and their comments."""

from github_app.demo.github import tokens
from github_app.demo.github.graphql.checks import rollup
from github_app.demo.github.graphql.execution import Arguments, Thing, connection
from github_app.demo.github.graphql.graph import Graph, Reads, actor, values_of
from github_app.demo.github.graphql.parsing import QueryError
from github_app.demo.github.graphql.reactions import reactions_of
from github_app.demo.github.model import Comment, Issue, Json, Label, Repository, Review, ReviewComment, Thread
from github_app.demo.github.rate import GRAPHQL, rate_of
from github_app.demo.github.shapes import issues, reviews
from github_app.demo.github.shapes.pulls import pull_of
from github_app.demo.github.shapes.repositories import html_url
from github_app.demo.github.shapes.values import node_id, stamp
from github_app.demo.github.world import RefusedError


def query(graph: Graph) -> Thing:
    """Make the root of queries."""
    reads: Reads = {
        "viewer": lambda _: actor(graph, graph.world.bot),
        "rateLimit": lambda _: _rate_limit(graph),
        "nodes": lambda wanted: [_node_or_error(graph, it) for it in wanted["ids"]],
        "node": lambda wanted: node(graph, wanted["id"]),
        "repository": lambda wanted: _repository(graph, f"{wanted['owner']}/{wanted['name']}"),
    }
    return Thing("Query", reads)


def _rate_limit(graph: Graph) -> Thing:
    rate = rate_of(graph.world, tokens.account_of(graph.token.installation_id), GRAPHQL)
    values: Json = {"limit": rate.limit, "remaining": rate.remaining, "resetAt": stamp(rate.reset_at)}
    return Thing("RateLimit", values_of(values))


def _node_or_error(graph: Graph, wanted: str) -> Thing | QueryError:
    """Let one of many be missing without the others."""
    try:
        return node(graph, wanted)
    except QueryError as error:
        return error


def _repository(graph: Graph, full_name: str) -> Thing:
    try:
        found = graph.world.repository(full_name)
    except RefusedError as refused:
        raise _no_repository(full_name) from refused
    if not tokens.reaches(graph.world, graph.token, found):
        raise _no_repository(full_name)
    return repository(graph, found)


def _no_repository(full_name: str) -> QueryError:
    return QueryError(f"Could not resolve to a Repository with the name '{full_name}'.", "NOT_FOUND")


def node(graph: Graph, wanted: str) -> Thing:
    """Find anything by its global id."""
    for found in graph.repositories:
        if wanted == node_id("R", found.id):
            return repository(graph, found)
        for issue in found.issues.values():
            if issue.pull and wanted == node_id("PR", issue.pull.id):
                return pull_request(graph, found, issue)
        for thread in found.threads.values():
            if wanted == reviews.thread_node(thread):
                return review_thread(graph, found, thread)
        for it in found.reviews.values():
            if wanted == node_id("PRR", it.id) and it.state != "PENDING":
                return review(graph, found, it)
        if comment := _said(graph, found, wanted):
            return comment
    raise QueryError(f"Could not resolve to a node with the global id of '{wanted}'", "NOT_FOUND")


def _said(graph: Graph, found: Repository, wanted: str) -> Thing | None:
    """Find a comment by its global id."""
    for it in found.comments.values():
        if wanted == node_id("IC", it.id):
            return _issue_comment(graph, found, it)
    for it in found.review_comments.values():
        if wanted == node_id("PRRC", it.id) and found.reviews[it.review_id].state != "PENDING":
            graph.require("pull_requests:read")
            return _comment(graph, found, it)
    return None


def repository(graph: Graph, it: Repository) -> Thing:
    """Show a repository."""
    reads: Reads = {
        **values_of(
            {
                "id": node_id("R", it.id),
                "databaseId": it.id,
                "name": it.name,
                "nameWithOwner": it.full_name,
                "url": html_url(graph.world, it),
                "isPrivate": it.private,
                "pushedAt": stamp(it.pushed_at),
            }
        ),
        "pullRequest": lambda wanted: _pull_request(graph, it, wanted["number"]),
        "labels": lambda wanted: _labels(graph, it, wanted),
        **_items(graph, it, list(it.issues.values())),
    }
    return Thing("Repository", reads, ("Node",))


def _labels(graph: Graph, found: Repository, wanted: Arguments) -> Thing:
    word = (wanted.get("query") or "").lower()
    things = [_label(graph, found, it) for it in found.labels.values() if word in it.name.lower()]
    return connection("labels", things, wanted)


def _label(graph: Graph, found: Repository, it: Label) -> Thing:
    carrying = [issue for issue in found.issues.values() if it.name in issue.labels]
    values: Json = {"id": node_id("LA", it.id), "name": it.name, "color": it.color, "description": it.description}
    return Thing("Label", {**values_of(values), **_items(graph, found, carrying)}, ("Node",))


def _items(graph: Graph, found: Repository, among: list[Issue]) -> Reads:
    """Read lists of issues, and of pull requests, which are none in the graph."""

    def issues_of(wanted: Arguments) -> Thing:
        graph.require("issues:read")
        things = [_issue(graph, found, it) for it in _chosen(among, wanted) if not it.pull]
        return connection("issues", things, wanted)

    def pulls_of(wanted: Arguments) -> Thing:
        things = [pull_request(graph, found, it) for it in _chosen(among, wanted) if it.pull]
        return connection("pullRequests", things, wanted)

    return {"issues": issues_of, "pullRequests": pulls_of}


def _chosen(among: list[Issue], wanted: Arguments) -> list[Issue]:
    states: list[str] | None = wanted.get("states")
    order: Json = wanted.get("orderBy") or {}
    chosen = [it for it in among if not states or _state(it) in states]
    if order.get("field") == "UPDATED_AT":
        chosen.sort(key=lambda it: it.updated_at)
    return chosen[::-1] if order.get("direction") == "DESC" else chosen


def _state(it: Issue) -> str:
    return "MERGED" if it.pull and it.pull.merged_at else it.state.upper()


def _issue(graph: Graph, found: Repository, it: Issue) -> Thing:
    values: Json = {
        "id": node_id("I", it.id),
        "databaseId": it.id,
        "number": it.number,
        "title": it.title,
        "url": issues.issue_html_url(graph.world, found, it),
        "state": _state(it),
        "updatedAt": stamp(it.updated_at),
    }
    return Thing("Issue", values_of(values), ("Node",))


def _pull_request(graph: Graph, found: Repository, number: int) -> Thing:
    issue = found.issues.get(number)
    if not issue or not issue.pull:
        raise QueryError(f"Could not resolve to a PullRequest with the number of {number}.", "NOT_FOUND")
    return pull_request(graph, found, issue)


def pull_request(graph: Graph, found: Repository, it: Issue) -> Thing:
    """Show a pull request."""
    graph.require("pull_requests:read")
    pull = pull_of(it)
    threads = [thread for thread in found.threads.values() if thread.number == it.number and _seen(found, thread)]
    reads: Reads = {
        **values_of(
            {
                "id": node_id("PR", pull.id),
                "databaseId": pull.id,
                "number": it.number,
                "title": it.title,
                "body": it.body,
                "url": issues.issue_html_url(graph.world, found, it),
                "state": _state(it),
                "updatedAt": stamp(it.updated_at),
                "isDraft": pull.draft,
                "headRefName": pull.head,
                "headRefOid": pull.head_sha,
                "baseRefName": pull.base,
                "baseRefOid": pull.base_sha,
            }
        ),
        "author": lambda _: actor(graph, it.user),
        "repository": lambda _: repository(graph, found),
        "statusCheckRollup": lambda _: rollup(graph, found, pull.head_sha),
        "reviewThreads": lambda wanted: connection(
            "reviewThreads", [review_thread(graph, found, thread) for thread in threads], wanted
        ),
    }
    return Thing("PullRequest", reads, ("Node",))


def _seen(found: Repository, thread: Thread) -> bool:
    return any(found.reviews[it.review_id].state != "PENDING" for it in _comments(found, thread))


def _comments(found: Repository, thread: Thread) -> list[ReviewComment]:
    return [it for it in found.review_comments.values() if it.thread_id == thread.id]


def review_thread(graph: Graph, found: Repository, it: Thread) -> Thing:
    """Show a conversation about lines."""
    graph.require("pull_requests:read")
    here = it.here
    comments = _comments(found, it)
    reads: Reads = {
        **values_of(
            {
                "id": reviews.thread_node(it),
                "isResolved": it.resolved_by is not None,
                "isOutdated": here is None,
                "isCollapsed": it.resolved_by is not None or here is None,
                "path": it.spot.path,
                "line": here.line if here else None,
                "startLine": here.start_line if here else None,
                "originalLine": it.spot.line,
                "originalStartLine": it.spot.start_line,
                "diffSide": it.spot.side,
                "startDiffSide": it.spot.start_side,
                "subjectType": "LINE",
            }
        ),
        "resolvedBy": lambda _: actor(graph, it.resolved_by) if it.resolved_by else None,
        "pullRequest": lambda _: pull_request(graph, found, found.issues[it.number]),
        "comments": lambda wanted: connection("comments", [_comment(graph, found, one) for one in comments], wanted),
    }
    return Thing("PullRequestReviewThread", reads, ("Node",))


def _comment(graph: Graph, found: Repository, it: ReviewComment) -> Thing:
    shown, thread = reviews.comment(graph.world, found, it), found.threads[it.thread_id]
    said_with = found.reviews[it.review_id]
    reads: Reads = {
        **values_of(
            {
                "id": shown["node_id"],
                "databaseId": it.id,
                "fullDatabaseId": str(it.id),
                "body": it.body,
                "url": shown["html_url"],
                "path": shown["path"],
                "line": shown["line"],
                "startLine": shown["start_line"],
                "originalLine": shown["original_line"],
                "diffHunk": shown["diff_hunk"],
                "createdAt": shown["created_at"],
                "updatedAt": shown["updated_at"],
                "authorAssociation": shown["author_association"],
                "outdated": thread.here is None,
                "state": "PENDING" if said_with.state == "PENDING" else "SUBMITTED",
            }
        ),
        **reactions_of(graph, found, ("review_comment", it.id)),
        "author": lambda _: actor(graph, it.user),
        "replyTo": lambda _: _comment(graph, found, found.review_comments[it.in_reply_to]) if it.in_reply_to else None,
        "pullRequestReview": lambda _: review(graph, found, said_with),
    }
    return Thing("PullRequestReviewComment", reads, ("Node", "Comment", "Reactable"))


def _issue_comment(graph: Graph, found: Repository, it: Comment) -> Thing:
    """Show what was said on an issue, or in the conversation of a pull request."""
    graph.require("pull_requests:read" if found.issues[it.number].pull else "issues:read")
    shown = issues.comment(graph.world, found, it)
    values: Json = {
        "id": shown["node_id"],
        "databaseId": it.id,
        "fullDatabaseId": str(it.id),
        "body": it.body,
        "url": shown["html_url"],
        "createdAt": shown["created_at"],
        "updatedAt": shown["updated_at"],
    }
    reads: Reads = {
        **values_of(values),
        **reactions_of(graph, found, ("comment", it.id)),
        "author": lambda _: actor(graph, it.user),
    }
    return Thing("IssueComment", reads, ("Node", "Comment", "Reactable"))


def review(graph: Graph, found: Repository, it: Review) -> Thing:
    """Show a review."""
    graph.require("pull_requests:read")
    reads: Reads = {
        **values_of({"id": node_id("PRR", it.id), "databaseId": it.id, "body": it.body, "state": it.state}),
        **reactions_of(graph, found, ("review", it.id)),
        "author": lambda _: actor(graph, it.user),
    }
    return Thing("PullRequestReview", reads, ("Node", "Comment", "Reactable"))
