"""The log of calls as a witness: who called although told to wait, and who wrote too much."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from local_scene import Scene

from github_app.demo.github.faults import Fault, Kind, Limits, Where, most_writes, violations
from github_app.demo.github.model import Call

ISSUE = "/repos/acme/calc/issues/1"
COMMENTS = f"{ISSUE}/comments"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_call_before_the_time_github_named_is_found(scene: Scene) -> None:
    """The call within the seconds is a violation; one after them, and one of the App itself, is none."""
    scene.github.faults.add(Fault(Kind.SECONDARY_LIMIT, Where("GET"), seconds=30))
    await scene.request("GET", ISSUE)
    await scene.mint()
    await scene.request("GET", COMMENTS)
    scene.github.advance(timedelta(seconds=31))
    await scene.request("GET", ISSUE)
    assert [call.path for call in violations(scene.github.calls)] == [COMMENTS]
    assert violations(scene.github.calls, grace=timedelta(seconds=20)) == []
    assert [call["path"] for call in (await scene.http.get("/_local/violations")).json()] == [COMMENTS]


async def test_installations_are_limited_apart(scene: Scene) -> None:
    """What one was told does not bind another."""
    scene.github.faults.add(Fault(Kind.PRIMARY_LIMIT, Where("GET"), seconds=60))
    await scene.request("GET", ISSUE)
    scene.github.add_repository("bob", "web", files={"a": "a"})
    other = list(scene.github.world.installations)[-1]
    minted = await scene.request_as(scene.jwt(), "POST", f"/app/installations/{other}/access_tokens")
    await scene.request_as(minted.json()["token"], "GET", "/repos/bob/web")
    assert violations(scene.github.calls) == []


async def test_without_a_named_time_a_minute_is_due(scene: Scene) -> None:
    """GitHub asks to "wait for at least one minute before retrying"."""
    scene.github.faults.add(Fault(Kind.TOO_MANY_REQUESTS, Where("GET")))
    await scene.request("GET", ISSUE)
    scene.github.advance(timedelta(seconds=50))
    await scene.request("GET", ISSUE)
    scene.github.advance(timedelta(seconds=11))
    await scene.request("GET", ISSUE)
    assert [call.index for call in violations(scene.github.calls)] == [2]


async def test_content_writes_are_counted(scene: Scene) -> None:
    """Comments count, minting tokens and reading do not, a refused write does."""
    scene.github.faults.add(Fault(Kind.BAD_GATEWAY, Where("POST", "/labels$")))
    await scene.mint()
    await scene.request("GET", ISSUE)
    await scene.request("POST", COMMENTS, json={"body": "a"})
    scene.github.advance(MINUTE)
    await scene.request("POST", COMMENTS, json={"body": "b"})
    await scene.request("POST", f"{ISSUE}/labels", json={"labels": ["bug"]})
    here = scene.installation_id
    assert most_writes(scene.github.calls, MINUTE) == {here: 2}
    assert most_writes(scene.github.calls, HOUR) == {here: 3}
    assert (await scene.http.get("/_local/writes")).json()["hour"] == {str(here): 3}


async def test_the_secondary_limit_can_be_enforced(scene: Scene) -> None:
    """The third write within a minute is refused with the seconds to wait, which are enough; reading goes on."""
    scene.github.faults.limits = Limits(per_minute=2)
    written = [await scene.request("POST", COMMENTS, json={"body": "a"}) for _ in range(3)]
    assert [answer.status_code for answer in written] == [201, 201, 403]
    assert (await scene.request("GET", ISSUE)).status_code == 200
    scene.github.advance(timedelta(seconds=int(written[-1].headers["retry-after"])))
    assert (await scene.request("POST", COMMENTS, json={"body": "a"})).status_code == 201
    assert len(scene.github.comments(scene.repo, 1)) == 3


async def test_the_hours_limit_is_enforced_as_well(scene: Scene) -> None:
    """What would be few enough a minute is too much an hour."""
    scene.github.faults.limits = Limits(per_hour=2)
    for _ in range(2):
        await scene.request("POST", COMMENTS, json={"body": "a"})
        scene.github.advance(MINUTE)
    refused = await scene.request("POST", COMMENTS, json={"body": "a"})
    assert refused.status_code == 403
    assert 3400 < int(refused.headers["retry-after"]) <= 3600


@given(st.lists(st.integers(0, 300), max_size=30))
def test_the_busiest_minute_is_found(seconds: list[int]) -> None:
    """As many as a slow count over every minute that begins with a write finds."""
    calls = [Call("POST", COMMENTS, 201, "installation", (), {}, START + timedelta(seconds=it)) for it in seconds]
    slow = max((sum(begin <= it < begin + 60 for it in seconds) for begin in seconds), default=0)
    assert most_writes(calls, MINUTE).get(None, 0) == slow
