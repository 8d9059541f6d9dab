"""A look at many repositories with one query: which open items carry our labels, and where something was written."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from temporalio import activity

from activities.github.answers import Label, User
from activities.github.authors import actor_of
from activities.github.calls import Call
from activities.github.client import Grant, InstallationClients, RepositoryClient, Scope
from activities.github.command_lines import read
from activities.github.graphql import Query, Reply, data_of, endpoint
from activities.github.paging import wrapped_pages
from workflows.model import CommentRef, Delivery, EventKind, Surface
from workflows.model.reconciling import Covered, Known, Labelled, Look, Looks, Quota, Reachable

LOOK_BACK = timedelta(days=1)
"""How old a command may be at the first look; when aidp was away for longer, GitHub's delivery log has it."""
MARGIN = timedelta(minutes=1)
"""GitHub tells times by the second, and its lists lag: what has just happened is looked at once more."""
PERSON = "User"
LISTS = {"issues/comments": Surface.CONVERSATION, "pulls/comments": Surface.INLINE}
LOOK = """\
query look($ids: [ID!]!, $prefix: String!) {
  quota: rateLimit { limit remaining reset: resetAt }
  nodes(ids: $ids) {
    ... on Repository {
      id
      name: nameWithOwner
      labels(first: 30, query: $prefix) {
        nodes {
          name
          issues(first: 50, states: [OPEN]) { nodes { number } }
          pulls: pullRequests(first: 50, states: [OPEN]) { nodes { number } }
        }
      }
      issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { updated: updatedAt } }
      pulls: pullRequests(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { updated: updatedAt } }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class Number:
    """An issue or pull request in a list."""

    number: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of them."""

    nodes: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class LabelNode:
    """A label, and the open items that carry it."""

    name: str
    issues: Numbers
    pulls: Numbers


@dataclass(frozen=True, slots=True)
class LabelNodes:
    """The labels of a repository."""

    nodes: tuple[LabelNode, ...]


@dataclass(frozen=True, slots=True)
class Updated:
    """When something happened on an item."""

    updated: datetime


@dataclass(frozen=True, slots=True)
class Newest:
    """The item on which something happened last, if there is any."""

    nodes: tuple[Updated, ...]


@dataclass(frozen=True, slots=True)
class RepositoryNode:
    """A repository in the graph."""

    id: str
    name: str
    labels: LabelNodes
    issues: Newest
    pulls: Newest

    @property
    def newest(self) -> datetime | None:
        """When something last happened on an issue or pull request."""
        return max((node.updated for node in (*self.issues.nodes, *self.pulls.nodes)), default=None)


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer to the query; a repository that is gone is null."""

    nodes: tuple[RepositoryNode | None, ...]
    quota: Quota | None = None


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
        by_person = self.user is not None and self.user.type == PERSON
        return by_person and self.created_at == self.updated_at and not self.reactions.eyes


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """Something in the history of an item."""

    id: int
    event: str
    actor: User | None = None
    label: Label | None = None

    @property
    def is_by_person(self) -> bool:
        """Whether a person did it."""
        return self.actor is not None and self.actor.type == PERSON


class ReconcilingActivities:
    """Implements the part of the port `Repositories` that looks for what no webhook brought."""

    def __init__(self, clients: InstallationClients, label_prefix: str) -> None:
        self._clients = clients
        self._prefix = label_prefix

    @activity.defn
    async def look(self, covered: Covered, /) -> Looks:
        """Look for labels of ours and for new commands in several repositories, with one query if nothing is new."""
        ids = [known.repository.node_id for known in covered.repositories]
        scope = Scope(covered.installation_id, None, Grant.RECONCILE)
        async with self._clients.scoped(scope) as installation:
            shown = await self._ask(installation, Query(LOOK, {"ids": ids, "prefix": self._prefix}))
            nodes = {node.id: node for node in shown.nodes if node}
            pairs = [(known, nodes.get(known.repository.node_id)) for known in covered.repositories]
            looks = [await self._look(installation, known, node) for known, node in pairs if node]
        return Looks(tuple(looks), shown.quota or covered.quota)

    @activity.defn
    async def read_label_event(self, labelled: Labelled, /) -> Delivery | None:
        """Read who put a label on last, as a delivery; `None` where nobody did who may start work."""
        path = f"issues/{labelled.item.number}/events"
        async with self._clients.repository(labelled.item, Grant.READ_ITEM) as repository:
            events = [event async for event in repository.pages(path, list[EventAnswer])]
        last = next((event for event in reversed(events) if _puts_on(event, labelled.label)), None)
        if not last or not last.is_by_person:
            return None
        sender = actor_of(last.actor)
        return Delivery(f"label:{last.id}", EventKind.LABELED, labelled.item, sender, label=labelled.label)

    async def _ask(self, installation: RepositoryClient, query: Query) -> Shown:
        """Ask about all; what was deleted or taken away since is no error."""
        body = {"query": query.text, "variables": query.variables}
        call = Call("POST", endpoint(self._clients.app.api_url), body, reads=True)
        reply = await installation.send(call, Reply[Shown])
        return data_of(replace(reply, errors=tuple(it for it in reply.errors if it.type != "NOT_FOUND")))

    async def _look(self, installation: RepositoryClient, known: Known, node: RepositoryNode) -> Look:
        now = self._clients.as_app.now()
        since = datetime.fromisoformat(known.seen) if known.seen else now - LOOK_BACK
        newest = node.newest
        is_new = newest is not None and newest > since
        renamed = replace(known.repository, name=node.name)
        commands = await self._commands(installation, renamed, since) if is_new else ()
        seen = max(since, min(newest, now - MARGIN)) if newest else since
        looked = replace(known, repository=renamed, seen=seen.astimezone(UTC).isoformat(timespec="seconds"))
        return Look(looked, _labelled(renamed, node, self._prefix), commands)

    async def _commands(
        self, installation: RepositoryClient, repository: Reachable, since: datetime
    ) -> tuple[Delivery, ...]:
        """Find the comments since then that give commands; our eyes below one say that it was taken."""
        slug, after = (await self._clients.identity()).slug, f"?since={since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        found: list[Delivery] = []
        for place, surface in LISTS.items():
            path = f"/repos/{repository.name}/{place}{after}"
            said = await wrapped_pages(installation, path, list[ListedComment], list[ListedComment])
            found += [_delivery(repository, it, surface) for it in said if it.may_be_obeyed and _commands(it, slug)]
        return tuple(found)


def _commands(comment: ListedComment, slug: str) -> bool:
    return bool(read(comment.body or "", slug).commands)


def _delivery(repository: Reachable, said: ListedComment, surface: Surface) -> Delivery:
    item = repository.item(said.number)
    comment = CommentRef(item, said.id, surface)
    return Delivery(comment.name, EventKind.COMMENTED, item, actor_of(said.user), comment=comment)


def _labelled(repository: Reachable, node: RepositoryNode, prefix: str) -> tuple[Labelled, ...]:
    """List the open items by their labels; GitHub also finds words in the middle of a name."""
    ours = [label for label in node.labels.nodes if label.name.casefold().startswith(prefix.casefold())]
    pairs = [(label.name, it.number) for label in ours for it in (*label.issues.nodes, *label.pulls.nodes)]
    return tuple(Labelled(repository.item(number), name) for name, number in pairs)


def _puts_on(event: EventAnswer, label: str) -> bool:
    return event.event == "labeled" and event.label is not None and event.label.name.casefold() == label.casefold()
