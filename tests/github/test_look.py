"""One look at repositories: all in them is found, however much there is, and one that is refused hides no other."""

from collections.abc import AsyncIterator
from dataclasses import astuple, replace
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
from activities.github.comment_activities import CommentActivities
from activities.github.reconciling import ReconcilingActivities
from activities.github.repositories import RepositoryActivities
from github_app.demo.github import AppRegistration, PullDraft, Remark, ReviewDraft, User
from github_app.demo.github.faults import Fault, Kind, Where
from github_app.demo.github.serving import serving
from github_app.demo.github.tracker import Tracker
from workflows.model import EventKind, Failure, Surface
from workflows.model.reconciling import BaseBranch, Bases, Busy, Covered, Known, Labelled, Look, Reachable
from workflows.model.repositories import RepositoryAddress

AGO = timedelta(hours=3)
SECOND = timedelta(seconds=1)


async def covered(scene: Scene) -> Covered:
    """List what the App is installed on, as if nothing there had been looked at for an hour."""
    [installation] = await ActivityEnvironment().run(RepositoryActivities(scene.clients).list_installations)
    return installation


async def look(scene: Scene, at: Covered) -> list[Look]:
    """Look at it."""
    hand = ReconcilingActivities(scene.clients, "aidp-")
    return list((await ActivityEnvironment().run(hand.look, at)).looks)


async def look_at(scene: Scene, known: Known, *busy: Busy) -> Look:
    """Look at one repository."""
    [only] = await look(scene, Covered(scene.item.installation_id, (known,), busy=busy))
    return only


async def look_trusting(scene: Scene, bot: User, *busy: Busy) -> Look:
    """Look at the repository as an operator who trusts a bot, and by mistake also ours."""
    hand = ReconcilingActivities(scene.clients, "aidp-", frozenset({bot.id, scene.github.world.bot.id}))
    at = Covered(scene.item.installation_id, (await known_of(scene),), busy=busy)
    [only] = (await ActivityEnvironment().run(hand.look, at)).looks
    return only


async def known_of(scene: Scene) -> Known:
    """Name the repository as it was never looked at."""
    [known] = [it for it in (await covered(scene)).repositories if it.repository.name == REPO]
    return known


# --- one bad repository -----------------------------------------------------------------------------------------------


async def test_a_repository_that_can_not_be_read_hides_no_other(scene: Scene) -> None:
    """What is refused of one is its flaw, and is looked for again; commands in the other are found."""
    other = scene.github.add_repository("acme", "other", files={"a": "a"})
    await scene.github.create_issue(other, "ada", "Plain", "")
    for repository in (REPO, other):
        await scene.github.comment(repository, 1, "ada", "/aidp status")
    scene.github.faults.add(Fault(Kind.SERVER_ERROR, Where("GET", f"/repos/{REPO}/issues/comments$")))
    bad, good = sorted(await look(scene, await covered(scene)), key=lambda it: it.known.repository.name)
    assert (bad.flaw, bad.known.seen, bad.commands) == ("Server Error", "", ())
    assert (good.flaw, len(good.commands)) == ("", 1)
    assert len((await look_at(scene, bad.known)).commands) == 1


async def test_a_limit_is_no_flaw_of_a_repository(scene: Scene) -> None:
    """When GitHub wants no more calls, the whole look comes again later."""
    scene.github.faults.add(Fault(Kind.SECONDARY_LIMIT, Where("GET", "/issues/comments$")))
    with pytest.raises(ApplicationError) as refused:
        await look(scene, await covered(scene))
    assert refused.value.type == Failure.RATE_LIMITED


async def test_a_limit_of_the_graph_names_its_time_like_any_other(scene: Scene) -> None:
    """GraphQL answers 200 all the same; nobody asks again before the time in its headers."""
    at = await covered(scene)
    scene.github.faults.add(Fault(Kind.PRIMARY_LIMIT, Where("POST", "/graphql$"), seconds=100))
    with pytest.raises(ApplicationError, match="API rate limit exceeded") as refused:
        await look(scene, at)
    assert scene.github.calls[-1].status == 200
    assert refused.value.type == Failure.RATE_LIMITED
    assert refused.value.next_retry_delay
    assert timedelta(seconds=99) <= refused.value.next_retry_delay <= timedelta(seconds=103)


