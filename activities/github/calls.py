"""A call to GitHub's API, and what makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from githubkit import Response

CALL_SECONDS = 20

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


class Requester(Protocol):
    """The one method of githubkit's client that we call; answers are read into the few fields of `answers.py`."""

    async def arequest(
        self,
        method: str,
        url: str,
        *,
        json: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        response_model: type[T],
    ) -> Response[T]:
        """Send a request; raises `RequestFailed` when GitHub refuses."""
        ...
