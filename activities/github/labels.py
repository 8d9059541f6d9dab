"""Labels: known to the repository, and on an item; compare what is with what should be, write the difference."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from urllib.parse import quote

from githubkit.exception import RequestFailed

from activities.github.answers import Label
from activities.github.calls import Call
from activities.github.client import RepositoryClient
from activities.github.errors import status_of
from workflows.model import LabelChange, Labels

EXISTS = 422
STARTS = "1f6feb"
"""The colour of labels that people put on."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a label of ours looks in the repository's list."""

    color: str
    description: str


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "plan": Look(STARTS, "aidp plans this and waits for approval"),
        "build": Look(STARTS, "aidp builds this and opens a pull request"),
        "auto": Look(STARTS, "aidp builds this until it is ready for review"),
        "review": Look(STARTS, "aidp reviews this pull request"),
        "fix_ci": Look(STARTS, "aidp repairs the CI of this pull request"),
        "request_changes": Look(STARTS, "aidp does what reviews ask for"),
        "rebase": Look(STARTS, "aidp brings this up to date with its base"),
        "project": Look(STARTS, "aidp cuts this into sub-issues and builds them"),
        "working": Look("fbca04", "aidp is working on this"),
        "needs_input": Look("d93f0b", "aidp waits for a person here"),
        "ready": Look("0e8a16", "aidp is done, a person reviews and merges"),
        "blocked": Look("b60205", "This waits for other work of aidp"),
    }
)
"""By the field of `Labels`."""
OTHER_LOOK = Look("8b949e", "Set by aidp")


async def change_labels(repository: RepositoryClient, change: LabelChange) -> None:
    """Add first, then remove, so that the item is never without a state."""
    path = f"issues/{change.item.number}/labels"
    present = [label.name async for label in repository.pages(path, list[Label])]
    if missing := _without(change.add, present):
        await define_missing(repository, missing)
        await repository.send(Call("POST", path, {"labels": missing}), list[Label])
    for name in _without(present, _without(present, change.remove)):
        await repository.delete(f"{path}/{quote(name, safe='')}")


async def define_missing(repository: RepositoryClient, names: Iterable[str]) -> None:
    """Make these labels known to the repository, with the look of ours; known ones keep theirs."""
    for name in names:
        if not await repository.find(f"labels/{quote(name, safe='')}", Label):
            await _define(repository, name, _look_of(name))


async def define_all(repository: RepositoryClient, labels: Labels) -> None:
    """Make all labels that mean something to us known to the repository."""
    known = [label.name async for label in repository.pages("labels", list[Label])]
    missing = _without(asdict(labels).values(), known)
    for field, name in asdict(labels).items():
        if name in missing:
            await _define(repository, name, LOOKS[field])


async def _define(repository: RepositoryClient, name: str, look: Look) -> None:
    body = {"name": name, "color": look.color, "description": look.description}
    try:
        await repository.send(Call("POST", "labels", body), Label)
    except RequestFailed as error:
        if status_of(error) != EXISTS:  # somebody was faster
            raise


def _look_of(name: str) -> Look:
    """Tell a label by the end of its name: a repository may choose another prefix."""
    ends = {end: field for field, end in _ends().items() if name.endswith(end)}
    return LOOKS[ends[max(ends, key=len)]] if ends else OTHER_LOOK


def _ends() -> dict[str, str]:
    return {field: field.replace("_", "-") for field in LOOKS}


def _without(names: Iterable[str], others: Iterable[str]) -> list[str]:
    """Leave out the others; GitHub does not tell upper from lower case in labels."""
    folded = {name.casefold() for name in others}
    return [name for name in names if name.casefold() not in folded]