EMPTY: dict[str, Any] = {"page": {"more": False}, "nodes": []}
WHOLE = {"id": "R_1", "name": "acme/calc", "labels": EMPTY, "issues": EMPTY, "pulls": EMPTY}
ANSWER = {
    "data": {"nodes": [None, WHOLE, {"id": "R_3", "name": "acme/c", "labels": EMPTY, "issues": None, "pulls": EMPTY}]},
    "errors": [
        {"type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": ["nodes", 0]},
        {"type": "FORBIDDEN", "message": "No issues for you", "path": ["nodes", 2, "issues"]},
    ],
}


async def _answer(request: Request) -> Response:
    if request.url.path.endswith("/access_tokens"):
        body = {"token": "t", "expires_at": "2999-01-01T00:00:00Z", "repositories": EMPTY["nodes"]}
        return JSONResponse(body, 201)
    if request.url.path == "/app":
        return JSONResponse({"id": 1, "slug": "aidp"})
    return JSONResponse(ANSWER)


@pytest.fixture
async def forbidding() -> AsyncIterator[str]:
    """Serve a GitHub that shows one of three repositories."""
    asgi = Starlette(routes=[Route("/{path:path}", _answer, methods=["GET", "POST"])])
    async with serving(asgi, "127.0.0.1", 0) as url:
        yield url


async def test_what_the_graph_does_not_show_is_said_of_that_repository(
    forbidding: str, registration: AppRegistration
) -> None:
    """A node that is forbidden, whole or in part, is a flaw of that repository alone."""
    clients = InstallationClients(GitHubApp(1, registration.private_key_pem, forbidding))
    names = [Known(Reachable(RepositoryAddress(1, it), f"R_{it}", f"acme/{it}")) for it in (1, 2, 3)]
    hand = ReconcilingActivities(clients, "aidp-")
    found = await ActivityEnvironment().run(hand.look, Covered(1, tuple(names)))
    assert [it.flaw for it in found.looks] == ["Resource not accessible by integration", "", "No issues for you"]


# --- much at once -----------------------------------------------------------------------------------------------------


async def test_a_command_behind_a_thousand_comments_is_found(scene: Scene) -> None:
    """A look that does not get to the end says how far it came, and the next one begins there."""
    scene.github.advance(-AGO)
    for number in range(1050):
        scene.github.advance(SECOND)
        await scene.github.comment(REPO, 1, "ada", f"Number {number}.")
    await scene.github.comment(REPO, 1, "ada", "/aidp status")
    written = scene.github.world.now()
    first = await look_at(scene, await known_of(scene))
    assert first.commands == ()
    assert first.known.seen < written.isoformat()
    second = await look_at(scene, first.known)
    assert len(second.commands) == 1
    assert second.known.seen > first.known.seen


async def test_long_lists_are_read_to_their_end(scene: Scene) -> None:
    """More items with a label, and more labels, than the query shows are all seen."""
    for number in range(2, 62):
        await scene.github.create_issue(REPO, "ada", f"Issue {number}")
        await scene.github.label_issue(REPO, number, "aidp-build", by="ada")
    for number in range(40):
        await scene.github.label_issue(REPO, 1, f"aidp-more-{number}", by="ada")
    labelled = (await look_at(scene, await known_of(scene))).labelled
    assert sorted(it.item.number for it in labelled if it.label == "aidp-build") == list(range(2, 62))
    assert len({it.label for it in labelled if it.item.number == 1}) == 40


# --- reviews ----------------------------------------------------------------------------------------------------------


