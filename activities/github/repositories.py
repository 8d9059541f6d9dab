"""Whole repositories on GitHub: where the App is installed, and what it may do there now."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import quote

from githubkit.exception import RequestFailed
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.github.answers import PullRequestAnswer, User
from activities.github.authors import actor_of, is_our_bot
from activities.github.calls import Call, read
from activities.github.client import MISSING, Grant, InstallationClients, RepositoryClient, Scope
from activities.github.errors import explained, status_of
from activities.github.paging import PAGE
from workflows.model import Failure, Item
from workflows.model.reconciling import BaseBranch, BaseHead, Bases, Covered, Found, Known, Reachable, Standing
from workflows.model.repositories import RedCheck, RepositoryAddress

GONE = Found(Standing.GONE)
NOT_FOUND: Mapping[int, Standing] = MappingProxyType(
    dict.fromkeys(MISSING, Standing.GONE) | dict.fromkeys((301, 302, 307, 308), Standing.RENAMED)
)
"""What it means when GitHub shows no installation."""


@dataclass(frozen=True, slots=True)
class InstallationAnswer:
    """Where the App is installed."""

    id: int
    suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RepositoryAnswer:
    """A repository."""

    id: int
    node_id: str
    full_name: str
    archived: bool = False
    private: bool = True

    def reached_by(self, installation_id: int) -> Reachable:
        """Name it as an installation reaches it."""
        return Reachable(RepositoryAddress(installation_id, self.id), self.node_id, self.full_name)

    def found_by(self, installation_id: int) -> Found:
        """Say how it stands, to an installation that reaches it."""
        standing = Standing.ARCHIVED if self.archived else Standing.OPEN
        return Found(standing, self.reached_by(installation_id), public=not self.private)


@dataclass(frozen=True, slots=True)
class RepositoriesAnswer:
    """A page of an installation's repositories."""

    repositories: tuple[RepositoryAnswer, ...]


@dataclass(frozen=True, slots=True)
class HeadCommit:
    """The newest commit of a branch; its author is null when GitHub does not know who that is."""

    sha: str
    author: User | None = None


