"""Logs of CI: fetched without telling anybody our token, cut to what matters, without colours, times and secrets."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.exceptions import ApplicationError

from activities.github.ci_activities import CiActivities
from activities.github.ci_logs import KEPT_BYTES
from activities.github.client import GitHubApp, InstallationClients
from activities.github.log_text import MAX_BYTES, Window, masked, telling
from github_app.demo.github import AppRegistration
from github_app.demo.github.serving import serving
from workflows.model import CiCheck, CiLogRequest, Commit, Failure, Item

CHECK = CiCheck("test", "failure", run=1, job=7)
REQUEST = CiLogRequest(Commit(Item(1, 2, 3), "a" * 40), (CHECK,))
LOG = """\
\ufeff2026-01-02T03:04:00.1000000Z ##[group]Run actions/checkout@v4
2026-01-02T03:04:01.1000000Z ##[endgroup]
2026-01-02T03:04:01.2000000Z Syncing repository
2026-01-02T03:04:05.1000000Z ##[group]Run make test
2026-01-02T03:04:05.1000000Z \x1b[36;1mmake test\x1b[0m
2026-01-02T03:04:05.1000000Z ##[endgroup]
2026-01-02T03:04:06.1000000Z E   assert 1 == 2
2026-01-02T03:04:06.2000000Z ##[warning]slow
2026-01-02T03:04:06.3000000Z ##[error]Process completed with exit code 1.
2026-01-02T03:04:09.1000000Z ##[group]Run actions/upload-artifact@v4
2026-01-02T03:04:09.2000000Z ##[error]No files were found.
"""
FAILED_STEP = Window(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC))
KEY = "AKIA" + "Z7Q2M5X3P6L4K2TR"  # one that nobody has


@dataclass(slots=True)
class Keeper:
    """A GitHub with one job, whose log lies where the story wants."""

    url: str = ""
    location: str = "/blob?signature=hush"
    log: bytes = LOG.encode()
    status: int = 200
    seen: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])
    """Paths, and whether a token came with them."""

    async def answer(self, request: Request) -> Response:
        """Answer as GitHub and as its storage."""
        path = request.url.path
        self.seen.append((path, "authorization" in request.headers))
        if path.endswith("/access_tokens"):
            expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            found = {"token": "hush", "expires_at": expires, "repositories": [{"full_name": "acme/calc"}]}
            return JSONResponse(found, 201)
        if path.endswith("/logs"):
            location = self.location if "://" in self.location else self.url + self.location
            return Response(status_code=302, headers={"location": location})
        if path == "/blob":
            return Response(self.log, self.status)
        return JSONResponse({"id": 7, "run_id": 1})


@dataclass(frozen=True, slots=True)
class Bench:
    """The keeper, and our hand."""

    keeper: Keeper
    hand: CiActivities


@pytest.fixture
async def bench(registration: AppRegistration) -> AsyncIterator[Bench]:
    """Serve the keeper."""
    keeper = Keeper()
    asgi = Starlette(routes=[Route("/{path:path}", keeper.answer, methods=["GET", "POST"])])
    async with serving(asgi, "127.0.0.1", 0) as url:
        keeper.url = url
        clients = InstallationClients(GitHubApp(1, registration.private_key_pem, url))
        yield Bench(keeper, CiActivities(clients))


# --- fetching ---------------------------------------------------------------------------------------------------------


async def test_the_storage_gets_no_token(bench: Bench) -> None:
    """GitHub sends us on to where logs lie; whoever runs that must not be able to act for us."""
    [log] = await bench.hand.read_ci_logs(REQUEST)
    assert "assert 1 == 2" in log.text
    assert bench.keeper.seen[-2:] == [("/repos/acme/calc/actions/jobs/7/logs", True), ("/blob", False)]


@pytest.mark.parametrize("location", ["http://localhost:1/blob", "ftp://127.0.0.1/blob", "file:///etc/passwd"])
async def test_an_address_that_is_not_safe_is_not_opened(bench: Bench, location: str) -> None:
    """Only encrypted addresses, and the configured host; the refusal does not repeat the address."""
    bench.keeper.location = f"{location}?signature=hush"
    with pytest.raises(ApplicationError, match="not safe to open") as refused:
        await bench.hand.read_ci_logs(REQUEST)
    assert refused.value.type == Failure.PERMANENT
    assert "hush" not in refused.value.message


async def test_storage_in_trouble_is_asked_again(bench: Bench) -> None:
    """A failing storage is a passing trouble, told without the signed address."""
    bench.keeper.status = 503
    with pytest.raises(ApplicationError, match="could not be fetched") as refused:
        await bench.hand.read_ci_logs(REQUEST)
    assert refused.value.type == Failure.TRANSIENT
    assert "hush" not in refused.value.message


async def test_a_log_that_storage_has_no_more_is_none(bench: Bench) -> None:
    """What expired between two calls leaves what the check says in one line."""
    bench.keeper.status = 404
    request = CiLogRequest(REQUEST.commit, (CiCheck("test", "failure", run=1, job=7, summary="1 failed"),))
    [log] = await bench.hand.read_ci_logs(request)
    assert log.text == "1 failed"


async def test_of_a_huge_log_the_end_is_kept(bench: Bench) -> None:
    """Failures are told at the end; what is before does not fill the memory."""
    bench.keeper.log = b"2026-01-02T03:04:00Z noise\n" * (3 * KEPT_BYTES // 27) + LOG.encode()
    [log] = await bench.hand.read_ci_logs(REQUEST)
    assert "No files were found" in log.text
    assert len(log.text.encode()) <= MAX_BYTES


# --- reading ----------------------------------------------------------------------------------------------------------


def test_the_failed_step_is_shown_plainly() -> None:
    """From its command to its error; other steps, times, colours and marks are left out."""
    assert telling(LOG.encode(), FAILED_STEP).splitlines() == [
        "Run make test",
        "make test",
        "",
        "E   assert 1 == 2",
        "warning: slow",
        "error: Process completed with exit code 1.",
    ]


def test_without_a_known_step_all_errors_are_shown() -> None:
    """A job that does not tell its steps still has marks in its log: from the first step with an error on."""
    shown = telling(LOG.encode()).splitlines()
    assert (shown[0], shown[-1]) == ("Run make test", "error: No files were found.")


def test_a_log_without_marks_is_shown_whole() -> None:
    """Whatever prints no marks is read as it is."""
    assert telling(b"one\r\ntwo\n") == "one\ntwo"


@pytest.mark.parametrize(
    "line",
    [
        f"key {KEY}",
        "Authorization: Bearer hush.hush.hush",
        "git clone https://user:hushhush@example.com/x.git",
        "token ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    ],
)
def test_secrets_are_not_shown(line: str) -> None:
    """A log may hold what GitHub does not know to be secret."""
    shown = telling(line.encode())
    assert "[secret left out]" in shown
    assert not {"hush", KEY, "a1B2c3"} & set(shown.replace("/", " ").replace(":", " ").split())
    assert "hush" not in shown


@given(st.text(), st.integers(1, 3000))
def test_any_log_is_bounded_and_plain(text: str, times: int) -> None:
    """Whatever is in it, and however much: it fits, and has no escape in it."""
    shown = telling((text + "\x1b[31mé\n").encode("utf-8", "replace") * times, FAILED_STEP)
    assert len(shown.encode()) <= MAX_BYTES
    assert "\x1b" not in shown


@given(st.binary())
def test_masking_takes_any_bytes(log: bytes) -> None:
    """A log need not be text."""
    assert isinstance(masked(log), bytes)
