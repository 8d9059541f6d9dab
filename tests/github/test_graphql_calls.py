"""GraphQL answers 200 whatever went wrong: what that means for us."""

import pytest
from temporalio.exceptions import ApplicationError

from activities.github.graphql import Complaints, GraphQLError, Query, Reply, data_of, endpoint, is_refusal
from workflows.model import Failure


@pytest.mark.parametrize(
    ("error", "failure", "final"),
    [
        (GraphQLError("Resource not accessible by integration", "FORBIDDEN"), Failure.CONFIGURATION, True),
        (GraphQLError("Could not resolve to a node", "NOT_FOUND"), Failure.PERMANENT, True),
        (GraphQLError("Field 'x' doesn't exist on type 'Y'"), Failure.PERMANENT, True),
        (GraphQLError("Something went wrong while executing your query."), Failure.TRANSIENT, False),
    ],
)
def test_a_refusal_is_told_from_trouble(error: GraphQLError, failure: Failure, final: bool) -> None:  # noqa: FBT001 - a table
    """What GitHub refuses is final, what it stumbles over is tried again; half an answer is none."""
    with pytest.raises(ApplicationError, match="GitHub refused") as refused:
        data_of(Reply("half of it", (error,)))
    assert (refused.value.type, refused.value.non_retryable) == (failure, final)
    assert is_refusal(refused.value) is final


@pytest.mark.parametrize(
    ("error", "limits"),
    [
        (GraphQLError("API rate limit exceeded for installation ID 7.", "RATE_LIMITED"), True),
        (GraphQLError("API rate limit already exceeded for installation ID 7.", "RATE_LIMIT"), True),
        (GraphQLError("You have exceeded a secondary rate limit."), True),
        (GraphQLError("was submitted too quickly", "UNPROCESSABLE"), True),
        (GraphQLError("Resource not accessible by integration", "FORBIDDEN"), False),
    ],
)
def test_a_limit_is_told_from_other_errors(error: GraphQLError, limits: bool) -> None:  # noqa: FBT001 - a table
    """The primary limit has a type, the secondary one only its words; it counts wherever it stands."""
    assert error.is_limit is limits
    assert Complaints((GraphQLError("Could not resolve to a node", "NOT_FOUND"), error)).are_limits is limits
    assert not Complaints().are_limits


def test_an_empty_answer_is_no_answer() -> None:
    """Neither data nor errors: that is asked again."""
    empty: Reply[str] = Reply()
    with pytest.raises(ApplicationError, match="empty answer") as refused:
        data_of(empty)
    assert refused.value.type == Failure.TRANSIENT


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        ("https://api.github.com", "/graphql"),
        ("https://github.example.com/api/v3", "https://github.example.com/api/graphql"),
        ("https://github.example.com/api/v3/", "https://github.example.com/api/graphql"),
        ("https://api.example.ghe.com", "/graphql"),
    ],
)
def test_enterprise_servers_have_it_beside_rest(api: str, expected: str) -> None:
    """The address follows the configured one."""
    assert endpoint(api) == expected


def test_only_mutations_write() -> None:
    """Reading a thread takes no turn among the writes."""
    assert Query("query { viewer { login } }", {}).reads
    assert not Query("mutation x { y }", {}).reads
