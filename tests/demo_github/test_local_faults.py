"""What the App hears when something is wrong at GitHub, and what has really happened by then."""

import contextlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from local_scene import Scene

from activities.process import Command, run
from github_app.demo.github import PullDraft
from github_app.demo.github.faults import Fault, FaultPlan, Kind, When, Where, bad_day
from github_app.demo.github.git import ENV
from github_app.demo.github.seed import FirstCommit, write_repository

ISSUE = "/repos/acme/calc/issues/1"
COMMENTS = f"{ISSUE}/comments"
POST = Where("POST", "/comments$")
GET = Where("GET", "/repos/")
ALWAYS = When(count=None)


async def say(scene: Scene, text: str = "hello", **more: float) -> httpx.Response:
    """Write a comment as the App."""
    return await scene.request("POST", COMMENTS, json={"body": text}, **more)


def said(scene: Scene) -> list[str]:
    """Return what can be read in the issue."""
    return [comment.body for comment in scene.github.comments(scene.repo, 1)]


# --- trouble instead of an answer -------------------------------------------------------------------------------------

REFUSALS = [
    (Kind.SERVER_ERROR, 500, "Server Error"),
    (Kind.BAD_GATEWAY, 502, "Server Error"),
    (Kind.UNAVAILABLE, 503, "No server is currently available"),
    (Kind.SECONDARY_LIMIT, 403, "You have exceeded a secondary rate limit."),
    (Kind.TOO_MANY_REQUESTS, 429, "You have exceeded a secondary rate limit."),
    (Kind.PRIMARY_LIMIT, 403, "API rate limit exceeded for installation ID"),
]
BROKEN = [
    (Kind.TIMEOUT, httpx.ReadTimeout),
    (Kind.CONNECTION_RESET, httpx.ReadError),
    (Kind.TRUNCATED, httpx.RemoteProtocolError),
]
BOTH = pytest.mark.parametrize("after_commit", [False, True])


@BOTH
@pytest.mark.parametrize(("kind", "status", "words"), REFUSALS)
async def test_an_error_comes_before_or_after_the_effect(
    scene: Scene, kind: Kind, status: int, words: str, *, after_commit: bool
) -> None:
    """The answer is the error either way; the comment is there only if the call was carried out; the next one works."""
    scene.github.faults.add(Fault(kind, POST, after_commit=after_commit))
    answer = await say(scene)
    assert (answer.status_code, answer.json()["message"][: len(words)]) == (status, words)
    assert said(scene) == ["hello"] * after_commit
    call = scene.github.calls[-1]
    assert (call.status, call.fault, call.committed, call.index) == (status, kind, after_commit, 1)
    assert call.installation_id == scene.installation_id
    assert (await say(scene, "again")).status_code == 201


@BOTH
@pytest.mark.parametrize(("kind", "error"), BROKEN)
async def test_an_answer_is_lost_on_its_way(
    scene: Scene, kind: Kind, error: type[httpx.TransportError], *, after_commit: bool
) -> None:
    """Silence, a reset, half an answer: the caller can not tell whether the comment is there, the log can."""
    scene.github.faults.add(Fault(kind, POST, after_commit=after_commit))
    with pytest.raises(error):
        await say(scene, timeout=0.3)
    assert (await say(scene, "again")).status_code == 201
    assert said(scene) == [*["hello"] * after_commit, "again"]
    lost = scene.github.calls[0]
    assert (lost.fault, lost.committed) == (kind, after_commit)


async def test_a_hanging_call_ends_by_itself(scene: Scene) -> None:
    """After its seconds the connection is reset, for callers with more patience."""
    scene.github.faults.add(Fault(Kind.TIMEOUT, seconds=0.05))
    with pytest.raises(httpx.ReadError):
        await say(scene)


@pytest.mark.parametrize("kind", [Kind.SECONDARY_LIMIT, Kind.TOO_MANY_REQUESTS, Kind.UNAVAILABLE])
async def test_a_limit_may_name_its_seconds(scene: Scene, kind: Kind) -> None:
    """`Retry-After`, if there is one; calls remain, so it is not the primary limit."""
    scene.github.faults.add(Fault(kind, seconds=17), Fault(kind))
    named, untold = await say(scene), await say(scene)
    assert (named.headers["retry-after"], untold.headers.get("retry-after")) == ("17", None)
    first = scene.github.calls[0]
    assert first.forbidden_until
    assert 17 <= (first.forbidden_until - first.at).total_seconds() < 18
    assert untold.headers.get("x-ratelimit-remaining") != "0"


async def test_the_primary_limit_names_a_time(scene: Scene) -> None:
    """No call remains until `x-ratelimit-reset`."""
    scene.github.faults.add(Fault(Kind.PRIMARY_LIMIT, seconds=1800))
    headers, call = (await say(scene)).headers, scene.github.calls[0]
    assert headers["x-ratelimit-remaining"] == "0"
    assert call.forbidden_until
    assert int(headers["x-ratelimit-reset"]) == call.forbidden_until.timestamp()
    assert 1798 < (call.forbidden_until - call.at).total_seconds() <= 1800