async def test_a_command_in_a_review_is_found(scene: Scene) -> None:
    """What a person writes into the body of a review is read like a comment."""
    pull = await open_pull(scene)
    await scene.github.review(REPO, pull.number, ReviewDraft("COMMENT", "/aidp status"), by="ada")
    [command] = (await look_at(scene, await known_of(scene))).commands
    assert command.comment
    assert (command.comment.surface, command.item.number, command.sender.login) == (Surface.REVIEW, pull.number, "ada")
    said = await CommentActivities(scene.clients).read_comment(command.comment)
    assert ([it.verb for it in said.commands], said.flaw) == (["status"], "")


async def open_own(scene: Scene, base: str = "main", branch: str = "div") -> int:
    """Open a pull request as our App does; returns its number."""
    await scene.github.push(REPO, branch, {f"{branch}.py": "1 / 1\n"}, by="grace")
    draft = PullDraft("Divide", branch, base)
    return (await scene.github.open_pull_request(REPO, draft, by=scene.github.world.bot)).number


async def test_a_review_that_asks_for_changes_is_found_on_what_is_ours(scene: Scene) -> None:
    """It is known by the review's id; somebody else's pull request is not ours to change unasked."""
    ours, theirs = await open_own(scene, branch="ours"), (await open_pull(scene)).number
    wish = ReviewDraft("REQUEST_CHANGES", "Not yet.")
    review, _ = [await scene.github.review(REPO, number, wish, by="ada") for number in (ours, theirs)]
    [asked] = (await look_at(scene, await known_of(scene))).reviews
    assert (asked.names, asked.kind, asked.item.number) == ((f"review:{review.id}",), EventKind.REVIEWED, ours)
    assert asked.sender.login == "ada"


async def test_a_review_that_was_taken_back_asks_for_nothing(scene: Scene) -> None:
    """Of what a person decided only the last counts; a comment after it takes nothing back."""
    number = await open_own(scene)
    for event, text in (("REQUEST_CHANGES", "No."), ("COMMENT", "Well.")):
        await scene.github.review(REPO, number, ReviewDraft(event, text), by="ada")
    assert len((await look_at(scene, await known_of(scene))).reviews) == 1
    await scene.github.review(REPO, number, ReviewDraft("APPROVE"), by="ada")
    assert (await look_at(scene, await known_of(scene))).reviews == ()


# --- eyes -------------------------------------------------------------------------------------------------------------


def see(scene: Scene, who: User, *subjects: tuple[str, int]) -> None:
    """Put somebody's eyes below comments."""
    for subject in subjects:
        Tracker(scene.github.world, scene.repository, who).react(subject, "eyes")


async def test_only_our_own_eyes_say_that_a_command_was_taken(scene: Scene) -> None:
    """What a person has looked at is found, in the conversation and on a line, until we have taken it."""
    pull, known = await open_pull(scene), await known_of(scene)
    said = await scene.github.comment(REPO, 1, "ada", "/aidp status")
    draft = ReviewDraft("COMMENT", "", (Remark("calc.py", 6, "/aidp status"),))
    await scene.github.review(REPO, pull.number, draft, by="ada")
    [remark] = scene.repository.review_comments.values()
    subjects = (("comment", said.id), ("review_comment", remark.id))
    see(scene, scene.github.add_user("ada"), *subjects)
    found = (await look_at(scene, known)).commands
    assert [it.comment.surface for it in found if it.comment] == [Surface.CONVERSATION, Surface.INLINE]
    see(scene, scene.github.world.bot, subjects[0])
    [left] = (await look_at(scene, known)).commands
    assert left.comment
    assert left.comment.id == remark.id


async def test_whose_eyes_they_are_is_asked_once_for_all(scene: Scene) -> None:
    """And only where eyes are below a command; lines are not read where no pull request has changed."""
    known = await known_of(scene)
    plain = await scene.github.comment(REPO, 1, "ada", "Nice.")
    commands = [await scene.github.comment(REPO, 1, "ada", "/aidp status") for _ in range(3)]
    see(scene, scene.github.world.bot, ("comment", plain.id))
    assert len((await look_at(scene, known)).commands) == 3
    see(scene, scene.github.world.bot, *(("comment", it.id) for it in commands))
    before = len(scene.github.calls)
    assert (await look_at(scene, known)).commands == ()
    called = [call.path for call in scene.github.calls[before:]]
    assert called == ["/graphql", f"/repos/{REPO}/issues/comments", "/graphql"]


