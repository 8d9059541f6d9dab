"""A look at many repositories with one query; what is new, or more than the query shows, is read on its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from githubkit.exception import RequestFailed
from temporalio import activity

from activities.github.answers import Label, PullRequestAnswer
from activities.github.authors import Trust, actor_of, is_our_bot
from activities.github.client import Grant, InstallationClients, RepositoryClient, Scope
from activities.github.errors import forbidding, message_of, status_of
from activities.github.graphql import GraphQLError, Query, data_of
from activities.github.item_events import EventAnswer, History
from activities.github.looking import LOOK, LabelNode, Number, RepositoryNode, Shown
from activities.github.new_comments import Heard, Listener
from activities.github.quotas import scarcest
from activities.github.reds import Reds
from workflows.model import Commit, Delivery, EventKind, Surface
from workflows.model.reconciling import Busy, Covered, Known, Labelled, Look, Looks, Reachable, RedHead

LOOK_BACK = timedelta(days=1)
"""How old a command may be at the first look; when aidp was away for longer, GitHub's delivery log has it."""
MARGIN = timedelta(minutes=1)
"""GitHub tells times by the second, and its lists lag: what has just happened is looked at once more."""
DELETED = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.GONE})
"""How GitHub says that an issue was moved elsewhere, or deleted."""

SOMEBODY = actor_of(None)


