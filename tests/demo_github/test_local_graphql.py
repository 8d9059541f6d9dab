"""GraphQL: review threads, drafts and reactions, with the ids that REST knows too."""

import contextlib
import json
from typing import Any

import pytest
from githubkit.exception import GraphQLFailed
from hypothesis import given
from hypothesis import strategies as st
from local_scene import Scene

from github_app.demo.github import PullDraft, Remark, ReviewDraft
from github_app.demo.github.graphql.parsing import Field, QueryError, Variable, parse

THREADS = """
query Threads($owner: String!, $name: String!, $number: Int!, $after: String, $size: Int = 100) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { id isDraft ...on PullRequest { title }
      reviewThreads(first: $size, after: $after) {
        nodes {
          id isResolved isOutdated path line resolvedBy { login }
          comments(first: 10) { totalCount nodes { databaseId body author { __typename login } } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id isResolved } } }"
TO_DRAFT = "mutation($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"
READY = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }"
REACT = """
mutation($id: ID!, $content: ReactionContent!) {
  addReaction(input: {subjectId: $id, content: $content}) {
    reaction { content user { login } }
    reactionGroups { content viewerHasReacted reactors(first: 5) { nodes { ... on Bot { login } } } }
    subject { __typename id }
  }
}
"""
REACTIONS = """
query($id: ID!) {
  node(id: $id) {
    ... on PullRequestReview {
      reactions(first: 10) { totalCount nodes { content } }
      eyes: reactions(first: 10, content: EYES) { totalCount }
      reactionGroups { content reactors(first: 5) { totalCount } }
    }
  }
}
"""
WHERE = {"owner": "acme", "name": "calc", "number": 2}


async def reviewed_pull(scene: Scene) -> None:
    """Open #2, with a comment on each of its two lines."""
    await scene.github.push(scene.repo, "work", {"new.py": "A\nB\n"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"), by="ada")
    remarks = (Remark("new.py", 1, "A?"), Remark("new.py", 2, "B?"))
    await scene.github.review(scene.repo, 2, ReviewDraft(comments=remarks), by="bob")


async def ask(scene: Scene, query: str, variables: dict[str, Any], token: str = "") -> dict[str, Any]:
    """Send a query."""
    token = token or await scene.token()
    answer = await scene.request_as(token, "POST", "/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200
    return answer.json()


async def test_threads_are_listed_with_the_ids_that_rest_has(scene: Scene) -> None:
    """A comment's `databaseId` is its id in REST; pages follow the cursor."""
    await reviewed_pull(scene)
    github = scene.as_installation()
    first = (await github.async_graphql(THREADS, WHERE | {"size": 1}))["repository"]["pullRequest"]["reviewThreads"]
    rest = (await scene.request("GET", "/repos/acme/calc/pulls/2/comments")).json()
    [thread] = first["nodes"]
    [comment] = thread["comments"]["nodes"]
    assert (comment["databaseId"], comment["body"]) == (rest[0]["id"], "A?")
    assert comment["author"] == {"__typename": "User", "login": "bob"}
    assert first["pageInfo"]["hasNextPage"]
    more = await github.async_graphql(THREADS, WHERE | {"size": 1, "after": first["pageInfo"]["endCursor"]})
    second = more["repository"]["pullRequest"]["reviewThreads"]
    assert [it["line"] for it in second["nodes"]] == [2]
    assert not second["pageInfo"]["hasNextPage"]


async def test_a_thread_is_resolved_by_the_app(scene: Scene) -> None:
    """It is told, and the next query sees it."""
    await reviewed_pull(scene)
    threads = (await ask(scene, THREADS, WHERE))["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]
    done = await ask(scene, RESOLVE, {"id": threads[0]["id"]})
    assert done["data"]["resolveReviewThread"]["thread"] == {"id": threads[0]["id"], "isResolved": True}
    again = (await ask(scene, THREADS, WHERE))["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]
    assert [it["isResolved"] for it in again] == [True, False]
    assert again[0]["resolvedBy"] == {"login": "aidp"}
    await scene.github.settle()
    assert scene.mailbox.last("pull_request_review_thread.resolved")["thread"]["node_id"] == threads[0]["id"]


async def test_resolving_needs_the_content_too(scene: Scene) -> None:
    """GitHub refuses `pull_requests:write` alone; the log of calls says what was needed."""
    await reviewed_pull(scene)
    threads = (await ask(scene, THREADS, WHERE))["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]
    token = await scene.token(permissions={"pull_requests": "write"})
    answer = await ask(scene, RESOLVE, {"id": threads[0]["id"]}, token)
    assert answer["data"] == {"resolveReviewThread": None}
    assert answer["errors"][0]["type"] == "FORBIDDEN"
    assert scene.github.calls[-1].needs == ("contents:write", "pull_requests:write")


async def test_a_pull_request_becomes_a_draft_and_ready_again(scene: Scene) -> None:
    """The `node_id` of REST is the id here; each change is told once."""
    await reviewed_pull(scene)
    pull = (await scene.request("GET", "/repos/acme/calc/pulls/2")).json()["node_id"]
    for query, draft in ((TO_DRAFT, True), (TO_DRAFT, True), (READY, False)):
        answer = await ask(scene, query, {"id": pull})
        assert list(answer["data"].values()) == [{"pullRequest": {"isDraft": draft}}]
        assert (await scene.request("GET", "/repos/acme/calc/pulls/2")).json()["draft"] is draft
    await scene.github.settle()
    told = [
        it for it in scene.mailbox.events if it in ("pull_request.converted_to_draft", "pull_request.ready_for_review")
    ]
    assert told == ["pull_request.converted_to_draft", "pull_request.ready_for_review"]


async def test_the_app_reacts_to_a_review(scene: Scene) -> None:
    """Once with each kind, however often; whoever asks for the review sees it, by one and by kind."""
    await reviewed_pull(scene)
    [review] = (await scene.request("GET", "/repos/acme/calc/pulls/2/reviews")).json()
    for content in ("EYES", "EYES", "ROCKET"):
        answer = (await ask(scene, REACT, {"id": review["node_id"], "content": content}))["data"]["addReaction"]
        assert answer["reaction"] == {"content": content, "user": None}
        assert answer["subject"] == {"__typename": "PullRequestReview", "id": review["node_id"]}
    given = [it for it in answer["reactionGroups"] if it["viewerHasReacted"]]
    assert [it["content"] for it in given] == ["ROCKET", "EYES"]
    assert given[0]["reactors"]["nodes"] == [{"login": "aidp"}]
    seen = (await ask(scene, REACTIONS, {"id": review["node_id"]}))["data"]["node"]
    assert seen["reactions"] == {"totalCount": 2, "nodes": [{"content": "EYES"}, {"content": "ROCKET"}]}
    assert seen["eyes"] == {"totalCount": 1}
    assert sum(it["reactors"]["totalCount"] for it in seen["reactionGroups"]) == 2


@pytest.mark.parametrize(
    ("subject", "content", "permissions", "kind"),
    [
        ("PRR_0", "EYES", {"pull_requests": "write"}, "NOT_FOUND"),
        ("", "EYES", {"pull_requests": "read"}, "FORBIDDEN"),
        ("", "SMILE", {"pull_requests": "write"}, ""),
    ],
)
async def test_a_reaction_may_be_refused(
    scene: Scene, subject: str, content: str, permissions: dict[str, str], kind: str
) -> None:
    """To what is not there, by who may not, and of a kind that there is not: nothing is given."""
    await reviewed_pull(scene)
    [review] = (await scene.request("GET", "/repos/acme/calc/pulls/2/reviews")).json()
    variables = {"id": subject or review["node_id"], "content": content}
    answer = await ask(scene, REACT, variables, await scene.token(permissions=permissions))
    assert answer["data"] == {"addReaction": None}
    assert answer["errors"][0]["type"] == kind
    assert scene.repo.reactions == {}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('{ repository(owner: "acme", name: "calc") { stars } }', "Field 'stars' doesn't exist on type 'Repository'"),
        ("{ viewer }", "Field must have selections (field of type Bot)"),
        ("{ viewer { login ", "Unexpected end of document"),
        ("{ viewer { login } } }", 'Unexpected "}"'),
        ("subscription { x }", 'Only one query or mutation is known here, not "subscription"'),
        ("mutation { deleteEverything { ok } }", "Field 'deleteEverything' doesn't exist on type 'Mutation'"),
        (
            '{ repository(owner: "acme", name: "x") { id } }',
            "Could not resolve to a Repository with the name 'acme/x'.",
        ),
        ('{ node(id: "PR_0") { id } }', "Could not resolve to a node with the global id of 'PR_0'"),
        ("", "Unexpected end of document"),
    ],
)
async def test_a_query_that_is_not_known_is_an_error(scene: Scene, query: str, said: str) -> None:
    """In GraphQL's form: 200, with the reason; clients raise it."""
    assert [it["message"] for it in (await ask(scene, query, {}))["errors"]] == [said]
    with pytest.raises(GraphQLFailed):
        await scene.as_installation().async_graphql(query)


async def test_a_list_without_a_size_is_refused(scene: Scene) -> None:
    """`first` or `last` is a must, and a hundred the most."""
    await reviewed_pull(scene)
    for size, kind in ((None, "MISSING_PAGINATION_BOUNDARIES"), (101, "EXCESSIVE_PAGINATION")):
        answer = await ask(scene, THREADS, WHERE | {"size": size})
        assert answer["errors"][0]["type"] == kind


names = st.from_regex(r"[a-z][A-Za-z_0-9]{0,6}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(st.characters(codec="ascii", exclude_categories=("C",))),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.dictionaries(names.filter(lambda name: name != "v"), values, max_size=3), names)
def test_arguments_are_read_as_they_were_written(arguments: dict[str, Any], name: str) -> None:
    """Whatever JSON can say; and a variable stays one."""
    written = ", ".join(f"{key}: {as_graphql(value)}" for key, value in arguments.items())
    [field] = parse(f"query {{ {name}(v: ${name} {written}) {{ a }} }}").selection
    assert isinstance(field, Field)
    assert field.arguments == {"v": Variable(name)} | arguments


def as_graphql(value: object) -> str:
    """Write a value as GraphQL has it: as JSON, without commas if one likes."""
    return json.dumps(value)


@given(st.text(max_size=40) | st.text('{}()[]:!$."a1, ', max_size=20))
def test_nonsense_is_refused_politely(document: str) -> None:
    """No input ends otherwise than in an operation or an error that says why."""
    with contextlib.suppress(QueryError):
        assert parse(document).selection is not None
