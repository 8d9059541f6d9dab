"""GraphQL operations, and answers to them, before GitHub's schema."""

import packages
import pytest

QUERY = "query Draft($id: ID!) { node(id: $id) { ... on PullRequest { number isDraft reviewDecision } } }"


def problems(query: str = QUERY, **data: object) -> list[str]:
    """Judge one operation and its answer."""
    if packages.missing():
        pytest.skip("GitHub's GraphQL schema is not installed. To run these stories: make conformance")
    node = {"number": 1, "isDraft": True, "reviewDecision": None} | data
    [found] = packages.graphql_problems([{"query": query, "variables": {"id": "PR_1"}, "data": {"node": node}}])
    return found


def test_what_github_would_send_passes() -> None:
    """Null where it may be, and one of a closed set."""
    assert problems() == []
    assert problems(reviewDecision="APPROVED") == []


def test_what_github_would_not_understand_is_told() -> None:
    """An unknown field, and a text that is no GraphQL."""
    assert [it[:36] for it in problems(QUERY.replace("isDraft", "draft"))] == ['Cannot query field "draft" on type "']
    assert [it[:12] for it in problems("query {")] == ["Syntax Error"]


def test_an_answer_that_github_would_not_give_is_told() -> None:
    """Null where it may not be, another type, none of the closed set: by its place."""
    assert [it.partition(":")[0] for it in problems(isDraft=None)] == ["node.isDraft"]
    assert [it.partition(":")[0] for it in problems(number="one")] == ["node.number"]
    assert [it.partition(":")[0] for it in problems(reviewDecision="MAYBE")] == ["node.reviewDecision"]