# --- answers that lag behind ------------------------------------------------------------------------------------------


async def test_what_was_just_created_is_not_found_at_first(scene: Scene) -> None:
    """Two calls find nothing, the third finds it; the list had it all along."""
    scene.github.faults.add(Fault(Kind.NOT_FOUND_YET, POST, When(count=2), times=2))
    path = httpx.URL((await say(scene)).json()["url"]).path
    assert [(await scene.request("GET", path)).status_code for _ in range(3)] == [404, 404, 200]
    assert len((await scene.request("GET", COMMENTS)).json()) == 1
    assert [each.kind for each in scene.github.faults.injected] == [Kind.NOT_FOUND_YET] * 2
    hidden = httpx.URL((await say(scene)).json()["url"]).path
    scene.github.faults.clear()
    assert (await scene.request("GET", hidden)).status_code == 200


async def test_what_was_there_before_is_not_hidden(scene: Scene) -> None:
    """Asking somebody for a review also answers 201 with the pull request, which is not new."""
    await scene.github.push(scene.repo, "work", {"b.txt": "b"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"), "ada")
    scene.github.faults.add(Fault(Kind.NOT_FOUND_YET, Where("POST", "reviewers$")))
    pull = "/repos/acme/calc/pulls/2"
    asked = await scene.request("POST", f"{pull}/requested_reviewers", json={"reviewers": ["acme"]})
    assert (asked.status_code, (await scene.request("GET", pull)).status_code) == (201, 200)


async def test_a_new_pull_request_can_not_be_labelled_at_first(scene: Scene) -> None:
    """It is hidden where issues live as well, for some seconds by GitHub's clock."""
    await scene.github.push(scene.repo, "work", {"b.txt": "b"})
    scene.github.faults.add(Fault(Kind.NOT_FOUND_YET, Where("POST", "/pulls$"), seconds=60))
    body = {"title": "Work", "head": "work", "base": "main"}
    assert (await scene.request("POST", "/repos/acme/calc/pulls", json=body)).status_code == 201
    labels = "/repos/acme/calc/issues/2/labels"
    assert (await scene.request("POST", labels, json={"labels": ["bug"]})).status_code == 404
    assert (await scene.request("GET", ISSUE)).status_code == 200  # only what is new is hidden
    scene.github.advance(timedelta(seconds=61))
    assert (await scene.request("POST", labels, json={"labels": ["bug"]})).status_code == 200


async def test_a_read_may_be_behind(scene: Scene) -> None:
    """What a person and the App did last is missing once, and there when asked again."""
    scene.github.faults.add(
        Fault(Kind.STALE_READ, Where(path="/issues/1$")), Fault(Kind.STALE_READ, Where(path="ments$"))
    )
    await scene.github.label_issue(scene.repo, 1, "bug")
    labels = [(await scene.request("GET", ISSUE)).json()["labels"] for _ in range(2)]
    assert [len(each) for each in labels] == [0, 1]
    await say(scene)
    assert [len((await scene.request("GET", COMMENTS)).json()) for _ in range(2)] == [0, 1]
    assert [call.fault for call in scene.github.calls] == ["stale_read", "", "", "stale_read", ""]


async def test_a_stale_read_knows_only_the_last_change(scene: Scene) -> None:
    """Of two changes which the App could both have seen, only the second is missing."""
    scene.github.faults.add(Fault(Kind.STALE_READ, Where("GET", "/comments$"), When(nth=2)))
    await say(scene, "one")
    assert len((await scene.request("GET", COMMENTS)).json()) == 1
    await say(scene, "two")
    assert [it["body"] for it in (await scene.request("GET", COMMENTS)).json()] == ["one"]


# --- credentials and clocks -------------------------------------------------------------------------------------------


async def test_a_token_can_end_at_any_call(scene: Scene) -> None:
    """The second read is refused as if the token were old; nothing else is."""
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, GET, When(nth=2)))
    token = await scene.token()
    answers = [await scene.request_as(token, "GET", ISSUE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 401, 200]
    assert answers[1].json()["message"] == "Bad credentials"


@pytest.mark.parametrize(
    ("seconds", "words"), [(-120, "('exp') is too far in the future"), (900, "('exp') must be a numeric value")]
)
async def test_a_clock_that_is_off_refuses_the_app(scene: Scene, seconds: int, words: str) -> None:
    """GitHub's clock decides about the JWT and tells its time; a JWT made by that time is taken."""
    scene.github.faults.add(Fault(Kind.CLOCK_SKEW, when=ALWAYS, seconds=seconds))
    refused = await scene.mint()
    assert refused.status_code == 401
    assert words in refused.json()["message"]
    now = int(parsedate_to_datetime(refused.headers["date"]).timestamp())
    token = scene.jwt(iat=now - 60, exp=now + 540)
    assert (await scene.request_as(token, "GET", "/app")).status_code == 200


# --- which calls ------------------------------------------------------------------------------------------------------


async def test_a_fault_hits_the_calls_it_is_for(scene: Scene) -> None:
    """Method, path, the first that may be hit, and how many."""
    scene.github.faults.add(Fault(Kind.BAD_GATEWAY, GET, When(nth=2, count=2)))
    await say(scene)
    assert [(await scene.request("GET", ISSUE)).status_code for _ in range(5)] == [200, 502, 502, 200, 200]
    assert [each.call for each in scene.github.faults.injected] == [3, 4]


async def test_of_two_faults_for_a_call_the_first_happens(scene: Scene) -> None:
    """The other one waits for the next call."""
    scene.github.faults.add(Fault(Kind.BAD_GATEWAY), Fault(Kind.UNAVAILABLE))
    assert [(await scene.request("GET", ISSUE)).status_code for _ in range(3)] == [502, 503, 200]


async def test_the_same_seed_gives_the_same_faults(scene: Scene) -> None:
    """Whatever other calls come in between; another seed gives others."""
    token = await scene.token()

    async def hits(seed: int, *, crowded: bool) -> list[int]:
        scene.github.faults.clear()
        scene.github.faults.follow(FaultPlan(seed, (Fault(Kind.BAD_GATEWAY, GET, When(1, None, 0.5)),)))
        statuses: list[int] = []
        for _ in range(10):
            if crowded:
                await scene.request_as(token, "GET", "/repos/acme/calc")
            statuses.append((await scene.request_as(token, "GET", ISSUE)).status_code)
        return statuses

    first = await hits(7, crowded=False)
    assert set(first) == {200, 502}
    assert await hits(7, crowded=True) == first
    assert await hits(8, crowded=False) != first


async def test_git_has_trouble_too(scene: Scene) -> None:
    """Fetching and pushing pass the same edge."""
    scene.github.faults.add(Fault(Kind.UNAVAILABLE, Where(path=r"\.git/info/refs$")))
    auth = ("x-access-token", await scene.token())
    url = "/acme/calc.git/info/refs?service=git-upload-pack"
    assert [(await scene.http.get(url, auth=auth)).status_code for _ in range(2)] == [503, 200]
    assert scene.github.calls[-2].installation_id == scene.installation_id


async def test_a_push_whose_answer_was_lost_is_there(scene: Scene, tmp_path: Path) -> None:
    """Git reports a failure; the branch has moved."""
    source = tmp_path / "work.git"
    write_repository(source, FirstCommit({"a.txt": "a"}, "main", "ada", datetime.now(UTC)))
    scene.github.faults.add(Fault(Kind.CONNECTION_RESET, Where("POST", "git-receive-pack$"), after_commit=True))
    host = scene.github.url.removeprefix("http://")
    url = f"http://x-access-token:{await scene.token()}@{host}/acme/calc.git"
    pushed = await run(Command(("git", "push", url, "main:refs/heads/work"), source, dict(ENV), merge_stderr=True))
    assert pushed.exit_code != 0
    assert "refs/heads/work" in await scene.github.world.git(scene.repo).refs()
    assert scene.github.calls[-1].committed


async def test_people_are_spared(scene: Scene) -> None:
    """Pages and what people do are not the App's calls."""
    scene.github.faults.add(Fault(Kind.SERVER_ERROR, when=ALWAYS))
    await scene.github.push(scene.repo, "work", {"b.txt": "b"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"))
    assert (await scene.http.get("/acme/calc/pull/2")).status_code == 200


async def test_another_process_can_plan_faults(scene: Scene) -> None:
    """Add, read and clear a plan as JSON; what can never happen is refused in words."""
    plan = {"seed": 7, "faults": [{"kind": "bad_gateway", "where": {"path": "/issues/1$"}, "when": {"count": None}}]}
    assert (await scene.http.post("/_local/faults", json=plan)).status_code == 200
    assert (await scene.request("GET", ISSUE)).status_code == 502
    known = (await scene.http.get("/_local/faults")).json()
    assert (known["plan"]["seed"], known["injected"][0]["what"]) == (7, f"GET {ISSUE}")
    assert (await scene.http.delete("/_local/faults")).json()["plan"]["faults"] == []
    assert (await scene.request("GET", ISSUE)).status_code == 200
    wrong = await scene.http.post("/_local/faults", json={"faults": [{"kind": "meteor"}]})
    assert (wrong.status_code, wrong.json()["message"][:16]) == (422, "faults.0.kind: I")


async def test_a_bad_day_has_a_bit_of_everything(scene: Scene) -> None:
    """Enough goes wrong to be worth it, and what was answered with 201 is there."""
    scene.github.faults.follow(bad_day(1))
    token, good = await scene.token(), list[str]()
    for number in range(30):
        with contextlib.suppress(httpx.TransportError):
            answer = await scene.request_as(token, "POST", COMMENTS, json={"body": str(number)}, timeout=3)
            good += [str(number)] * (answer.status_code == 201)
    kinds = {each.kind for each in scene.github.faults.injected}
    assert len(kinds) > 3
    assert set(good) <= set(said(scene))
    assert len(said(scene)) == len(
        [call for call in scene.github.calls if call.committed and call.actor == "installation"]
    )
