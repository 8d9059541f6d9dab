"""GitHub's refusals: which kind of failure each is, when it is tried again, and what people read."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.exceptions import ApplicationError

from activities.github import GitHubActivities
from activities.github.client import GitHubApp, InstallationClients
from activities.github.pull_request_activities import PullRequestActivities
from activities.github.pull_requests import LISTS_LAG
from activities.repo_config import Known
from github_app.demo.github import AppRegistration
from github_app.demo.github.serving import serving
from workflows.model import (
    Actor,
    Authority,
    Ending,
    Failure,
    Finding,
    Item,
    LoopResult,
    Outcome,
    PullRequestDraft,
    ReviewPost,
    Severity,
)

ITEM = Item(1, 2, 3)
TEN = datetime(2026, 11, 23, 10, tzinfo=UTC).timestamp()
SECRET = "ghs_never_to_be_seen"  # noqa: S105 - the story is that nobody sees it
Reply = Callable[[], Response]


def says(status: int, message: str, **headers: str) -> Reply:
    """Answer as GitHub does."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: JSONResponse({"message": message}, status, named)


def minted(minutes: float = 60) -> Response:
    """Answer with a token."""
    expires = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return JSONResponse({"token": SECRET, "expires_at": expires, "repositories": [{"full_name": "acme/calc"}]}, 201)


