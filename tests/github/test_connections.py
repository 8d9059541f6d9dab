"""Steps share their connections to GitHub, and a proxy that the environment names is still asked."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from activities.github.client import GitHubApp, Grant, InstallationClients
from activities.github.connections import shared_connections
from github_app.demo.github import AppRegistration
from github_app.demo.github.serving import serving
from workflows.model import Source

PLACE = Source(1, 2)
ADA = {"id": 7, "login": "ada"}
TOKEN = {"token": "ghs_1", "expires_at": "2100-01-01T00:00:00Z", "repositories": [{"full_name": "acme/calc"}]}


class Counting:
    """A GitHub that knows one person, and by which connections it was asked for her."""

    def __init__(self) -> None:
        self.url = ""
        self.connections: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a step, also one that comes through a proxy and has the whole address for its path."""
        self.connections.append(scope["client"][1])
        answer = JSONResponse(ADA if scope["method"] == "GET" else TOKEN)
        await answer(scope, receive, send)


@pytest.fixture
async def counting() -> AsyncIterator[Counting]:
    """Serve it."""
    github = Counting()
    async with serving(github, "127.0.0.1", 0) as github.url:
        yield github


async def step(clients: InstallationClients) -> int:
    """Look ada up, as a step of its own."""
    async with clients.repository(PLACE, Grant.READ_ITEM) as repository:
        return (await repository.user("ada")).id


def clients_of(
    counting: Counting, registration: AppRegistration, connections: httpx.AsyncBaseTransport | None
) -> InstallationClients:
    """Make the clients of one worker."""
    return InstallationClients(GitHubApp(1, registration.private_key_pem, counting.url), connections=connections)


async def test_a_step_goes_on_with_the_connection_of_the_one_before(
    counting: Counting, registration: AppRegistration
) -> None:
    """One connection for the token and three steps in a row; steps at the same time do not wait for each other."""
    async with shared_connections() as connections:
        clients = clients_of(counting, registration, connections)
        assert [await step(clients) for _ in range(3)] == [ADA["id"]] * 3
        assert len(set(counting.connections)) == 1
        await asyncio.gather(*(step(clients) for _ in range(30)))


async def test_a_proxy_is_asked_for_what_goes_through_it(
    counting: Counting, registration: AppRegistration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who must use a proxy says so in the environment, and gets no connection that goes around it."""
    proxy, counting.url = counting.url, "http://github.example"
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    async with shared_connections() as connections:
        assert await step(clients_of(counting, registration, connections)) == ADA["id"]
    assert counting.connections
