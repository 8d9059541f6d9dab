"""What GraphQL alone can change: whether a thread is resolved or a pull request is a draft, reactions to reviews."""

from collections.abc import Callable

from github_app.demo.github.graphql.execution import Arguments, Thing
from github_app.demo.github.graphql.graph import Graph, Reads
from github_app.demo.github.graphql.parsing import QueryError
from github_app.demo.github.graphql.reactions import CONTENTS, reaction, reaction_groups
from github_app.demo.github.graphql.schema import pull_request, review, review_thread
from github_app.demo.github.merging import Merging
from github_app.demo.github.model import Repository, Review
from github_app.demo.github.reviewing import Reviewing
from github_app.demo.github.shapes.reviews import thread_node
from github_app.demo.github.shapes.values import node_id
from github_app.demo.github.tracker import Tracker

NEEDS = ("contents:write", "pull_requests:write")
"""GitHub asks for both, although no content changes."""


def mutation(graph: Graph) -> Thing:
    """Make the root of mutations."""
    reads: Reads = {
        "resolveReviewThread": lambda wanted: _settle(graph, wanted["input"], resolved=True),
        "unresolveReviewThread": lambda wanted: _settle(graph, wanted["input"], resolved=False),
        "markPullRequestReadyForReview": lambda wanted: _set_draft(graph, wanted["input"], draft=False),
        "convertPullRequestToDraft": lambda wanted: _set_draft(graph, wanted["input"], draft=True),
        "addReaction": lambda wanted: _react(graph, wanted["input"]),
    }
    return Thing("Mutation", reads)


def _settle(graph: Graph, wanted: Arguments, *, resolved: bool) -> Thing:
    graph.require(*NEEDS)
    found, thread_id = _thread(graph, wanted["threadId"])
    changed = Reviewing(graph.world, found, graph.world.bot).resolve(thread_id, resolved=resolved)
    return _payload("ResolveReviewThread", "thread", lambda _: review_thread(graph, found, changed))


def _thread(graph: Graph, wanted: str) -> tuple[Repository, int]:
    for found in graph.repositories:
        for thread in found.threads.values():
            if thread_node(thread) == wanted:
                return found, thread.id
    raise _no_node(wanted)


def _set_draft(graph: Graph, wanted: Arguments, *, draft: bool) -> Thing:
    graph.require(*NEEDS)
    found, number = _pull(graph, wanted["pullRequestId"])
    changed = Merging(graph.world, found, graph.world.bot).set_draft(number, draft=draft)
    return _payload("PullRequestDraft", "pullRequest", lambda _: pull_request(graph, found, changed))


def _pull(graph: Graph, wanted: str) -> tuple[Repository, int]:
    for found in graph.repositories:
        for issue in found.issues.values():
            if issue.pull and node_id("PR", issue.pull.id) == wanted:
                return found, issue.number
    raise _no_node(wanted)


def _react(graph: Graph, wanted: Arguments) -> Thing:
    """React; a second reaction of the same kind is the first one."""
    graph.require("pull_requests:write")
    found, it = _review(graph, wanted["subjectId"])
    subject, content = ("review", it.id), CONTENTS.get(wanted["content"])
    if not content:
        raise QueryError(f'Expected "{wanted["content"]}" to be one of: {", ".join(CONTENTS)}')
    given, _ = Tracker(graph.world, found, graph.world.bot).react(subject, content)
    reads: Reads = {
        "reaction": lambda _: reaction(graph, given),
        "reactionGroups": lambda _: reaction_groups(graph, found, subject),
        "subject": lambda _: review(graph, found, it),
        "clientMutationId": lambda _: None,
    }
    return Thing("AddReactionPayload", reads)


def _review(graph: Graph, wanted: str) -> tuple[Repository, Review]:
    for found in graph.repositories:
        for it in found.reviews.values():
            if node_id("PRR", it.id) == wanted and it.state != "PENDING":
                return found, it
    raise _no_node(wanted)


def _payload(name: str, what: str, read: Callable[[Arguments], object]) -> Thing:
    return Thing(f"{name}Payload", {what: read, "clientMutationId": lambda _: None})


def _no_node(wanted: str) -> QueryError:
    return QueryError(f"Could not resolve to a node with the global id of '{wanted}'.", "NOT_FOUND")