# --- bots -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def bots(scene: Scene) -> tuple[User, User]:
    """Let there be two bots, of which the first is to be trusted."""
    world = scene.github.world
    renovate, other = (User(world.next_id(), f"{name}[bot]", "Bot") for name in ("renovate", "other"))
    world.users |= {bot.login: bot for bot in (renovate, other)}
    return renovate, other


async def test_commands_of_a_trusted_bot_are_found(scene: Scene, bots: tuple[User, User]) -> None:
    """In comments and reviews; what other bots write is none, nor what we write ourselves."""
    trusted, pull = bots[0], await open_pull(scene)
    for bot in (*bots, scene.github.world.bot):
        await scene.github.comment(REPO, 1, bot, "/aidp status")
        await scene.github.review(REPO, pull.number, ReviewDraft("COMMENT", "/aidp status"), by=bot)
    found = await look_trusting(scene, trusted)
    assert [(it.item.number, it.sender.id) for it in found.commands] == [(1, trusted.id), (pull.number, trusted.id)]
    assert (await look_at(scene, await known_of(scene))).commands == ()


async def test_changes_that_a_trusted_bot_asks_for_are_found(scene: Scene, bots: tuple[User, User]) -> None:
    """On what is ours; other bots may ask for what they like."""
    number = await open_own(scene)
    for bot in bots:
        await scene.github.review(REPO, number, ReviewDraft("REQUEST_CHANGES", "Not yet."), by=bot)
    assert [it.sender.id for it in (await look_trusting(scene, bots[0])).reviews] == [bots[0].id]


async def test_running_work_hears_that_a_trusted_bot_took_its_label_off(scene: Scene, bots: tuple[User, User]) -> None:
    """What another bot does to the label is no stop."""
    for bot in bots:
        await scene.github.label_issue(REPO, 1, f"aidp-{bot.id}", by="ada")
        await scene.github.unlabel_issue(REPO, 1, f"aidp-{bot.id}", by=bot)
    [stop] = (await look_trusting(scene, bots[0], busy(scene, AGO))).stops
    assert (stop.kind, stop.sender.id) == (EventKind.UNLABELED, bots[0].id)


async def test_a_label_that_a_trusted_bot_put_on_is_told_of(scene: Scene, bots: tuple[User, User]) -> None:
    """Who put it on last is asked for: the bot that is trusted, and not another one, nor we ourselves."""
    trusted, heard = bots[0], frozenset({bots[0].id, scene.github.world.bot.id})
    labels = {f"aidp-{bot.id}": bot for bot in (*bots, scene.github.world.bot)}
    for label, bot in labels.items():
        await scene.github.label_issue(REPO, 1, label, by=bot)
    hand = ReconcilingActivities(scene.clients, "aidp-", heard)
    told = [await ActivityEnvironment().run(hand.read_label_event, Labelled(scene.item, label)) for label in labels]
    assert [it.sender.id if it else None for it in told] == [trusted.id, None, None]


# --- what was pushed --------------------------------------------------------------------------------------------------


async def test_a_push_is_seen_where_pull_requests_of_ours_aim_somewhere(scene: Scene) -> None:
    """Their bases are named without a further call, until that was followed; nobody else's are."""
    scene.github.advance(-AGO)
    await scene.github.push(REPO, "release", {"a.py": "a\n"})
    await open_pull(scene)
    await open_own(scene, "release", "one")
    scene.github.advance(AGO)
    looked = (await look_at(scene, await known_of(scene))).known
    known = replace(looked, seen=scene.github.world.now().isoformat())
    before = len(scene.github.calls)
    seen = await look_at(scene, known)
    assert seen.bases == ("release",)
    assert len(scene.github.calls) == before + 1
    followed = replace(known, pushed=seen.pushed)
    assert (await look_at(scene, followed)).bases == ()
    await scene.github.push(REPO, "anything", {"b.py": "b\n"})
    assert (await look_at(scene, followed)).bases == ("release",)


