"""GraphQL, for the little that REST does not have: threads of reviews and reactions to them, and the end of a draft."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from temporalio.exceptions import ApplicationError

from activities.github.errors import TOO_QUICKLY, failed
from workflows.model import Failure

FAILURES = {
    "FORBIDDEN": Failure.CONFIGURATION,
    "INSUFFICIENT_SCOPES": Failure.CONFIGURATION,
    "NOT_FOUND": Failure.PERMANENT,
    "UNPROCESSABLE": Failure.PERMANENT,
}
LIMITS = frozenset({"RATE_LIMIT", "RATE_LIMITED"})
SECONDARY = ("secondary rate limit", TOO_QUICKLY)
"""These have no type of their own."""
TROUBLE = re.compile("something went wrong|time ?d? ?out|temporar", re.IGNORECASE)
"""GitHub's own trouble has no type; nor have mistakes in a query."""
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
    path: tuple[str | int, ...] = ()
    """Which part has no answer."""

    @property
    def is_limit(self) -> bool:
        """Whether it is about how many calls there were."""
        return self.type in LIMITS or any(words in self.message for words in SECONDARY)


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """An answer: data, or errors, or some of both."""

    data: T | None = None
    errors: tuple[GraphQLError, ...] = ()


@dataclass(frozen=True, slots=True)
class Complaints:
    """What an answer has against the question, whatever its data."""

    errors: tuple[GraphQLError, ...] = ()

    @property
    def are_limits(self) -> bool:
        """Whether GitHub wants no more calls now; its headers tell for how long."""
        return any(error.is_limit for error in self.errors)


def endpoint(api_url: str) -> str:
    """Tell where GraphQL is: GitHub Enterprise has it beside REST, not below it."""
    beside, count = re.subn(r"/api/v3/?$", "/api/graphql", api_url)
    return beside if count else "/graphql"


def data_of(reply: Reply[T]) -> T:
    """Take the data of a complete answer."""
    if reply.errors:
        raise _refusal(reply.errors[0])
    if reply.data is None:
        raise failed(Failure.TRANSIENT, "GitHub sent an empty answer.")
    return reply.data


def is_refusal(error: ApplicationError) -> bool:
    """Whether GitHub will say the same however often it is asked."""
    return error.type in REFUSED


def _refusal(error: GraphQLError) -> ApplicationError:
    trouble = Failure.TRANSIENT if TROUBLE.search(error.message) else Failure.PERMANENT
    return failed(FAILURES.get(error.type, trouble), f"GitHub refused: {error.message[:300]}")
