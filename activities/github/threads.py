"""What trusted people still want changed: threads on lines that are not resolved, and reviews that ask for changes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from activities.checks.plain import cut
from activities.github.answers import App, ReviewAnswer, User
from activities.github.authors import Permissions, actor_of, is_our_bot
from activities.github.client import RepositoryClient
from activities.github.graphql import Query
from activities.github.pull_requests import read_pull_request
from activities.github.replies import answered_reviews
from workflows.model import CommentRef, Item, Permission, ReviewComment, Surface

MAX_COMMENTS = 50
MAX_TEXT_BYTES = 4_000
MAX_HUNK = 2_000
DECISIONS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States by which a reviewer takes back what they said before; a mere comment does not."""
THREADS = """\
query threads($pull: ID!, $after: String) {
  node(id: $pull) {
    ... on PullRequest {
      threads: reviewThreads(first: 50, after: $after) {
        page: pageInfo { more: hasNextPage cursor: endCursor }
        nodes {
          id resolved: isResolved path line original_line: originalLine
          comments(first: 100) {
            nodes {
              id: fullDatabaseId body hunk: diffHunk
              author { type: __typename login ... on User { id: databaseId } ... on Bot { id: databaseId } }
            }
          }
        }
      }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a comment; GraphQL leaves the suffix of a bot's login out."""

    login: str
    type: str
    id: int = 0

    @property
    def user(self) -> User:
        """The account as REST shows it."""
        return User(self.id, f"{self.login}[bot]" if self.type == "Bot" else self.login, self.type)


@dataclass(frozen=True, slots=True)
class Said:
    """A comment in a thread."""

    id: int
    body: str
    hunk: str
    author: Author | None = None

    @property
    def user(self) -> User | None:
        """Who wrote it; nobody, if the account was deleted."""
        return self.author.user if self.author else None


@dataclass(frozen=True, slots=True)
class Comments:
    """The first comments of a thread."""

    nodes: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation about lines."""

    id: str
    resolved: bool
    path: str
    comments: Comments
    line: int | None = None
    original_line: int | None = None


@dataclass(frozen=True, slots=True)
class PageEnd:
    """Whether there is more."""

    more: bool
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Threads:
    """A page of threads."""

    page: PageEnd
    nodes: tuple[Thread, ...]


@dataclass(frozen=True, slots=True)
class PullRequestNode:
    """A pull request in the graph."""

    threads: Threads


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to the query."""

    node: PullRequestNode


@dataclass(frozen=True, slots=True)
class Room:
    """Where it is read, and who may say something there."""

    item: Item
    us: App
    permissions: Permissions

    async def trusts(self, user: User | None) -> bool:
        """Whether somebody may have things changed."""
        return await self.permissions.of(actor_of(user)) >= Permission.WRITE

    def is_ours(self, said: Said) -> bool:
        """Whether we wrote it."""
        return is_our_bot(self.us, said.user)


async def read_review_comments(
    repository: RepositoryClient, people: RepositoryClient, item: Item
) -> tuple[ReviewComment, ...]:
    """Collect what is to be changed, threads first."""
    room = Room(item, await repository.clients.identity(), Permissions(people))
    pull = (await read_pull_request(repository, item)).node_id
    threads = [await _of_thread(room, thread) async for thread in _threads(repository, pull)]
    reviews = [await _of_review(room, review) for review in await _decisions(repository, item)]
    return tuple(comment for comment in (*threads, *reviews) if comment)[:MAX_COMMENTS]


async def _threads(repository: RepositoryClient, pull: str) -> AsyncIterator[Thread]:
    page = PageEnd(more=True)
    while page.more:
        found = await repository.graphql(Query(THREADS, {"pull": pull, "after": page.cursor}), Found)
        page = found.node.threads.page
        for thread in found.node.threads.nodes:
            if not thread.resolved:
                yield thread


async def _of_thread(room: Room, thread: Thread) -> ReviewComment | None:
    """Take a thread that a trusted person began, and in which it is our turn."""
    if not thread.comments.nodes:
        return None
    first, *later = thread.comments.nodes
    if room.is_ours(first) or not await room.trusts(first.user):
        return None
    heard = [said for said in later if room.is_ours(said) or await room.trusts(said.user)]
    if heard and room.is_ours(heard[-1]):
        return None
    return ReviewComment(
        id=first.id,
        author=actor_of(first.user),
        permission=await room.permissions.of(actor_of(first.user)),
        text=_conversation(first, heard),
        path=thread.path,
        line=thread.line or thread.original_line or 0,
        hunk=first.hunk[-MAX_HUNK:],
        thread=thread.id,
        surface_ref=CommentRef(room.item, first.id, Surface.INLINE),
    )


def _conversation(first: Said, heard: Sequence[Said]) -> str:
    answers = (f"{actor_of(said.user).login} answered: {said.body}" for said in heard)
    return cut("\n\n".join((first.body, *answers)), MAX_TEXT_BYTES)


async def _decisions(repository: RepositoryClient, item: Item) -> list[ReviewAnswer]:
    """Find the reviews that still ask for changes, and that we have not answered."""
    latest: dict[int, ReviewAnswer] = {}
    async for review in repository.pages(f"pulls/{item.number}/reviews", list[ReviewAnswer]):
        if review.user and review.state in DECISIONS:
            latest[review.user.id] = review
    asking = [
        review for review in latest.values() if review.state == "CHANGES_REQUESTED" and (review.body or "").strip()
    ]
    answered = await answered_reviews(repository, item) if asking else frozenset[int]()
    return [review for review in asking if review.id not in answered]


async def _of_review(room: Room, review: ReviewAnswer) -> ReviewComment | None:
    if is_our_bot(room.us, review.user) or not await room.trusts(review.user):
        return None
    author = actor_of(review.user)
    return ReviewComment(
        id=review.id,
        author=author,
        permission=await room.permissions.of(author),
        text=cut((review.body or "").strip(), MAX_TEXT_BYTES),
        surface_ref=CommentRef(room.item, review.id, Surface.REVIEW),
    )