def used_up(reset: float, **more: str) -> Response:
    """Answer that this hour's calls are used up."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(reset)), **more}
    return JSONResponse({"message": "API rate limit exceeded"}, 403, headers)


def invalid(message: str) -> Reply:
    """Refuse as GitHub does, with the reason among the details."""
    detail = {"resource": "PullRequest", "message": message}
    return lambda: JSONResponse({"message": "Validation Failed", "errors": [detail]}, 422)


@dataclass(slots=True)
class Scripted:
    """A GitHub that says what the story wants."""

    url: str = ""
    token: Reply = minted
    reply: Reply = minted
    seen: list[str] = field(default_factory=list[str])

    async def answer(self, request: Request) -> Response:
        """Answer from the script."""
        self.seen.append(request.scope["raw_path"].decode())
        return self.token() if request.url.path.endswith("/access_tokens") else self.reply()

    def activities(self, key: str) -> GitHubActivities:
        """Make the hand that talks to it."""
        return GitHubActivities(self.clients(key), Known(()))

    def clients(self, key: str) -> InstallationClients:
        """Make what its hands are made with."""
        return InstallationClients(GitHubApp(1, key, self.url))


@pytest.fixture
async def scripted() -> AsyncIterator[Scripted]:
    """Serve a scripted GitHub."""
    script = Scripted()
    asgi = Starlette(routes=[Route("/{path:path}", script.answer, methods=["GET", "POST"])])
    async with serving(asgi, "127.0.0.1", 0) as url:
        script.url = url
        yield script


async def refusal(scripted: Scripted, registration: AppRegistration) -> ApplicationError:
    """Read an issue that can not be read."""
    with pytest.raises(ApplicationError) as refused:
        await scripted.activities(registration.private_key_pem).read_issue(ITEM)
    assert SECRET not in str(refused.value)
    return refused.value


@pytest.mark.parametrize(
    ("reply", "failure", "words"),
    [
        (says(401, "Bad credentials"), Failure.AUTH_EXPIRED, "Check the App id, its private key"),
        (says(403, "Resource not accessible by integration"), Failure.CONFIGURATION, "lacks the permission `issues="),
        (says(403, "This installation has been suspended"), Failure.PERMANENT, "is suspended"),
        (says(403, "Repository was archived so is read-only."), Failure.PERMANENT, "refused: 403 Repository was arc"),
        (says(301, "Moved Permanently"), Failure.PERMANENT, "deleted or moved"),
        (says(422, "Validation Failed"), Failure.PERMANENT, "refused: 422 Validation Failed"),
        (says(409, "Conflict"), Failure.TRANSIENT, "interrupted"),
        (says(502, "Bad Gateway"), Failure.TRANSIENT, "has trouble: 502"),
        (lambda: Response("<html>a proxy's page</html>"), Failure.PERMANENT, "Check that the configured API address"),
        (lambda: Response("<html>", 503), Failure.TRANSIENT, "has trouble: 503"),
    ],
)
async def test_each_refusal_has_its_kind(
    scripted: Scripted, registration: AppRegistration, reply: Reply, failure: Failure, words: str
) -> None:
    """The kind decides whether the work waits, stops or asks; the words say what to do."""
    scripted.reply = reply
    error = await refusal(scripted, registration)
    assert (error.type, error.non_retryable) == (failure, failure is not Failure.TRANSIENT)
    assert words in error.message


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (says(404, "Not Found"), "no longer installed there"),
        (says(422, "The permissions requested are not granted to this installation."), "lacks the permission"),
        (says(422, "... not accessible to the parent installation."), "has no access to this repository"),
        (lambda: JSONResponse({"token": SECRET}, 201), "not what GitHub's API promises"),
    ],
)
async def test_a_refused_token_is_explained(
    scripted: Scripted, registration: AppRegistration, reply: Reply, words: str
) -> None:
    """Most set-up mistakes show when a token is asked for; an odd answer does not leak the token in it."""
    scripted.token = reply
    error = await refusal(scripted, registration)
    assert error.non_retryable
    assert words in error.message


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (says(429, "Too many", retry_after="17"), 17),
        (says(403, "Please slow down", retry_after="30"), 30),
        (says(429, "Too many", retry_after="Mon, 23 Nov 2026 10:10:00 GMT", date="Mon, 23 Nov 2026 10:00:00 GMT"), 600),
        (says(403, "Slow down", retry_after="Mon Nov 23 10:10:00 2026", date="Mon, 23 Nov 2026 10:00:00 GMT"), 600),
        (says(429, "Too many", retry_after="Mon, 23 Nov 2026 09:00:00 GMT", date="Mon, 23 Nov 2026 10:00:00 GMT"), 1),
        (says(429, "Too many", retry_after="Fri, 31 Dec 9999 23:59:59 GMT"), 3600),
        (says(429, "Too many", retry_after="soon"), 60),
        (says(403, "You have exceeded a secondary rate limit."), 60),
        (lambda: used_up(time.time() + 1800), 1800),
        (lambda: used_up(TEN + 1800, date="Mon, 23 Nov 2026 10:00:00 GMT"), 1800),
        (lambda: used_up(time.time() - 10), 1),
        (lambda: used_up(4e9), 3600),
        (says(429, "Too many"), 60),
        (invalid("was submitted too quickly"), 60),
    ],
)
async def test_a_rate_limit_is_waited_out_as_github_asks(
    scripted: Scripted, registration: AppRegistration, reply: Reply, seconds: int
) -> None:
    """The next attempt comes when GitHub allows it, and not before; times are read by GitHub's own clock."""
    scripted.reply = reply
    error = await refusal(scripted, registration)
    assert error.type == Failure.RATE_LIMITED
    assert not error.non_retryable
    assert error.next_retry_delay
    assert error.next_retry_delay.total_seconds() == pytest.approx(seconds, abs=3)


async def test_a_review_that_comes_too_quickly_is_not_posted_again_at_once(
    scripted: Scripted, registration: AppRegistration
) -> None:
    """The limit looks like a line that is not in the diff, which would be posted again without its place."""
    us, none = JSONResponse({"id": 1, "slug": "aidp"}), JSONResponse([])
    replies = [lambda: us, lambda: none, invalid("was submitted too quickly")]

    def next_reply() -> Response:
        return replies.pop(0)()

    scripted.reply = next_reply
    found = Finding("calc.py", 6, Severity.HIGH, "Division by zero")
    hand = PullRequestActivities(scripted.clients(registration.private_key_pem))
    with pytest.raises(ApplicationError, match="rate limit is reached") as refused:
        await hand.post_review(ReviewPost(ITEM, "abc", "One file.", (found,)))
    assert (refused.value.type, refused.value.non_retryable, replies) == (Failure.RATE_LIMITED, False, [])


async def test_an_unreachable_github_is_tried_again(scripted: Scripted, registration: AppRegistration) -> None:
    """A closed port is an outage, not an end."""
    scripted.url = "http://127.0.0.1:9"
    error = await refusal(scripted, registration)
    assert (error.type, error.non_retryable) == (Failure.TRANSIENT, False)


