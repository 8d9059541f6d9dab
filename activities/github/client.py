"""GitHub as one repository at a time: a token narrowed to that repository and step, and the calls made with it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib.metadata import version
from typing import Any, TypeVar
from urllib.parse import quote

from githubkit import GitHub, Response, UnauthAuthStrategy
from githubkit.cache import MemCacheStrategy
from githubkit.exception import RequestFailed
from httpx import AsyncBaseTransport, create_ssl_context

from activities.github.answers import App, InstallationToken, User
from activities.github.app_client import AppClient
from activities.github.calls import CALL_SECONDS, Call, Requester, read
from activities.github.errors import explained, forbidding, lacks_grant, lacks_item, spell_wait, status_of
from activities.github.grants import Grant
from activities.github.graphql import Complaints, Query, Reply, data_of, endpoint
from activities.github.limiter import Limiter, Turns, Unlimited
from activities.github.quotas import rest_quota
from activities.github.tokens import Scope, Tokens
from activities.workspaces.git import Remote
from workflows.model import Item, Source
from workflows.model.reconciling import Quota
from workflows.write_slots import Urgency

STALE = frozenset({301, 302, 307, 308, 401})  # renamed repository, revoked token: a new token knows better
FOUND = 302
MISSING = frozenset({404, 410})
UNLIMITED = Unlimited()
ELSEWHERE = ("/", "https://", "http://")  # a path that is not below the repository

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GitHubApp:
    """Our App, and the GitHub it is registered at."""

    id: int
    private_key: str = field(repr=False)
    api_url: str = "https://api.github.com"
    url: str = "https://github.com"


class InstallationClients:
    """Every installation of our App: mints narrowed tokens, keeps them while they are good."""

    def __init__(
        self, app: GitHubApp, limiter: Limiter = UNLIMITED, connections: AsyncBaseTransport | None = None
    ) -> None:
        self.app = app
        self.limiter = limiter
        self._connections = connections
        self._tls = create_ssl_context()
        self._as_app = AppClient(app.id, app.private_key, GitHub(UnauthAuthStrategy(), **self._options()), limiter)
        self._tokens = Tokens(self._as_app.now)
        self._identity: App | None = None
        self._author: tuple[str, str] | None = None

    @asynccontextmanager
    async def repository(
        self, where: Item | Source, grant: Grant, urgency: Urgency = Urgency.NOW
    ) -> AsyncGenerator["RepositoryClient"]:
        """Open one repository for one kind of step; what GitHub refuses inside leaves as an `ApplicationError`."""
        async with self.scoped(Scope(where.installation_id, where.repository_id, grant), urgency) as repository:
            yield repository

    @asynccontextmanager
    async def scoped(self, scope: Scope, urgency: Urgency = Urgency.NOW) -> AsyncGenerator["RepositoryClient"]:
        """Open a scope; without a repository, what is called in it is named from the root."""
        with explained(scope.grant):
            async with GitHub(UnauthAuthStrategy(), **self._options()) as github:
                turns = Turns(self.limiter, scope.installation_id, urgency)
                async with turns.step():
                    yield RepositoryClient(self, github, scope, turns)

    async def git_access(self, source: Source, *, write: bool) -> Remote:
        """Give git the address of a repository and a token that can read it, or also push to it."""
        grant = Grant.PUSH if write else Grant.READ_CODE
        scope = Scope(source.installation_id, source.repository_id, grant)
        known = self._tokens.find(scope)
        token = known or await self.renew(scope)
        url = f"{self.app.url.rstrip('/')}/{token.repositories[0].full_name}.git"
        return Remote(url, token.token, is_new=not known)

    def refused(self, remote: Remote) -> timedelta | None:
        """Hear that git was refused with this token; tell how soon to try again, or nothing where that is no use."""
        return self._tokens.refused(remote)

    async def author(self, source: Source) -> tuple[str, str]:
        """Name whoever commits: our App's bot, with the address by which GitHub knows it."""
        if not self._author:
            name = f"{(await self.identity()).slug}[bot]"
            async with self.repository(source, Grant.READ_COLLABORATOR) as repository:
                bot = await repository.user(name)
            self._author = (name, f"{bot.id}+{name}@users.noreply.github.com")
        return self._author

    async def token(self, scope: Scope) -> InstallationToken:
        """Return a token for this scope that is good for some minutes."""
        return self._tokens.find(scope) or await self.renew(scope)

    async def renew(self, scope: Scope) -> InstallationToken:
        """Mint a new token, whatever the old one looks like; a refusal is explained here, as it is about the App."""
        await self.limiter.heed(scope.installation_id)
        token = await self._mint(scope)
        self._tokens.keep(scope, token)
        return token

    async def _mint(self, scope: Scope) -> InstallationToken:
        """Ask for a token; where the installation has not granted that much, for one that may do less."""
        only = {"repository_ids": [scope.repository_id]} if scope.repository_id is not None else {}
        body = {**only, "permissions": scope.grant.permissions}
        path = f"/app/installations/{scope.installation_id}/access_tokens"
        with explained(scope.grant):
            try:
                return await self._as_app.send(Call("POST", path, body), InstallationToken)
            except RequestFailed as error:
                lesser = scope.grant.lesser
                if not lesser or not lacks_grant(error.response.raw_response):
                    raise
        return await self._mint(replace(scope, grant=lesser))

    def forget(self, scope: Scope) -> None:
        """Do not use the token of this scope again."""
        self._tokens.forget(scope)

    async def identity(self) -> App:
        """Ask GitHub once who we are: the author of our own comments."""
        if not self._identity:
            with explained(Grant.READ_COLLABORATOR):
                self._identity = await self._as_app.send(Call("GET", "/app"), App)
        return self._identity

    @property
    def as_app(self) -> AppClient:
        """What the App calls as itself."""
        return self._as_app

    @asynccontextmanager
    async def hearing(self, installation_id: int) -> AsyncGenerator[None]:
        """Tell all workers when GitHub refuses with a time before which it wants no more calls."""
        try:
            yield
        except RequestFailed as error:
            if no_calls := forbidding(error.response.raw_response):
                await self.limiter.forbid(installation_id, no_calls)
            raise

    def _options(self) -> dict[str, Any]:
        return {
            "base_url": self.app.api_url,
            "user_agent": f"aidp/{version('aidp')}",
            "timeout": CALL_SECONDS,
            "follow_redirects": False,  # a token goes to the configured host and nowhere else
            "ssl_verify": self._tls,
            "async_transport": self._connections,
            "async_event_hooks": {"response": [spell_wait]},
            "http_cache": False,  # costs more than it saves: 12-31 ms of CPU per call
            "auto_retry": False,  # Temporal retries
            "cache_strategy": MemCacheStrategy(),  # the shared default forgets which host a token is for
        }


