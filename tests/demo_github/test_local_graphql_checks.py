"""GraphQL: what the checks of a pull request come to."""

from typing import Any

import pytest
from local_scene import Scene

from github_app.demo.github import PullDraft
from github_app.demo.github.checks import Checks, Push
from github_app.demo.github.git import ZERO
from github_app.demo.github.world import LOCAL_CI

ROLLUP = """
query {
  repository(owner: "acme", name: "plain") {
    pullRequests(first: 5) {
      nodes {
        number
        statusCheckRollup {
          state
          contexts(first: 9) {
            checkRunCount statusContextCount totalCount
            checkRunCountsByState { state count }
            statusContextCountsByState { state count }
            nodes { __typename ... on CheckRun { name status conclusion } ... on StatusContext { context state } }
          }
        }
      }
    }
  }
}
"""


PLAIN = "acme/plain"


async def head_of(scene: Scene) -> str:
    """Open a pull request where no CI runs by itself; returns its newest commit."""
    scene.github.add_repository("acme", "plain", files={"a": "a"})
    sha = await scene.github.push(PLAIN, "work", {"new.py": "A\n"})
    await scene.github.open_pull_request(PLAIN, PullDraft("Work", "work", "main"), by="ada")
    return sha


def checks_of(scene: Scene) -> Checks:
    """Write checks there as another App does."""
    return Checks(scene.github.world, scene.github.world.repository(PLAIN), LOCAL_CI)


async def check(scene: Scene, sha: str, name: str, said: str) -> None:
    """Have CI check a commit: it says how that ended, or how far it is."""
    checks = checks_of(scene)
    values = {"status": said} if said == "in_progress" else {"conclusion": said}
    checks.create(name, await checks.open_suite(Push("refs/heads/work", ZERO, sha)), values)


async def status(scene: Scene, sha: str, context: str, state: str) -> None:
    """Have CI give a commit a status."""
    await checks_of(scene).set_status(sha, {"state": state, "context": context})


async def ask(scene: Scene, token: str = "") -> dict[str, Any]:
    """Ask about all pull requests."""
    token = token or await scene.token()
    return (await scene.request_as(token, "POST", "/graphql", json={"query": ROLLUP})).json()


async def rollup(scene: Scene) -> dict[str, Any]:
    """Read what is shown of the only one."""
    answer = await ask(scene)
    [only] = answer["data"]["repository"]["pullRequests"]["nodes"]
    return only["statusCheckRollup"]


async def test_of_each_name_the_newest_counts(scene: Scene) -> None:
    """Check runs and statuses are counted by their states, each kind on its own."""
    sha = await head_of(scene)
    for name, said in (("tests", "failure"), ("tests", "success"), ("lint", "failure"), ("docs", "in_progress")):
        await check(scene, sha, name, said)
    for context, state in (("old", "pending"), ("old", "error")):
        await status(scene, sha, context, state)
    shown = await rollup(scene)
    contexts = shown["contexts"]
    assert shown["state"] == "FAILURE"
    assert (contexts["checkRunCount"], contexts["statusContextCount"], contexts["totalCount"]) == (3, 1, 4)
    counts = {it["state"]: it["count"] for it in contexts["checkRunCountsByState"]}
    assert counts == {"SUCCESS": 1, "FAILURE": 1, "IN_PROGRESS": 1}
    assert contexts["statusContextCountsByState"] == [{"state": "ERROR", "count": 1}]
    assert contexts["nodes"][0] == {
        "__typename": "CheckRun",
        "name": "tests",
        "status": "COMPLETED",
        "conclusion": "SUCCESS",
    }
    assert contexts["nodes"][-1] == {"__typename": "StatusContext", "context": "old", "state": "ERROR"}


@pytest.mark.parametrize(
    ("runs", "states", "together"),
    [
        (("success", "skipped"), ("success",), "SUCCESS"),
        (("success", "in_progress"), ("success",), "PENDING"),
        (("success",), ("pending",), "PENDING"),
        (("in_progress", "cancelled"), ("success",), "FAILURE"),
        (("success",), ("failure", "error"), "FAILURE"),
        (("success",), ("error",), "ERROR"),
    ],
)
async def test_the_worst_tells_what_they_come_to(
    scene: Scene, runs: tuple[str, ...], states: tuple[str, ...], together: str
) -> None:
    """What failed counts more than what is not over yet, and that more than what is good."""
    sha = await head_of(scene)
    for number, said in enumerate(runs):
        await check(scene, sha, f"check {number}", said)
    for number, state in enumerate(states):
        await status(scene, sha, f"status {number}", state)
    assert (await rollup(scene))["state"] == together


async def test_without_any_check_there_is_nothing_to_show(scene: Scene) -> None:
    """No state, not even a good one."""
    await head_of(scene)
    assert await rollup(scene) is None


async def test_who_may_not_read_checks_is_shown_all_else(scene: Scene) -> None:
    """The error names the place in the answer, with the number in a list as a number."""
    await check(scene, await head_of(scene), "tests", "failure")
    answer = await ask(scene, await scene.token(permissions={"pull_requests": "read", "checks": "read"}))
    [only] = answer["data"]["repository"]["pullRequests"]["nodes"]
    assert only["statusCheckRollup"] is None
    [error] = answer["errors"]
    assert error["type"] == "FORBIDDEN"
    assert error["path"] == ["repository", "pullRequests", "nodes", 0, "statusCheckRollup"]