async def test_a_token_never_follows_a_redirect(scripted: Scripted, registration: AppRegistration) -> None:
    """Whatever an answer points at, the token goes to the configured host alone."""
    scripted.reply = says(302, "", location=f"{scripted.url}/elsewhere")
    await refusal(scripted, registration)
    assert "/elsewhere" not in scripted.seen


async def test_a_token_near_its_end_is_not_used_again(scripted: Scripted, registration: AppRegistration) -> None:
    """Five minutes before a token expires the next step gets a new one."""
    scripted.token = lambda: minted(minutes=4)
    scripted.reply = lambda: JSONResponse({"permission": "write", "user": {"id": 7, "login": "ada"}})
    hand = scripted.activities(registration.private_key_pem)
    for _ in range(2):
        await hand.read_permission(Authority(ITEM, Actor(7, "ada")))
    assert sum(path.endswith("/access_tokens") for path in scripted.seen) >= 2


async def test_an_organizations_own_role_counts_as_what_it_is_based_on(
    scripted: Scripted, registration: AppRegistration
) -> None:
    """A custom role falls back to the plain permission."""
    user = {"id": 7, "login": "ada"}
    scripted.reply = lambda: JSONResponse({"permission": "write", "role_name": "Release captain", "user": user})
    hand = scripted.activities(registration.private_key_pem)
    assert (await hand.read_permission(Authority(ITEM, Actor(7, "ada")))).name == "WRITE"


# --- what GitHub answers to a pull request ----------------------------------------------------------------------------

RESULT = LoopResult(Outcome(Ending.DONE, ""), 1, "aidp/issue-3")
DRAFT = PullRequestDraft(ITEM, "aidp/issue-3", "main", "Divide", RESULT, Actor(7, "ada"))
SIDE = {"sha": "abc", "ref": "aidp/issue-3"}
OPENED = {
    "number": 4,
    "html_url": "https://github.com/acme/calc/pull/4",
    "title": "Divide",
    "state": "open",
    "node_id": "PR_4",
    "head": SIDE,
    "base": SIDE,
}


@pytest.mark.parametrize(
    ("refused", "then"),
    [
        (invalid("Draft pull requests are not supported in this repository."), lambda: JSONResponse(OPENED, 201)),
        (invalid("A pull request already exists for acme:aidp/issue-3."), lambda: JSONResponse([OPENED])),
    ],
)
async def test_a_pull_request_comes_about_anyway(
    scripted: Scripted, registration: AppRegistration, refused: Reply, then: Reply
) -> None:
    """Where drafts are not to be had it is a plain one; where another attempt was faster, that one is taken."""
    no_template = says(404, "Not Found")
    replies = [lambda: JSONResponse([]), no_template, no_template, no_template, refused, then]

    def next_reply() -> Response:
        return replies.pop(0)()

    scripted.reply = next_reply
    opened = await scripted.activities(registration.private_key_pem).open_pull_request(DRAFT)
    assert (opened.number, opened.head_sha, replies) == (4, "abc", [])


async def test_a_pull_request_that_is_not_listed_yet_is_looked_for_again(
    scripted: Scripted, registration: AppRegistration
) -> None:
    """GitHub refuses a second one of the branch while its list still lacks the first: that is no end, but a lag."""
    no_template, none = says(404, "Not Found"), lambda: JSONResponse([])
    already = invalid("A pull request already exists for acme:aidp/issue-3.")
    replies = iter([none, no_template, no_template, no_template, already, none])

    def next_reply() -> Response:
        return next(replies)()

    scripted.reply = next_reply
    with pytest.raises(ApplicationError, match="does not list it yet") as refused:
        await scripted.activities(registration.private_key_pem).open_pull_request(DRAFT)
    assert (refused.value.type, refused.value.next_retry_delay) == (Failure.TRANSIENT, LISTS_LAG)


async def test_a_login_stays_one_part_of_the_path(scripted: Scripted, registration: AppRegistration) -> None:
    """A login with slashes in it asks about nothing but itself."""
    scripted.reply = says(404, "Not Found")
    await scripted.activities(registration.private_key_pem).read_permission(Authority(ITEM, Actor(7, "../../x?y")))
    assert scripted.seen[-1] == "/repos/acme/calc/collaborators/..%2F..%2Fx%3Fy/permission"