class ReconcilingActivities:
    """Implements the part of the port `Repositories` that looks for what no webhook brought."""

    def __init__(
        self, clients: InstallationClients, label_prefix: str, trusted_bots: frozenset[int] = frozenset()
    ) -> None:
        self._clients = clients
        self._prefix = label_prefix
        self._bots = trusted_bots

    @activity.defn
    async def look(self, covered: Covered, /) -> Looks:
        """Look at what several repositories show, and at what is new there; one query if nothing is."""
        scope = Scope(covered.installation_id, None, Grant.RECONCILE)
        trust = await self._trust()
        async with self._clients.scoped(scope) as installation:
            asked = await self._ask(installation, covered)
            shown, looks = asked.shown, list[Look]()
            for place, (known, node) in enumerate(zip(covered.repositories, shown.nodes, strict=True)):
                if flaw := asked.flaws.get(place):
                    looks.append(Look(known, flaw=flaw))
                elif isinstance(node, RepositoryNode):
                    visit = Visit(installation, known, node, trust, self._prefix, place in asked.blind)
                    looks.append(await visit.look(covered.busy, self._clients.as_app.now()))
                activity.heartbeat()
        return Looks(tuple(looks), scarcest(shown.quota, installation.left) or covered.quota)

    @activity.defn
    async def read_label_event(self, labelled: Labelled, /) -> Delivery | None:
        """Read who put a label on last, as a delivery; `None` where nobody did who may start work."""
        path = f"issues/{labelled.item.number}/events"
        async with self._clients.repository(labelled.item, Grant.READ_ITEM) as repository:
            events = [event async for event in repository.pages(path, list[EventAnswer])]
        return History(labelled.item, events, await self._trust()).put_on(labelled.label)

    async def _trust(self) -> Trust:
        return Trust(await self._clients.identity(), self._bots)

    async def _ask(self, installation: RepositoryClient, covered: Covered) -> "Asked":
        """Ask about all. What was deleted or taken away since is no error; what else is refused of one is its flaw."""
        ids = [known.repository.node_id for known in covered.repositories]
        query = Query(LOOK, {"ids": ids, "prefix": self._prefix})
        reply = await installation.reply(query, Shown)
        blind = frozenset(place for it in reply.errors if (place := _blind_place(it)) is not None)
        errors = [it for it in reply.errors if it.type != "NOT_FOUND" and _blind_place(it) is None]
        flaws = {place: it.message for it in errors if (place := _place(it)) is not None}
        general = tuple(it for it in errors if _place(it) is None)
        return Asked(data_of(replace(reply, errors=general)), flaws, blind)


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to the query, by the places of the repositories in it."""

    shown: Shown
    flaws: Mapping[int, str]
    """Why a repository is not shown whole."""
    blind: frozenset[int]
    """Where checks are not shown: the App may lack the right to read them, and all else is there."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A look at one repository."""

    github: RepositoryClient
    known: Known
    node: RepositoryNode
    trust: Trust
    prefix: str
    blind: bool = False
    """Whether its checks are not shown."""

    async def look(self, busy: Iterable[Busy], now: datetime) -> Look:
        """See everything in it; what GitHub refuses here says nothing about other repositories."""
        try:
            return await self._look(busy, now)
        except RequestFailed as error:
            if not _is_about_repository(error):
                raise
            return Look(self.known, flaw=message_of(error.response.raw_response))

    async def _look(self, busy: Iterable[Busy], now: datetime) -> Look:
        since = _since(self.known.seen, now)
        newest, labelled = self.node.newest, await self._labelled()
        is_new = newest is not None and newest > since
        heard = await self._heard(since) if is_new else Heard()
        stops = await self._stops(busy, labelled) if is_new else ()
        seen = _followed(since, min(newest, heard.cut or newest) if newest else None, now)
        reds = self._reds(busy)
        known = self.known if self.blind else reds.remembered(self.known)
        looked = replace(known, repository=self._repository, seen=seen)
        pushed = _since(self.known.pushed, now)
        bases = await self._bases() if self.node.pushed and self.node.pushed > pushed else ()
        return Look(
            looked,
            labelled,
            heard.commands,
            stops,
            reviews=heard.reviews,
            bases=bases,
            pushed=_followed(pushed, self.node.pushed, now),
            reds=() if self.blind else reds.new(self.known),
        )

    @property
    def _repository(self) -> Reachable:
        return replace(self.known.repository, name=self.node.name)

    async def _heard(self, since: datetime) -> Heard:
        listener = Listener(self.github, self._repository, since, self.trust)
        if not self.node.pulls.is_after(since):
            return await listener.comments(Surface.CONVERSATION)
        said, reviewed = await listener.comments(Surface.CONVERSATION, Surface.INLINE), await listener.reviews()
        return replace(said, commands=(*said.commands, *reviewed.commands), reviews=reviewed.reviews)

    async def _bases(self) -> tuple[str, ...]:
        """List the branches to which our open pull requests aim."""
        if self.node.open.page.more:
            pulls = self.github.pages(f"/repos/{self.node.name}/pulls", list[PullRequestAnswer])
            aims = {it.base.ref: None async for it in pulls if is_our_bot(self.trust.us, it.user)}
        else:
            shown = self.node.open.nodes
            aims = {it.base: None for it in shown if it.author and is_our_bot(self.trust.us, it.author.user)}
        return tuple(aims)

    def _reds(self, busy: Iterable[Busy]) -> Reds:
        """List heads of our pull requests with failed checks; of more than fifty open ones the last opened count."""
        shown = (it for it in self.node.open.nodes if it.author and is_our_bot(self.trust.us, it.author.user))
        heads = [
            RedHead(Commit(self._repository.item(it.number), it.head, it.base), it.failed) for it in shown if it.failed
        ]
        return Reds(heads, {it.number for it in self._here(busy)})

    # --- labels -------------------------------------------------------------------------------------------------------

    async def _labelled(self) -> tuple[Labelled, ...]:
        """List the open items by their labels; GitHub also finds words in the middle of a name."""
        numbers = {it.name: await self._numbers(it) for it in self.node.labels.nodes if self._is_ours(it.name)}
        if self.node.labels.page.more:
            numbers |= {name: await self._carrying(name) for name in await self._names() if name not in numbers}
        return tuple(Labelled(self._repository.item(it), name) for name, found in numbers.items() for it in found)

    async def _numbers(self, label: LabelNode) -> tuple[int, ...]:
        return await self._carrying(label.name) if label.is_cut else label.numbers

    async def _names(self) -> tuple[str, ...]:
        path = f"/repos/{self.node.name}/labels"
        return tuple([it.name async for it in self.github.pages(path, list[Label]) if self._is_ours(it.name)])

    async def _carrying(self, label: str) -> tuple[int, ...]:
        path = f"/repos/{self.node.name}/issues?state=open&labels={quote(label, safe='')}"
        return tuple([it.number async for it in self.github.pages(path, list[Number])])

    def _is_ours(self, label: str) -> bool:
        return label.casefold().startswith(self.prefix.casefold())

    # --- running work -------------------------------------------------------------------------------------------------

    async def _stops(self, busy: Iterable[Busy], labelled: Iterable[Labelled]) -> tuple[Delivery, ...]:
        """Find what should have stopped work; where the item says that it is worked on, nothing has."""
        working = self.known.labels.working.casefold() if self.known.labels else ""
        marked = {it.item.number for it in labelled if it.label.casefold() == working}
        doubtful = [it for it in self._here(busy) if it.number not in marked]
        return tuple([stop for it in doubtful for stop in await self._stops_of(it)])

    def _here(self, busy: Iterable[Busy]) -> list[Busy]:
        here = self.known.repository.address.repository_id
        return [it for it in busy if it.repository_id == here]

    async def _stops_of(self, busy: Busy) -> tuple[Delivery, ...]:
        item, path = self._repository.item(busy.number), f"/repos/{self.node.name}/issues/{busy.number}/events"
        try:
            events = [event async for event in self.github.pages(path, list[EventAnswer])]
        except RequestFailed as error:
            if status_of(error) not in DELETED:
                raise
            return (Delivery(f"gone:{item.mailbox_id}", EventKind.GONE, item, SOMEBODY),)
        return History(item, events, self.trust).stops(datetime.fromisoformat(busy.since))


def _since(mark: str, now: datetime) -> datetime:
    return datetime.fromisoformat(mark) if mark else now - LOOK_BACK


def _followed(since: datetime, newest: datetime | None, now: datetime) -> str:
    """Say how far something was followed: to the newest of it, but for what may not be shown yet."""
    mark = max(since, min(newest, now - MARGIN)) if newest else since
    return mark.astimezone(UTC).isoformat(timespec="seconds")


def _place(error: GraphQLError) -> int | None:
    """Tell which of the repositories an error is about; mistakes are about none."""
    match error.path:
        case ("nodes", int() as place, *_):
            return place
        case _:
            return None


def _blind_place(error: GraphQLError) -> int | None:
    """Tell of which repository an error hides nothing but the checks of a pull request."""
    match error.path:
        case ("nodes", int() as place, "open", "nodes", int(), "checks", *_):
            return place
        case _:
            return None


def _is_about_repository(error: RequestFailed) -> bool:
    """Whether others may be shown all the same; limits and credentials are everybody's."""
    return status_of(error) != HTTPStatus.UNAUTHORIZED and not forbidding(error.response.raw_response)
