"""The gate of the REST API: the one place where a request is authorised, answered and logged."""

import hashlib
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from github_app.demo.github import tokens
from github_app.demo.github.model import Call, Json, Repository, Token
from github_app.demo.github.rate import CORE, GRAPHQL, rate_of
from github_app.demo.github.tokens import Credentials
from github_app.demo.github.world import MovedError, RefusedError, World, not_found

DOCS = "https://docs.github.com/rest"
DEFAULT_PAGE = 30
LARGEST_PAGE = 100
ARCHIVED = "Repository was archived so is read-only."
BARE = ""
"""Where a body that is no object is found."""
APP = "app"
"""The need of an endpoint that only the App itself, with its JWT, may call."""
ANYONE = "anyone"
"""The need of an endpoint that asks for no credentials."""
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    needs: tuple[str, ...] = ()
    """What this very question needed, all of it, where the endpoint alone does not say."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list, and the links to the other parts."""

    items: list[Any]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that was let in."""

    world: World
    params: Mapping[str, Any]
    query: Mapping[str, str]
    body: Json
    url: str
    credentials: Credentials

    @property
    def token(self) -> Token:
        """The installation token it came with."""
        if not self.credentials.token:
            raise RefusedError(403, "Resource not accessible by integration")
        return self.credentials.token

    @property
    def repository(self) -> Repository:
        """The repository it is about, if the token reaches it."""
        found = self._named()
        if self.credentials.token and not tokens.reaches(self.world, self.credentials.token, found):
            raise not_found()
        return found

    def _named(self) -> Repository:
        if "owner" not in self.params:
            return self.world.repositories.get(self.params["repository_id"]) or _nothing()
        name = f"{self.params['owner']}/{self.params['repo']}"
        found = self.world.wherever(name)
        if found.full_name.lower() != name.lower():
            old, new = f"/repos/{name}", f"/repositories/{found.id}"
            raise MovedError(self.url.replace(old, new, 1))
        return found

    def text(self, name: str, resource: str) -> str:
        """Return a text of the body that may not be missing."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            missing = {"resource": resource, "code": "missing_field", "field": name}
            raise RefusedError(422, "Validation Failed", missing)
        return value

    def page(self, items: Sequence[T]) -> Page:
        """Cut a list to the page that was asked for."""
        size = min(_number(self.query.get("per_page"), DEFAULT_PAGE), LARGEST_PAGE)
        here, last = _number(self.query.get("page"), 1), max(1, -(-len(items) // size))
        links = {"prev": here - 1, "next": here + 1, "last": last, "first": 1}
        wanted = ("prev", "first") if here >= last else ("next", "last") if here == 1 else tuple(links)
        shown = [f'<{self._page_url(links[name])}>; rel="{name}"' for name in wanted if links[name] >= 1]
        headers = {"link": ", ".join(shown)} if last > 1 else {}
        return Page(list(items[(here - 1) * size : here * size]), headers)

    def _page_url(self, page: int) -> str:
        pairs = dict(self.query) | {"page": str(page)}
        return f"{self.url}?{urlencode(pairs)}"


def _nothing() -> Repository:
    raise not_found()


def _number(text: str | None, default: int) -> int:
    return max(1, int(text)) if text and text.isdecimal() else default


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A line of a route table. Any one of `needs` opens it."""

    method: str
    path: str
    run: Callable[[Ask], Awaitable[Answer]]
    needs: tuple[str, ...] = ()


def route(world: World, endpoint: Endpoint) -> Route:
    """Put an endpoint behind the gate."""

    async def pass_gate(request: Request) -> Response:
        credentials = Credentials()
        try:
            if endpoint.needs != (ANYONE,):
                credentials = tokens.check(world, request.headers.get("authorization", ""))
            answer = await _answer(world, endpoint, (request, credentials))
        except RefusedError as refused:
            answer = refusal(refused)
        response = _response(request, answer)
        response.headers.update(_rate_limit(world, request, credentials, response.status_code))
        record(world, request, (credentials, answer.needs or endpoint.needs, response.status_code))
        return response

    return Route(endpoint.path, pass_gate, methods=[endpoint.method])


async def _answer(world: World, endpoint: Endpoint, asked: tuple[Request, Credentials]) -> Answer:
    request, credentials = asked
    ask = Ask(world, request.path_params, request.query_params, await _body(request), _url(world, request), credentials)
    _authorise(ask, endpoint)
    return await endpoint.run(ask)


def _authorise(ask: Ask, endpoint: Endpoint) -> None:
    """Refuse who may not: first by identity, then by repository, then by permission."""
    if endpoint.needs == (ANYONE,):
        return
    if endpoint.needs == (APP,):
        if not ask.credentials.app:
            raise tokens.UNREADABLE
        return
    token = ask.token
    if ask.params.keys() & {"owner", "repository_id"}:
        repository = ask.repository
        if repository.archived and endpoint.method != "GET":
            raise RefusedError(403, ARCHIVED)
    if endpoint.needs and not any(token.allows(need) for need in _needs(ask, endpoint)):
        raise RefusedError(403, "Resource not accessible by integration")


def _needs(ask: Ask, endpoint: Endpoint) -> list[str]:
    """Drop the needs that do not count: `pull_requests` opens the conversation of pull requests only."""
    if "/issues/" not in endpoint.path or _is_pull(ask):
        return list(endpoint.needs)
    return [need for need in endpoint.needs if not need.startswith("pull_requests:")]


def _is_pull(ask: Ask) -> bool:
    number = ask.params.get("number", 0)
    if comment := ask.repository.comments.get(ask.params.get("comment_id", 0)):
        number = comment.number
    issue = ask.repository.issues.get(number)
    return issue is not None and issue.pull is not None


async def _body(request: Request) -> Json:
    raw = await request.body()
    if not raw:
        return {}
    try:
        parsed = json.loads(raw)
    except ValueError as error:
        raise RefusedError(400, "Problems parsing JSON") from error
    return cast("Json", parsed) if isinstance(parsed, dict) else {BARE: parsed}


def _url(world: World, request: Request) -> str:
    return world.url + request.url.path


def refusal(refused: RefusedError) -> Answer:
    """Write an error as GitHub writes it."""
    body: Json = {"message": refused.message, "documentation_url": DOCS, "status": str(refused.status)}
    if isinstance(refused, MovedError):
        return Answer(refused.status, body | {"url": refused.location}, {"location": refused.location})
    return Answer(refused.status, body | ({"errors": list(refused.errors)} if refused.errors else {}))


def _response(request: Request, answer: Answer) -> Response:
    headers = {
        **answer.headers,
        "x-github-request-id": uuid.uuid4().hex.upper(),
        "x-github-api-version-selected": "2026-03-10",
    }
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    content = json.dumps(answer.body).encode()
    if request.method == "GET" and answer.status == HTTPStatus.OK:
        headers["etag"] = f'W/"{hashlib.sha256(content).hexdigest()}"'
        headers["cache-control"] = "private, max-age=60, s-maxage=60"
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, answer.status, headers, "application/json; charset=utf-8")


def _rate_limit(world: World, request: Request, credentials: Credentials, status: int) -> dict[str, str]:
    """Count the calls of this hour; those answered with 304 are free, as on GitHub."""
    resource = GRAPHQL if request.url.path.endswith("/graphql") else CORE
    rate = rate_of(world, credentials.account, resource, int(status != HTTPStatus.NOT_MODIFIED))
    return {
        "x-ratelimit-limit": str(rate.limit),
        "x-ratelimit-remaining": str(rate.remaining),
        "x-ratelimit-used": str(rate.used),
        "x-ratelimit-reset": str(rate.reset),
        "x-ratelimit-resource": resource,
    }


def record(world: World, request: Request, outcome: tuple[Credentials, tuple[str, ...], int]) -> None:
    """Write a call to the log of calls."""
    credentials, needs, status = outcome
    call = Call(
        request.method,
        request.url.path,
        status,
        credentials.actor,
        needs,
        credentials.permissions,
        at=request.state.arrived,
        index=len(world.calls) + 1,
        installation_id=credentials.token.installation_id if credentials.token else None,
        committed=_commits(request.method, needs) and status < HTTPStatus.BAD_REQUEST,
    )
    world.calls.append(call)
    request.state.call = call  # for the recorder at the edge


def _commits(method: str, needs: tuple[str, ...]) -> bool:
    """Whether such a request changes anything: git and GraphQL also read by POST."""
    reads = bool(needs) and all(need.endswith(":read") for need in needs)
    return method not in ("GET", "HEAD") and not reads


def unknown(world: World) -> Route:
    """Answer whatever no endpoint does, and remember that somebody wanted it."""

    async def say_not_found(request: Request) -> Response:
        wanted = f"{request.method} {request.url.path}"
        world.unknown_routes.append(wanted)
        log.warning("The local GitHub does not know %s", wanted)
        return _response(request, refusal(not_found()))

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Route("/{path:path}", say_not_found, methods=methods)
