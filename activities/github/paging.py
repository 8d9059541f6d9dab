"""Lists that GitHub wraps into an object, read to their end."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from activities.github.client import RepositoryClient

PAGE = 100
MAX_PAGES = 10  # of what can be read only ever the newest thousand matters

Wrapped = TypeVar("Wrapped")
Entry = TypeVar("Entry")


async def wrapped_pages(
    repository: RepositoryClient, path: str, model: type[Wrapped], entries: Callable[[Wrapped], Sequence[Entry]]
) -> list[Entry]:
    """Read page after page; the path has its own question mark."""
    found: list[Entry] = []
    for page in range(1, MAX_PAGES + 1):
        here = entries(await repository.get(f"{path}&per_page={PAGE}&page={page}", model))
        found.extend(here)
        if len(here) < PAGE:
            break
    return found