@dataclass(frozen=True, slots=True)
class BranchAnswer:
    """A branch."""

    name: str
    commit: HeadCommit


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two commits stand to each other."""

    behind_by: int
    """How many commits of the first one the second one lacks."""


class RepositoryActivities:
    """Implements the part of the port `Repositories` that is about repositories as such."""

    def __init__(self, clients: InstallationClients) -> None:
        self._clients = clients

    @activity.defn
    async def list_installations(self) -> tuple[Covered, ...]:
        """List where the App is installed, with the repositories it reaches and may change there."""
        return tuple([await self._covered(it) async for it in self._installations() if not it.suspended_at])

    @activity.defn
    async def read_standing(self, address: RepositoryAddress, /) -> Found:
        """Read whether the App may work in a repository, now."""
        installation = await self._find(f"/app/installations/{address.installation_id}")
        if isinstance(installation, Standing):
            return Found(installation)
        try:
            return await self._read(address)
        except ApplicationError as error:
            if error.type != Failure.PERMANENT:
                raise
            return GONE

    @activity.defn
    async def find_repository(self, name: str, /) -> Found:
        """Find a repository by `owner/name`."""
        installation = await self._find(f"/repos/{name}/installation")
        if isinstance(installation, Standing):
            return Found(installation)
        async with self._clients.scoped(Scope(installation.id, None, Grant.READ_COLLABORATOR)) as reached:
            found = await reached.find(f"/repos/{name}", RepositoryAnswer)
        return found.found_by(installation.id) if found else GONE

    @activity.defn
    async def list_our_pulls(self, base: BaseBranch, /) -> tuple[Item, ...]:
        """List our open pull requests that aim at a branch and lack what was pushed to it, if that is its newest."""
        where, us = base.address, await self._clients.identity()
        async with self._clients.repository(where.source, Grant.READ_PULL_REQUEST) as repository:
            pulls = [pull async for pull in repository.pages("pulls", list[PullRequestAnswer])]
        aiming = [pull for pull in pulls if pull.base.ref == base.branch and is_our_bot(us, pull.user)]
        behind = await self._behind(base, aiming) if base.sha else aiming
        return tuple(Item(where.installation_id, where.repository_id, pull.number) for pull in behind)

    @activity.defn
    async def read_heads(self, bases: Bases, /) -> tuple[BaseHead, ...]:
        """Read where branches are now; one that is gone is left out."""
        async with self._clients.repository(bases.address.source, Grant.READ_CODE) as code:
            found = [await code.find(f"branches/{quote(name)}", BranchAnswer) for name in bases.branches]
        return tuple(BaseHead(it.name, it.commit.sha, actor_of(it.commit.author)) for it in found if it)

    async def _behind(self, base: BaseBranch, pulls: Sequence[PullRequestAnswer]) -> list[PullRequestAnswer]:
        """Pick those that lack what was pushed; none where the branch has moved on since, which is told by itself."""
        async with self._clients.repository(base.address.source, Grant.READ_CODE) as code:
            if not pulls or await _lacks(code, base.sha, base.branch):
                return []
            return [pull for pull in pulls if await _lacks(code, pull.head.sha, base.sha)]

    @activity.defn
    async def list_pulls_at(self, red: RedCheck, /) -> tuple[Item, ...]:
        """List our open pull requests that have a commit as their head."""
        where, us = red.address, await self._clients.identity()
        async with self._clients.repository(where.source, Grant.READ_PULL_REQUEST) as repository:
            pulls = [it async for it in repository.pages(f"commits/{red.sha}/pulls", list[PullRequestAnswer])]
        ours = (it for it in pulls if it.state == "open" and it.head.sha == red.sha and is_our_bot(us, it.user))
        return tuple(Item(where.installation_id, where.repository_id, it.number) for it in ours)

    async def _find(self, path: str) -> InstallationAnswer | Standing:
        """Find an installation, or say why there is none that works."""
        with explained(Grant.READ_COLLABORATOR):
            try:
                found = await self._clients.as_app.send(Call("GET", path), InstallationAnswer)
            except RequestFailed as error:
                if standing := NOT_FOUND.get(status_of(error)):
                    return standing
                raise
        return Standing.SUSPENDED if found.suspended_at else found

    async def _read(self, address: RepositoryAddress) -> Found:
        async with self._clients.repository(address.source, Grant.READ_COLLABORATOR) as repository:
            found = await repository.find(f"/repositories/{address.repository_id}", RepositoryAnswer)
        return found.found_by(address.installation_id) if found else GONE

    async def _installations(self) -> AsyncIterator[InstallationAnswer]:
        page, more = 0, True
        while more:
            page += 1
            path = f"/app/installations?per_page={PAGE}&page={page}"
            with explained(Grant.READ_COLLABORATOR):
                response = await self._clients.as_app.request(Call("GET", path))
            for each in read(response, list[InstallationAnswer]):
                yield each
            more = "next" in response.raw_response.links

    async def _covered(self, installation: InstallationAnswer) -> Covered:
        """List what an installation reaches; one that was taken back meanwhile reaches nothing."""
        try:
            found = [each async for each in self._reached(installation.id)]
        except ApplicationError as error:
            flaw = "" if error.type == Failure.PERMANENT else error.message
            return Covered(installation.id, flaw=flaw)
        known = [Known(each.reached_by(installation.id)) for each in found if not each.archived]
        return Covered(installation.id, tuple(known))

    async def _reached(self, installation_id: int) -> AsyncIterator[RepositoryAnswer]:
        async with self._clients.scoped(Scope(installation_id, None, Grant.RECONCILE)) as installation:
            page, more = 0, True
            while more:
                page += 1
                path = f"/installation/repositories?per_page={PAGE}&page={page}"
                answer = await installation.get(path, RepositoriesAnswer)
                for each in answer.repositories:
                    yield each
                _say_alive()
                more = len(answer.repositories) == PAGE


def _say_alive() -> None:
    if activity.in_activity():
        activity.heartbeat()


async def _lacks(code: RepositoryClient, commit: str, other: str) -> bool:
    """Whether a commit lacks some of what another has; a second page has no files, which nobody reads here."""
    path = f"compare/{quote(other)}...{quote(commit)}?per_page=1&page=2"
    found = await code.find(path, Comparison)
    return not found or found.behind_by > 0
