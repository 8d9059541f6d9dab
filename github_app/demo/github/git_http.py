"""Git over smart HTTP: `git http-backend` behind the App's installation tokens."""

import base64
import binascii
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from activities.process import Command, run
from github_app.demo.github import pushes, tokens
from github_app.demo.github.faults.answers import CHALLENGE
from github_app.demo.github.git import ENV, KEEP_BYTES
from github_app.demo.github.model import Repository
from github_app.demo.github.rest.gate import ARCHIVED, record
from github_app.demo.github.tokens import Credentials
from github_app.demo.github.world import RefusedError, World, not_found

READ, WRITE = ("contents:read",), ("contents:write",)
SERVICES = {"git-upload-pack": READ, "git-receive-pack": WRITE}


def routes(world: World) -> list[Route]:
    """Make the routes of the three requests that git sends."""

    async def serve(request: Request) -> Response:
        return await _serve(world, request)

    base = "/{owner}/{repo}.git/"
    return [
        Route(base + "info/refs", serve, methods=["GET"]),
        Route(base + "{service}", serve, methods=["POST"]),
    ]


async def _serve(world: World, request: Request) -> Response:
    service = request.path_params.get("service") or request.query_params.get("service", "")
    needs, credentials = SERVICES.get(service, READ), Credentials()
    try:
        credentials = Credentials(token=tokens.find(world, _password(request.headers.get("authorization", ""))))
        repository = _repository(world, request, credentials)
        _authorise(credentials, needs)
        _refuse_archived(repository, needs)
        response = await _run(world, request, repository)
    except RefusedError as refused:
        headers = CHALLENGE if refused.status == HTTPStatus.UNAUTHORIZED else {}
        response = PlainTextResponse(refused.message + "\n", refused.status, headers)
    record(world, request, (credentials, needs, response.status_code))
    return response


def _password(authorization: str) -> str:
    """Take the token out of `Basic x-access-token:TOKEN`."""
    scheme, _, value = authorization.partition(" ")
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RefusedError(401, "Invalid username or token.") from error
    if scheme.lower() != "basic" or user != "x-access-token":
        raise RefusedError(401, "Invalid username or token.")
    return password


def _repository(world: World, request: Request, credentials: Credentials) -> Repository:
    found = world.wherever(f"{request.path_params['owner']}/{request.path_params['repo']}")
    if not credentials.token or not tokens.reaches(world, credentials.token, found):
        raise not_found()
    return found


def _authorise(credentials: Credentials, needs: tuple[str, ...]) -> None:
    if not credentials.token or not any(credentials.token.allows(need) for need in needs):
        raise RefusedError(403, "Write access to repository not granted.")


def _refuse_archived(repository: Repository, needs: tuple[str, ...]) -> None:
    if repository.archived and needs == WRITE:
        raise RefusedError(403, ARCHIVED)


async def _run(world: World, request: Request, repository: Repository) -> Response:
    body = await request.body()
    if request.path_params.get("service") != "git-receive-pack":
        return await _backend(request, repository, body)
    async with world.pushing:
        before = await world.git(repository).refs()
        response = await _backend(request, repository, body)
        after = await world.git(repository).refs()
        await pushes.follow(world, repository, world.bot, pushes.moved(before, after))
    return response


async def _backend(request: Request, repository: Repository, body: bytes) -> Response:
    head = request.headers
    env = ENV | {
        "GIT_PROJECT_ROOT": str(repository.path),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": head.get("git-protocol", ""),
        "PATH_INFO": "/" + request.url.path.split(".git/", 1)[1],
        "QUERY_STRING": request.url.query,
        "REQUEST_METHOD": request.method,
        "REMOTE_USER": "x-access-token",
        "CONTENT_TYPE": head.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": head.get("content-encoding", ""),
    }
    finished = await run(
        Command(("git", "http-backend"), repository.path, env, body, trusted=True, keep_bytes=KEEP_BYTES)
    )
    return _response(finished.stdout)


def _response(output: bytes) -> Response:
    """Turn what a CGI program wrote into an HTTP answer."""
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200 OK").split(" ", 1)[0])
    return Response(body, status, headers)
