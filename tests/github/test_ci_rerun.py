"""Running CI again, where GitHub does not let us."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.exceptions import ApplicationError

from activities.github.ci_activities import CiActivities
from activities.github.client import GitHubApp, InstallationClients
from github_app.demo.github import AppRegistration
from github_app.demo.github.serving import serving
from workflows.model import CiCheck, CiLogRequest, Commit, Failure, Item

OTHER_CI = CiCheck("circle", "failure", check_run=7)
ACTIONS = CiCheck("test", "failure", run=1, job=8, check_run=8)
NOT_OURS = "Invalid app_id `1` - check run can only be modified by the GitHub App that created it."
NOT_GRANTED = "Resource not accessible by integration"


@dataclass(slots=True)
class Refusing:
    """A GitHub that answers whatever is to be run again in one way."""

    status: int = 201
    message: str = ""
    asked: list[str] = field(default_factory=list[str])
    """What was to be run again."""

    async def answer(self, request: Request) -> Response:
        """Answer."""
        path = request.url.path
        if path.endswith("/access_tokens"):
            expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            found = {"token": "t", "expires_at": expires, "repositories": [{"full_name": "acme/calc"}]}
            return JSONResponse(found, 201)
        if request.method == "GET":
            status = "queued" if self.asked and "check-suites" in path else "completed"
            return JSONResponse({"id": 1, "status": status, "check_suite": {"id": 2}})
        self.asked.append(path)
        return JSONResponse({"message": self.message}, self.status)


@dataclass(frozen=True, slots=True)
class Bench:
    """A GitHub that may refuse, and our hand."""

    github: Refusing
    hand: CiActivities

    async def rerun(self, *checks: CiCheck) -> bool:
        """Ask for another run."""
        return await self.hand.rerun_ci(CiLogRequest(Commit(Item(1, 2, 3), "a" * 40), checks))


@pytest.fixture
async def bench(registration: AppRegistration) -> AsyncIterator[Bench]:
    """Serve it."""
    github = Refusing()
    asgi = Starlette(routes=[Route("/{path:path}", github.answer, methods=["GET", "POST"])])
    async with serving(asgi, "127.0.0.1", 0) as url:
        clients = InstallationClients(GitHubApp(1, registration.private_key_pem, url))
        yield Bench(github, CiActivities(clients))


@pytest.mark.parametrize("check", [OTHER_CI, ACTIONS])
async def test_what_can_be_run_again_is(bench: Bench, check: CiCheck) -> None:
    """Jobs of GitHub Actions, and check runs of Apps that let us ask."""
    assert await bench.rerun(check)


async def test_what_was_asked_for_is_not_asked_for_again(bench: Bench) -> None:
    """The answer to an earlier attempt was lost: the suite waits for its App, while the check run stays as it was."""
    assert await bench.rerun(OTHER_CI)
    assert await bench.rerun(OTHER_CI)
    assert bench.github.asked == ["/repos/acme/calc/check-runs/7/rerequest"]


@pytest.mark.parametrize(
    ("check", "status", "message"),
    [
        (OTHER_CI, 403, NOT_OURS),
        (OTHER_CI, 403, NOT_GRANTED),
        (OTHER_CI, 422, "The check run is not rerequestable"),
        (ACTIONS, 403, "Unable to retry this workflow run because it was created over a month ago"),
    ],
)
async def test_what_nobody_can_run_again_is_let_be(bench: Bench, check: CiCheck, status: int, message: str) -> None:
    """The failure stays what it is, and somebody has to look at it."""
    bench.github.status, bench.github.message = status, message
    assert not await bench.rerun(check)


async def test_a_missing_permission_is_told(bench: Bench) -> None:
    """GitHub Actions can be run again by whoever was granted it: that can be put right, so it is said."""
    bench.github.status, bench.github.message = 403, NOT_GRANTED
    with pytest.raises(ApplicationError, match="lacks the permission `actions=write`") as refused:
        await bench.rerun(ACTIONS)
    assert refused.value.type == Failure.CONFIGURATION
