"""What all of REST has in common: pages, ETags, rate limits, unknown routes, the second root."""

import asyncio
import logging

import httpx
import pytest
from local_scene import Scene
from starlette.types import Receive, Scope, Send

from github_app.demo.github.serving import serving

ISSUES = "/repos/acme/calc/issues"


async def test_lists_come_in_pages_with_links(scene: Scene) -> None:
    """Following `next` from the first page meets every issue once."""
    for number in range(2, 6):
        await scene.github.create_issue(scene.repo, "ada", f"Issue {number}")
    answer = await scene.request("GET", ISSUES, params={"per_page": 2, "labels": ""})
    seen = [issue["number"] for issue in answer.json()]
    assert set(answer.links) == {"next", "last"}
    while "next" in answer.links:
        answer = await scene.request("GET", answer.links["next"]["url"])
        seen += [issue["number"] for issue in answer.json()]
    assert seen == [5, 4, 3, 2, 1]
    assert set(answer.links) == {"prev", "first"}


async def test_what_did_not_change_is_not_sent_again_and_costs_nothing(scene: Scene) -> None:
    """The ETag of an answer gets a 304, until a change."""
    token = await scene.token()
    first = await scene.request_as(token, "GET", f"{ISSUES}/1")
    unchanged = {"if-none-match": first.headers["etag"]}
    same = await scene.request_as(token, "GET", f"{ISSUES}/1", headers=unchanged)
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"]
    await scene.github.comment(scene.repo, 1, "ada", "news")
    assert (await scene.request_as(token, "GET", f"{ISSUES}/1", headers=unchanged)).status_code == 200


async def test_each_call_counts(scene: Scene) -> None:
    """The rate limit headers count down."""
    token = await scene.token()
    left = [
        int((await scene.request_as(token, "GET", f"{ISSUES}/1")).headers["x-ratelimit-remaining"]) for _ in range(3)
    ]
    assert left == [left[0], left[0] - 1, left[0] - 2]


async def test_a_route_that_is_not_there_is_remembered(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """A test can prove that everything it called exists."""
    with caplog.at_level(logging.WARNING):
        answer = await scene.request("GET", "/repos/acme/calc/stargazers")
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")
    assert scene.github.unknown_routes == ["GET /repos/acme/calc/stargazers"]
    assert "GET /repos/acme/calc/stargazers" in caplog.text


async def test_what_is_missing_is_no_unknown_route(scene: Scene) -> None:
    """A 404 for an issue that is not there is an answer."""
    assert (await scene.request("GET", f"{ISSUES}/99")).status_code == 404
    assert (await scene.request("GET", "/repos/acme/nothing")).status_code == 404
    assert scene.github.unknown_routes == []


async def test_the_api_also_answers_where_enterprise_servers_have_it(scene: Scene) -> None:
    """`/api/v3` is the same API."""
    here, there = await scene.request("GET", f"{ISSUES}/1"), await scene.request("GET", f"/api/v3{ISSUES}/1")
    assert here.json() == there.json()


async def test_broken_json_is_said_to_be_broken(scene: Scene) -> None:
    """400, as on GitHub."""
    answer = await scene.request("POST", ISSUES, content=b"{")
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


async def test_people_can_read_an_issue_and_nothing_in_it_runs(scene: Scene) -> None:
    """The page shows what was said, as text."""
    await scene.github.comment(scene.repo, 1, "ada", "<script>alert(1)</script>")
    page = (await scene.http.get("/acme/calc/issues/1")).text
    assert "Divide" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


async def test_another_process_can_do_what_people_do(scene: Scene) -> None:
    """The control API adds, labels, comments, pushes, merges, and shows the state without secrets."""
    http = scene.http
    await http.post("/_local/users", json={"login": "bob"})
    made = await http.post("/_local/repos", json={"owner": "bob", "name": "web", "files": {"a.txt": "a"}})
    await http.put("/_local/repos/bob/web/permissions/ada", json={"role": "write"})
    await http.post("/_local/repos/bob/web/issues", json={"author": "ada", "title": "Hi"})
    await http.post("/_local/repos/bob/web/issues/1/labels", json={"label": "bug", "by": "ada"})
    await http.request("DELETE", "/_local/repos/bob/web/issues/1/labels/bug")
    await http.post("/_local/repos/bob/web/issues/1/comments", json={"author": "ada", "body": "Hello"})
    await http.post("/_local/repos/bob/web/pushes", json={"branch": "work", "files": {"b.txt": "b"}})
    await http.post("/_local/repos/bob/web/pulls", json={"title": "B", "head": "work", "base": "main"})
    await http.post("/_local/repos/bob/web/pulls/2/merge")
    await http.post("/_local/repos/bob/web/issues/1/close")
    await http.post("/_local/settle")
    state = (await http.get("/_local/repos/bob/web")).json()
    assert state["id"] == made.json()["id"]
    assert [issue["state"] for issue in state["issues"].values()] == ["closed", "closed"]
    assert [comment["body"] for comment in state["comments"].values()] == ["Hello"]
    told = (await http.get("/_local/deliveries")).json()
    assert told[-1]["event"] == "issues"
    assert (await http.get("/_local/repos/bob/none")).status_code == 404
    assert scene.github.world.app.webhook_secret not in str(state) + str(told)


async def test_nothing_of_what_was_asked_goes_on_when_it_is_over() -> None:
    """A request that takes too long is cut off, and what it still does then comes to its end."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.2)
            ended.set()

    async with httpx.AsyncClient(trust_env=False) as http:
        async with serving(slow, "127.0.0.1", 0) as url:
            asking = asyncio.create_task(http.get(url))
            await begun.wait()
        assert ended.is_set()
        assert (await asking).status_code == 500
