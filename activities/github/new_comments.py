"""What people have written in a repository since a time, wherever it may hold commands."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.github.answers import User
from activities.github.authors import actor_of
from activities.github.client import RepositoryClient
from activities.github.command_lines import read
from workflows.model import CommentRef, Delivery, EventKind, Surface
from workflows.model.reconciling import Reachable

PAGE = 100
MOST_PAGES = 10
"""Of each list in one look; the next one goes on from there."""
SECOND = timedelta(seconds=1)
"""GitHub's times have no fractions, so a page may end in the middle of one."""
PERSON = "User"
LISTS = {"issues/comments": Surface.CONVERSATION, "pulls/comments": Surface.INLINE}


@dataclass(frozen=True, slots=True)
class Reactions:
    """How many reactions of a kind a comment has."""

    eyes: int = 0


@dataclass(frozen=True, slots=True)
class ListedComment:
    """A comment in the list of a repository; its address ends with the number of its item."""

    id: int
    created_at: datetime
    updated_at: datetime
    issue_url: str = ""
    pull_request_url: str = ""
    body: str | None = None
    user: User | None = None
    reactions: Reactions = Reactions()

    @property
    def number(self) -> int:
        """Of the issue or pull request."""
        return int((self.issue_url or self.pull_request_url).rpartition("/")[2])

    @property
    def may_be_obeyed(self) -> bool:
        """Whether a person wrote it, never edited it, and nobody has taken it yet."""
        return _is_person(self.user) and self.created_at == self.updated_at and not self.reactions.eyes


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An issue or pull request in a list."""

    number: int
    pull_request: object | None = None


@dataclass(frozen=True, slots=True)
class ListedReview:
    """A review; one that is not submitted yet has no time."""

    id: int
    body: str | None = None
    user: User | None = None
    submitted_at: datetime | None = None

    def reference(self, repository: Reachable, number: int) -> CommentRef:
        """Name its text, with what it says now: GitHub does not tell whether a review was edited."""
        digest = hashlib.sha256((self.body or "").encode()).hexdigest()
        return CommentRef(repository.item(number), self.id, Surface.REVIEW, digest)


@dataclass(frozen=True, slots=True)
class Heard:
    """The commands that were found."""

    commands: tuple[Delivery, ...] = ()
    cut: datetime | None = None
    """There is more, and this is how far it was read."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Reads what was written in one repository since a time."""

    github: RepositoryClient
    repository: Reachable
    since: datetime
    slug: str

    async def comments(self) -> Heard:
        """Find the comments that give commands; our eyes below one say that it was taken."""
        found, cuts = list[Delivery](), list[datetime]()
        for place, surface in LISTS.items():
            said, cut = await self._listed(place)
            obeyed = (it for it in said.values() if it.may_be_obeyed and self._commands(it.body))
            found += [_delivery(_reference(self.repository, it, surface), it.user) for it in obeyed]
            cuts += [cut] if cut else []
        return Heard(tuple(found), min(cuts, default=None))

    async def reviews(self) -> tuple[Delivery, ...]:
        """Find the reviews whose own text gives commands."""
        return tuple([it async for number in self._changed_pulls() async for it in self._reviews_of(number)])

    async def _listed(self, place: str) -> tuple[dict[int, ListedComment], datetime | None]:
        """Read in the order of changes; each page begins where the last ended, so what changes meanwhile hides none."""
        found, since = dict[int, ListedComment](), self.since
        for _ in range(MOST_PAGES):
            path = f"{self._root}/{place}?sort=updated&direction=asc&per_page={PAGE}&since={_stamp(since)}"
            page = await self.github.get(path, list[ListedComment])
            found |= {it.id: it for it in page}
            if len(page) < PAGE:
                return found, None
            since = max(since, page[-1].updated_at - SECOND)
        return found, since

    async def _changed_pulls(self) -> AsyncIterator[int]:
        path = f"{self._root}/issues?state=all&sort=updated&since={_stamp(self.since)}"
        async for it in self.github.pages(path, list[ListedItem]):
            if it.pull_request:
                yield it.number

    async def _reviews_of(self, number: int) -> AsyncIterator[Delivery]:
        async for it in self.github.pages(f"{self._root}/pulls/{number}/reviews", list[ListedReview]):
            is_new = it.submitted_at is not None and it.submitted_at >= self.since
            if is_new and _is_person(it.user) and self._commands(it.body):
                yield _delivery(it.reference(self.repository, number), it.user)

    @property
    def _root(self) -> str:
        return f"/repos/{self.repository.name}"

    def _commands(self, text: str | None) -> bool:
        return bool(read(text or "", self.slug).commands)


def _is_person(user: User | None) -> bool:
    return user is not None and user.type == PERSON


def _reference(repository: Reachable, said: ListedComment, surface: Surface) -> CommentRef:
    return CommentRef(repository.item(said.number), said.id, surface)


def _delivery(comment: CommentRef, user: User | None) -> Delivery:
    return Delivery(comment.name, EventKind.COMMENTED, comment.item, actor_of(user), comment=comment)


def _stamp(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
