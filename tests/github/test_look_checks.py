"""One look at the checks of our pull requests: what has turned red since the last one is seen, and costs no call."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from github_scene import REPO, Scene
from pull_scene import open_pull
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.github.client import GitHubApp, InstallationClients
from activities.github.looking import ITEMS
from activities.github.reconciling import ReconcilingActivities
from activities.github.repositories import RepositoryActivities
from github_app.demo.github import AppRegistration, PullDraft
from github_app.demo.github.checks import Checks, Push
from github_app.demo.github.git import ZERO
from github_app.demo.github.serving import serving
from github_app.demo.github.world import LOCAL_CI
from workflows.model import Commit
from workflows.model.reconciling import Busy, Covered, Known, Look, Reachable, RedHead
from workflows.model.repositories import RepositoryAddress

AGO = timedelta(hours=3)
BLIND = {"metadata": "read", "issues": "read", "pull_requests": "read"}


async def look(scene: Scene, known: Known, *busy: Busy) -> Look:
    """Look at the repository."""
    hand = ReconcilingActivities(scene.clients, "aidp-")
    at = Covered(scene.item.installation_id, (known,), busy=busy)
    [only] = (await ActivityEnvironment().run(hand.look, at)).looks
    return only


async def first_look(scene: Scene) -> Look:
    """Look at it as it was never looked at."""
    [covered] = await ActivityEnvironment().run(RepositoryActivities(scene.clients).list_installations)
    [known] = covered.repositories
    return await look(scene, known)


async def looked_at(scene: Scene) -> Known:
    """Look at it for the first time; returns what is remembered."""
    return (await first_look(scene)).known


async def own_pull(scene: Scene, branch: str = "div") -> Commit:
    """Open a pull request as our App does; returns its head."""
    sha = await scene.github.push(REPO, branch, {f"{branch}.py": "1 / 1\n"}, by=scene.github.world.bot)
    opened = await scene.github.open_pull_request(REPO, PullDraft("Divide", branch, "main"), by=scene.github.world.bot)
    return Commit(replace(scene.item, number=opened.number), sha, "main")


async def check(scene: Scene, sha: str, name: str, conclusion: str = "failure") -> None:
    """Have other CI check a commit."""
    checks = Checks(scene.github.world, scene.repository, LOCAL_CI)
    checks.create(name, await checks.open_suite(Push("refs/heads/div", ZERO, sha)), {"conclusion": conclusion})


async def status(scene: Scene, sha: str, state: str) -> None:
    """Have older CI give a commit a status."""
    await Checks(scene.github.world, scene.repository, LOCAL_CI).set_status(sha, {"state": state, "context": "old"})


def judged(seen: Look) -> Known:
    """Remember what a look has shown, as whoever judges it does."""
    return replace(seen.known, reds=(*(seen.known.reds or ()), *(red.name for red in seen.reds)))


async def test_what_turns_red_after_a_look_is_seen_until_it_is_judged(scene: Scene) -> None:
    """A further check that fails is news again, the same failure is not."""
    head, known = await own_pull(scene), await looked_at(scene)
    await check(scene, head.sha, "tests")
    first = await look(scene, known)
    assert first.reds == (RedHead(head, 1),)
    assert (await look(scene, first.known)).reds == first.reds
    again = await look(scene, judged(first))
    assert again.reds == ()
    await status(scene, head.sha, "error")
    assert (await look(scene, judged(again))).reds == (RedHead(head, 2),)


async def test_what_stays_red_costs_nothing(scene: Scene) -> None:
    """It is in the one query that is asked anyway."""
    scene.github.advance(-AGO)
    head = await own_pull(scene)
    await check(scene, head.sha, "tests")
    scene.github.advance(AGO)
    known = replace(await looked_at(scene), pushed=scene.github.world.now().isoformat())
    known = replace(known, seen=known.pushed)
    before = len(scene.github.calls)
    for _ in range(3):
        known = (await look(scene, known)).known
    assert [call.path for call in scene.github.calls[before:]] == ["/graphql"] * 3


async def test_what_was_red_before_the_first_look_is_no_news(scene: Scene) -> None:
    """Nobody can tell how old it is; it may have been given up long ago."""
    head = await own_pull(scene)
    await check(scene, head.sha, "tests")
    first = await first_look(scene)
    assert first.reds == (await look(scene, first.known)).reds == ()


async def test_what_became_good_is_forgotten(scene: Scene) -> None:
    """When the same check fails once more, it is looked at once more."""
    head, known = await own_pull(scene), await looked_at(scene)
    await check(scene, head.sha, "tests")
    known = judged(await look(scene, known))
    await check(scene, head.sha, "tests", "success")
    known = (await look(scene, known)).known
    await check(scene, head.sha, "tests")
    assert (await look(scene, known)).reds == (RedHead(head, 1),)


async def test_what_works_on_a_pull_request_sees_to_its_checks(scene: Scene) -> None:
    """They are looked at when it has ended, unless somebody had been told of them."""
    head, known = await own_pull(scene), await looked_at(scene)
    busy = Busy(scene.repository.id, head.item.number, scene.github.world.now().isoformat())
    await check(scene, head.sha, "tests")
    meanwhile = await look(scene, known, busy)
    assert meanwhile.reds == ()
    after = await look(scene, meanwhile.known)
    assert after.reds == (RedHead(head, 1),)
    meanwhile = await look(scene, judged(after), busy)
    assert (await look(scene, meanwhile.known)).reds == ()


@pytest.mark.parametrize("conclusion", ["success", "skipped", "neutral", "action_required"])
async def test_what_ended_otherwise_is_not_red(scene: Scene, conclusion: str) -> None:
    """Also what waits for a person, who alone can do something about it."""
    head, known = await own_pull(scene), await looked_at(scene)
    await check(scene, head.sha, "tests", conclusion)
    assert (await look(scene, known)).reds == ()


async def test_checks_of_other_peoples_pull_requests_are_theirs(scene: Scene) -> None:
    """Nobody has asked us to repair them."""
    pull, known = await open_pull(scene), await looked_at(scene)
    await check(scene, pull.sha, "tests")
    assert (await look(scene, known)).reds == ()


async def test_of_very_many_pull_requests_the_last_ones_are_seen(scene: Scene) -> None:
    """The query shows so many; the newest are those on which CI still runs."""
    known = await looked_at(scene)
    heads = [await own_pull(scene, f"b{number}") for number in range(ITEMS + 1)]
    for head in (heads[0], heads[-1]):
        await check(scene, head.sha, "tests")
    assert (await look(scene, known)).reds == (RedHead(heads[-1], 1),)


# --- what is not shown ------------------------------------------------------------------------------------------------


async def test_who_may_not_read_checks_sees_all_else(scene: Scene) -> None:
    """A token that was not granted them is asked for once; what was red before is not forgotten meanwhile."""
    head = await own_pull(scene)
    known = replace(await looked_at(scene), reds=("7:abc:1",))
    await check(scene, head.sha, "tests")
    await scene.github.comment(REPO, 1, "ada", "/aidp status")
    scene.github.installing.accept(scene.repository.owner, BLIND)
    clients = InstallationClients(scene.clients.app)
    seen = await look(replace(scene, clients=clients), known)
    assert (seen.flaw, seen.reds, len(seen.commands)) == ("", (), 1)
    assert seen.known.reds == known.reds
    before = len(scene.github.calls)
    await look(replace(scene, clients=clients), seen.known)
    assert not any(call.path.endswith("/access_tokens") for call in scene.github.calls[before:])


async def test_rights_that_nothing_goes_without_are_still_asked_for(scene: Scene) -> None:
    """Who may not read issues is told so, and of no more than is needed."""
    known = await looked_at(scene)
    scene.github.installing.accept(scene.repository.owner, {"metadata": "read", "checks": "read"})
    with pytest.raises(ApplicationError, match="lacks the permission `issues=read pull_requests=read`"):
        await look(replace(scene, clients=InstallationClients(scene.clients.app)), known)


EMPTY: dict[str, Any] = {"page": {"more": False}, "nodes": []}
AUTHOR = {"type": "Bot", "login": "aidp"}
FAILED = {"state": "FAILURE", "contexts": {"runs": [{"state": "FAILURE", "count": 2}], "statuses": None}}
SEEN = {"number": 2, "base": "main", "head": "b" * 40, "author": AUTHOR, "checks": FAILED}
HIDDEN = SEEN | {"checks": None}
TOKEN = {"token": "t", "expires_at": "2999-01-01T00:00:00Z", "repositories": EMPTY["nodes"]}


def repository(number: int, *pulls: dict[str, Any]) -> dict[str, Any]:
    """Show a repository that has these pull requests."""
    shown = {"page": {"more": False}, "nodes": list(pulls)}
    return {
        "id": f"R_{number}",
        "name": f"acme/{number}",
        "labels": EMPTY,
        "issues": EMPTY,
        "pulls": EMPTY,
        "open": shown,
    }


def refused(*path: str | int) -> dict[str, Any]:
    """Refuse to show a part."""
    return {"type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": ["nodes", *path]}


ANSWER = {
    "data": {"nodes": [repository(1, HIDDEN), repository(2, SEEN), repository(3, SEEN), None]},
    "errors": [
        refused(0, "open", "nodes", 0, "checks"),
        refused(2, "open", "nodes", 0, "checks", "contexts", "runs"),
        refused(3, "open"),
    ],
}


async def _answer(request: Request) -> Response:
    if request.url.path.endswith("/access_tokens"):
        return JSONResponse(TOKEN, 201)
    return JSONResponse({"id": 1, "slug": "aidp"} if request.url.path == "/app" else ANSWER)


@pytest.fixture
async def hiding() -> AsyncIterator[str]:
    """Serve a GitHub that hides checks here and there, and a fourth repository."""
    asgi = Starlette(routes=[Route("/{path:path}", _answer, methods=["GET", "POST"])])
    async with serving(asgi, "127.0.0.1", 0) as url:
        yield url


async def test_hidden_checks_are_no_flaw_of_a_repository(hiding: str, registration: AppRegistration) -> None:
    """What GitHub does not show of them is not judged; what it does not show of anything else is said."""
    clients = InstallationClients(GitHubApp(1, registration.private_key_pem, hiding))
    known = [Known(Reachable(RepositoryAddress(1, it), f"R_{it}", f"acme/{it}"), reds=()) for it in (1, 2, 3, 4)]
    found = await ActivityEnvironment().run(ReconcilingActivities(clients, "aidp-").look, Covered(1, tuple(known)))
    assert [bool(it.flaw) for it in found.looks] == [False, False, False, True]
    assert [[red.failed for red in it.reds] for it in found.looks] == [[], [2], [], []]