class RepositoryClient:
    """One repository through a token for one kind of step."""

    def __init__(self, clients: InstallationClients, github: Requester, scope: Scope, turns: Turns) -> None:
        self.clients = clients
        self._github = github
        self._scope = scope
        self._turns = turns
        self.left: Quota | None = None
        """What is left of this hour's calls, as the last answer said."""

    async def owner(self) -> str:
        """Return the account the repository belongs to now."""
        token = await self.clients.token(self._scope)
        return token.repositories[0].full_name.partition("/")[0]

    async def home(self) -> str:
        """Return the repository's page, by the name it has now."""
        token = await self.clients.token(self._scope)
        return f"{self.clients.app.url.rstrip('/')}/{token.repositories[0].full_name}"

    async def user(self, login: str) -> User:
        """Look an account up, which is no part of the repository."""
        return await self.send(Call("GET", f"/users/{quote(login, safe='')}"), User)

    async def get(self, path: str, model: type[T]) -> T:
        """Read what must be there."""
        return await self.send(Call("GET", path), model)

    async def find(self, path: str, model: type[T]) -> T | None:
        """Read what may not be there."""
        try:
            return await self.get(path, model)
        except RequestFailed as error:
            if status_of(error) in MISSING:
                return None
            raise

    async def pages(self, path: str, model: type[list[T]]) -> AsyncIterator[T]:
        """Read a list to its end."""
        page, more, mark = 0, True, "&" if "?" in path else "?"
        while more:
            page += 1
            response = await self._request(Call("GET", f"{path}{mark}per_page=100&page={page}"))
            for entry in read(response, model):
                yield entry
            more = "next" in response.raw_response.links

    async def send(self, call: Call, model: type[T]) -> T:
        """Send a request and read the answer."""
        return read(await self._request(call), model)

    async def redirect(self, path: str) -> str:
        """Ask where something is kept: a log lies on another host. Empty when it is not there any more."""
        try:
            await self._attempt(Call("GET", path))
        except RequestFailed as error:
            if status_of(error) == FOUND:
                return error.response.headers.get("location", "")
            if status_of(error) not in MISSING:
                raise
        return ""

    async def graphql(self, query: Query, model: type[T]) -> T:
        """Ask what REST does not have, and take nothing less than all of it."""
        return data_of(await self.reply(query, model))

    async def reply(self, query: Query, model: type[T]) -> Reply[T]:
        """Ask the same and take what comes; GitHub answers 200 also when it refuses, and when a limit is reached."""
        body = {"query": query.text, "variables": query.variables}
        call = Call("POST", endpoint(self.clients.app.api_url), body, reads=query.reads)
        response = await self._request(call)
        if read(response, Complaints).are_limits:
            async with self.clients.hearing(self._scope.installation_id):
                raise RequestFailed(response)
        return read(response, Reply[model])

    async def delete(self, path: str) -> None:
        """Delete what may be gone already."""
        try:
            await self._request(Call("DELETE", path))
        except RequestFailed as error:
            if status_of(error) not in MISSING:
                raise

    async def _request(self, call: Call) -> Response[Any]:
        try:
            return await self._attempt(call)
        except RequestFailed as error:
            if lacks_item(error.response.raw_response):
                self.clients.forget(self._scope)  # where the whole repository is gone, the next attempt gets no token
            if status_of(error) not in STALE:
                raise
        await self.clients.renew(self._scope)
        return await self._attempt(call)

    async def _attempt(self, call: Call) -> Response[Any]:
        installation = self._scope.installation_id
        await self.clients.limiter.heed(installation)
        token = await self.clients.token(self._scope)
        path = call.path if call.path.startswith(ELSEWHERE) else f"/repos/{token.repositories[0].full_name}/{call.path}"
        headers = {"Authorization": f"Bearer {token.token}"}
        async with self._turns.taken(call), self.clients.hearing(installation), asyncio.timeout(CALL_SECONDS):
            response = await self._github.arequest(call.method, path, json=call.body, headers=headers)
            if response.raw_response.is_redirect:
                raise RequestFailed(response)  # githubkit takes it for an answer
        self.left = rest_quota(response.headers) or self.left
        return response
