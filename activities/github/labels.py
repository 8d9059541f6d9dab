"""Labels on an item: compare what is with what should be, write the difference."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from githubkit.exception import RequestFailed

from activities.github.answers import Label
from activities.github.calls import Call
from activities.github.client import RepositoryClient
from activities.github.errors import status_of
from workflows.model import LabelChange

EXISTS = 422


@dataclass(frozen=True, slots=True)
class Look:
    """How a label of ours looks in the repository's list."""

    color: str
    description: str


LOOKS = {  # by the end of the name: a repository may choose another prefix
    "build": Look("1f6feb", "aidp builds this and opens a pull request"),
    "working": Look("fbca04", "aidp is working on this"),
    "needs-input": Look("d93f0b", "aidp waits for an answer here"),
}
OTHER_LOOK = Look("8b949e", "Set by aidp")


async def change_labels(repository: RepositoryClient, change: LabelChange) -> None:
    """Add first, then remove, so that the item is never without a state."""
    path = f"issues/{change.item.number}/labels"
    present = [label.name async for label in repository.pages(path, list[Label])]
    if missing := _without(change.add, present):
        await _ensure_defined(repository, missing)
        await repository.send(Call("POST", path, {"labels": missing}), list[Label])
    for name in _without(present, _without(present, change.remove)):
        await repository.delete(f"{path}/{quote(name, safe='')}")


async def _ensure_defined(repository: RepositoryClient, names: Iterable[str]) -> None:
    for name in names:
        if not await repository.find(f"labels/{quote(name, safe='')}", Label):
            await _define(repository, name)


async def _define(repository: RepositoryClient, name: str) -> None:
    look = next((look for end, look in LOOKS.items() if name.endswith(end)), OTHER_LOOK)
    body = {"name": name, "color": look.color, "description": look.description}
    try:
        await repository.send(Call("POST", "labels", body), Label)
    except RequestFailed as error:
        if status_of(error) != EXISTS:  # somebody was faster
            raise


def _without(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """Leave out the others; GitHub does not tell upper from lower case in labels."""
    folded = {name.casefold() for name in others}
    return [name for name in names if name.casefold() not in folded]
