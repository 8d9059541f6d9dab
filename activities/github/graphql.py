"""GraphQL, for the little that REST does not have: threads of reviews, and the end of a draft."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from temporalio.exceptions import ApplicationError

from activities.github.errors import failed
from workflows.model import Failure

FAILURES = {
    "FORBIDDEN": Failure.CONFIGURATION,
    "INSUFFICIENT_SCOPES": Failure.CONFIGURATION,
    "NOT_FOUND": Failure.PERMANENT,
    "RATE_LIMITED": Failure.RATE_LIMITED,
    "UNPROCESSABLE": Failure.PERMANENT,
}
OTHER = Failure.TRANSIENT
"""What GitHub gives no type is trouble of its own."""
REFUSED = frozenset({Failure.CONFIGURATION, Failure.PERMANENT})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """A query or mutation, and what to put into it."""

    text: str
    variables: Mapping[str, object]

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return not self.text.startswith("mutation")


@dataclass(frozen=True, slots=True)
class GraphQLError:
    """Why a query, or a part of it, has no answer."""

    message: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """An answer: data, or errors, or some of both."""

    data: T | None = None
    errors: tuple[GraphQLError, ...] = ()


def endpoint(api_url: str) -> str:
    """Tell where GraphQL is: GitHub Enterprise has it beside REST, not below it."""
    beside, count = re.subn(r"/api/v3/?$", "/api/graphql", api_url)
    return beside if count else "/graphql"


def data_of(reply: Reply[T]) -> T:
    """Take the data of a complete answer."""
    if reply.errors:
        error = reply.errors[0]
        raise failed(FAILURES.get(error.type, OTHER), f"GitHub refused: {error.message[:300]}")
    if reply.data is None:
        raise failed(OTHER, "GitHub sent an empty answer.")
    return reply.data


def is_refusal(error: ApplicationError) -> bool:
    """Whether GitHub will say the same however often it is asked."""
    return error.type in REFUSED
