"""A call to GitHub's API, and what makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar

from githubkit import Response
from pydantic import TypeAdapter

from workflows.patience import HTTP_CALL

CALL_SECONDS = HTTP_CALL.time.total_seconds()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One request; a path without a slash before it is relative to the repository."""

    method: str
    path: str
    body: Mapping[str, object] | None = None
    reads: bool = False
    """Whether it only asks, whatever its method."""

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET" and not self.reads

    @property
    def creates(self) -> bool:
        """Whether doing it twice would leave two."""
        return self.method == "POST" and self.writes


class Requester(Protocol):
    """The one method of githubkit's client that we call."""

    async def arequest(
        self,
        method: str,
        url: str,
        *,
        json: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response[Any]:
        """Send a request; raises `RequestFailed` when GitHub refuses."""
        ...


def read(response: Response[Any], model: type[T]) -> T:
    """Read an answer into the few fields of `answers.py`; raises pydantic's `ValidationError` if they are not there.

    githubkit would build what reads it for each answer anew, which takes up to two milliseconds.
    """
    return _reader(model).validate_json(response.content)


@cache
def _reader(model: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(model)
