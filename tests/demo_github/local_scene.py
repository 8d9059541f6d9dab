"""The scene of these stories: a local GitHub, a repository, and somebody who receives its webhooks."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from githubkit import AppAuthStrategy, AppInstallationAuthStrategy, GitHub
from githubkit.cache import MemCacheStrategy
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from github_app.demo.github import LocalGitHub, Repository
from github_app.demo.github.tokens import Wanted, issue_token

Auth = TypeVar("Auth", AppAuthStrategy, AppInstallationAuthStrategy)


@dataclass(frozen=True, slots=True)
class Letter:
    """A webhook as it arrived."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> str:
        """What happened, as `event.action`."""
        action = self.json.get("action")
        return self.headers["x-github-event"] + (f".{action}" if action else "")

    @property
    def json(self) -> dict[str, Any]:
        """The payload."""
        return json.loads(self.body)


@dataclass(slots=True)
class Mailbox:
    """Receives webhooks and answers all of them with the same status."""

    status: int = 202
    pauses: list[float] = field(default_factory=list[float])
    """How long to hold the next webhooks before they count as received."""
    letters: list[Letter] = field(default_factory=list[Letter])

    @property
    def asgi(self) -> Starlette:
        """The receiving application."""
        return Starlette(routes=[Route("/webhook", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        await asyncio.sleep(self.pauses.pop(0) if self.pauses else 0)
        self.letters.append(Letter(dict(request.headers), await request.body()))
        return Response(status_code=self.status)

    @property
    def events(self) -> list[str]:
        """What was told so far."""
        return [letter.event for letter in self.letters]

    def last(self, event: str) -> dict[str, Any]:
        """Return the payload of the newest webhook of a kind."""
        return next(letter.json for letter in reversed(self.letters) if letter.event == event)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a story needs."""

    github: LocalGitHub
    repo: Repository
    mailbox: Mailbox
    http: httpx.AsyncClient
    key: RSAPrivateKey
    """The App's, read once: that takes longer than most requests."""

    @property
    def installation_id(self) -> int:
        """The one installation."""
        return next(iter(self.github.world.installations))

    def as_app(self) -> GitHub[AppAuthStrategy]:
        """Return a client that signs as the App."""
        app = self.github.world.app
        return self._client(AppAuthStrategy(app.id, app.private_key_pem))

    def as_installation(self, **narrow: Any) -> GitHub[AppInstallationAuthStrategy]:  # noqa: ANN401  # as githubkit has it
        """Return a client with an installation token."""
        app = self.github.world.app
        return self._client(AppInstallationAuthStrategy(app.id, app.private_key_pem, self.installation_id, **narrow))

    def _client(self, auth: Auth) -> GitHub[Auth]:
        return GitHub(
            auth,
            base_url=self.github.url,
            http_cache=False,
            auto_retry=False,
            cache_strategy=MemCacheStrategy(),
        )

    def jwt(self, **changes: object) -> str:
        """Sign as the App, correctly but for the changes."""
        app, now = self.github.world.app, int(self.github.world.now().timestamp())
        return jwt.encode({"iss": str(app.id), "iat": now - 60, "exp": now + 540} | changes, self.key, "RS256")

    async def mint(self, **wanted: object) -> httpx.Response:
        """Ask for an installation token."""
        url = f"/app/installations/{self.installation_id}/access_tokens"
        return await self.request_as(self.jwt(), "POST", url, json=wanted)

    async def token(self, **wanted: object) -> str:
        """Get an installation token."""
        return (await self.mint(**wanted)).json()["token"]

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401  # as httpx has it
        """Send a plain request as the installation."""
        installation = self.github.world.installations[self.installation_id]
        token = issue_token(self.github.world, installation, Wanted()).value
        return await self.request_as(token, method, path, **more)

    async def request_as(self, token: str, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401  # as httpx has it
        """Send a plain request with this token, or none."""
        headers = ({"authorization": f"Bearer {token}"} if token else {}) | more.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **more)
