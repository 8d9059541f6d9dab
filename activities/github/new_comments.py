"""What was written in a repository since a time, by who is heard: what may hold commands, and asks for changes."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.github.answers import User
from activities.github.authors import Trust, actor_of, is_our_bot
from activities.github.client import RepositoryClient
from activities.github.command_lines import read
from activities.github.eyes import taken
from activities.github.threads import DECISIONS
from workflows.model import CommentRef, Delivery, EventKind, Surface
from workflows.model.deliveries import review_event
from workflows.model.reconciling import Reachable

PAGE = 100
MOST_PAGES = 10
"""Of each list in one look; the next one goes on from there."""
SECOND = timedelta(seconds=1)
"""GitHub's times have no fractions, so a page may end in the middle of one."""
OPEN = "open"
ASKS = "CHANGES_REQUESTED"
LISTS = {Surface.CONVERSATION: "issues/comments", Surface.INLINE: "pulls/comments"}


@dataclass(frozen=True, slots=True)
class Reactions:
    """How many reactions of a kind a comment has, whoever gave them."""

    eyes: int = 0


@dataclass(frozen=True, slots=True)
class ListedComment:
    """A comment in the list of a repository; its address ends with the number of its item."""

    id: int
    node_id: str
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
    def is_as_written(self) -> bool:
        """Whether it was never edited."""
        return self.created_at == self.updated_at


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An issue or pull request in a list."""

    number: int
    state: str
    pull_request: object | None = None
    user: User | None = None


@dataclass(frozen=True, slots=True)
class ListedReview:
    """A review; one that is not submitted yet has no time."""

    id: int
    state: str
    body: str | None = None
    user: User | None = None
    submitted_at: datetime | None = None

    def is_since(self, time: datetime) -> bool:
        """Whether it was submitted since a time."""
        return self.submitted_at is not None and self.submitted_at >= time

    def reference(self, repository: Reachable, number: int) -> CommentRef:
        """Name its text, with what it says now: GitHub does not tell whether a review was edited."""
        digest = hashlib.sha256((self.body or "").encode()).hexdigest()
        return CommentRef(repository.item(number), self.id, Surface.REVIEW, digest)


@dataclass(frozen=True, slots=True)
class Heard:
    """The commands that were found."""

    commands: tuple[Delivery, ...] = ()
    reviews: tuple[Delivery, ...] = ()
    """Those of our pull requests that ask for changes."""
    cut: datetime | None = None
    """There is more, and this is how far it was read."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Reads what was written in one repository since a time."""

    github: RepositoryClient
    repository: Reachable
    since: datetime
    trust: Trust

    async def comments(self, *surfaces: Surface) -> Heard:
        """Find the comments on these surfaces that give commands which we have not taken yet."""
        found, cuts = dict[str, Delivery](), list[datetime]()
        doubtful = list[str]()
        for surface in surfaces:
            said, cut = await self._listed(LISTS[surface])
            commanding = [it for it in said.values() if it.is_as_written and self._commands(it)]
            found |= {it.node_id: _delivery(_reference(self.repository, it, surface), it.user) for it in commanding}
            doubtful += [it.node_id for it in commanding if it.reactions.eyes]
            cuts += [cut] if cut else []
        done = await taken(self.github, doubtful)
        return Heard(tuple(it for name, it in found.items() if name not in done), cut=min(cuts, default=None))

    async def reviews(self) -> Heard:
        """Find the reviews whose own text gives commands, and those that ask for changes in what we have opened."""
        commands, asking = list[Delivery](), list[Delivery]()
        async for pull in self._changed_pulls():
            path = f"{self._root}/pulls/{pull.number}/reviews"
            reviews = [it async for it in self.github.pages(path, list[ListedReview])]
            commands += self._commanding(pull, reviews)
            asking += self._asking(pull, reviews)
        return Heard(tuple(commands), tuple(asking))

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

    async def _changed_pulls(self) -> AsyncIterator[ListedItem]:
        path = f"{self._root}/issues?state=all&sort=updated&since={_stamp(self.since)}"
        async for it in self.github.pages(path, list[ListedItem]):
            if it.pull_request:
                yield it

    def _commanding(self, pull: ListedItem, reviews: Iterable[ListedReview]) -> Iterator[Delivery]:
        for it in reviews:
            if it.is_since(self.since) and self._commands(it):
                yield _delivery(it.reference(self.repository, pull.number), it.user)

    def _asking(self, pull: ListedItem, reviews: Iterable[ListedReview]) -> Iterator[Delivery]:
        """Tell who wants changes; only the last decision of each counts."""
        if pull.state != OPEN or not is_our_bot(self.trust.us, pull.user):
            return
        decisions = {it.user.id: it for it in reviews if it.user and it.state in DECISIONS}
        for it in decisions.values():
            if it.is_since(self.since) and it.state == ASKS and self.trust.hears(it.user):
                item = self.repository.item(pull.number)
                yield Delivery(review_event(it.id), EventKind.REVIEWED, item, actor_of(it.user))

    @property
    def _root(self) -> str:
        return f"/repos/{self.repository.name}"

    def _commands(self, written: ListedComment | ListedReview) -> bool:
        """Whether somebody who is heard gives a command in it."""
        return self.trust.hears(written.user) and bool(read(written.body or "", self.trust.us.slug).commands)


def _reference(repository: Reachable, said: ListedComment, surface: Surface) -> CommentRef:
    return CommentRef(repository.item(said.number), said.id, surface)


def _delivery(comment: CommentRef, user: User | None) -> Delivery:
    return Delivery(comment.name, EventKind.COMMENTED, comment.item, actor_of(user), comment=comment)


def _stamp(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