async def test_many_open_pull_requests_are_read_to_their_end(scene: Scene) -> None:
    """Ours is found behind more of them than the query shows."""
    await scene.github.push(REPO, "release", {"a.py": "a\n"})
    for number in range(51):
        await scene.github.push(REPO, f"b{number}", {f"{number}.py": "1\n"}, by="grace")
        await scene.github.open_pull_request(REPO, PullDraft("More", f"b{number}", "main"), by="grace")
    await open_own(scene, "release", "one")
    assert (await look_at(scene, await known_of(scene))).bases == ("release",)


async def test_what_lacks_the_newest_commit_of_its_base_is_listed(scene: Scene) -> None:
    """What has it is not, nor what aims elsewhere; a push that is not the newest any more concerns nobody."""
    hand, address = RepositoryActivities(scene.clients), RepositoryAddress(*astuple(scene.source)[:2])
    behind = await open_own(scene)
    await scene.github.push(REPO, "release/1", {"a.py": "a\n"})
    await open_own(scene, "release/1", "two")
    old = await scene.github.push(REPO, "main", {"b.py": "b\n"}, by="ada")
    new = await scene.github.push(REPO, "main", {"c.py": "c\n"}, by="ada")
    await open_own(scene, "main", "three")
    heads = await hand.read_heads(Bases(address, ("main", "gone")))
    assert [(it.branch, it.sha) for it in heads] == [("main", new)]
    assert [it.number for it in await hand.list_our_pulls(BaseBranch(address, "main", new))] == [behind]
    assert await hand.list_our_pulls(BaseBranch(address, "main", old)) == ()


# --- work that goes on ------------------------------------------------------------------------------------------------


def busy(scene: Scene, ago: timedelta = SECOND) -> Busy:
    """Let something work on the issue, since some time ago."""
    return Busy(scene.repository.id, 1, (scene.github.world.now() - ago).isoformat())


async def test_running_work_hears_that_its_item_was_closed(scene: Scene) -> None:
    """Who closed it is said; when it was opened again since, there is nothing to hear."""
    await scene.github.close_issue(REPO, 1, by="ada")
    [stop] = (await look_at(scene, await known_of(scene), busy(scene))).stops
    assert (stop.kind, stop.item, stop.sender.login) == (EventKind.CLOSED, scene.item, "ada")
    await scene.github.reopen_issue(REPO, 1, by="ada")
    assert (await look_at(scene, await known_of(scene), busy(scene))).stops == ()


async def test_running_work_hears_that_its_label_was_taken_off(scene: Scene) -> None:
    """A person took it off while it worked; what was taken off before it began was about other work."""
    await scene.github.label_issue(REPO, 1, "aidp-working", by="ada")
    await scene.github.unlabel_issue(REPO, 1, "aidp-working", by="ada")
    known = await known_of(scene)
    [stop] = (await look_at(scene, known, busy(scene, AGO))).stops
    assert (stop.kind, stop.label, stop.sender.login) == (EventKind.UNLABELED, "aidp-working", "ada")
    assert (await look_at(scene, known, busy(scene, -AGO))).stops == ()


async def test_work_is_looked_at_only_where_something_happened(scene: Scene) -> None:
    """Where nothing is new, running work costs no call."""
    scene.github.advance(-AGO)
    await scene.github.close_issue(REPO, 1, by="ada")
    scene.github.advance(AGO)
    first = await look_at(scene, await known_of(scene), busy(scene))
    before = len(scene.github.calls)
    assert (await look_at(scene, first.known, busy(scene))).stops == ()
    assert len(scene.github.calls) == before + 1
