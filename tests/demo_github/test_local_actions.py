"""The CI of the local GitHub as GitHub Actions shows it: runs, jobs, logs, doing it again."""

import re

from githubkit.webhooks import parse_obj
from local_scene import Scene

from github_app.demo.github import PullDraft

CALC = "/repos/acme/calc"


async def test_a_push_is_a_run_with_a_job_and_a_check_run(scene: Scene) -> None:
    """All three tell the same, and the run is told from beginning to end."""
    sha = await scene.github.push(scene.repo, "work", {"new.py": "\n"}, by="ada")
    await scene.github.settle()
    found = (await scene.request("GET", f"{CALC}/actions/runs", params={"head_sha": sha})).json()
    [run] = found["workflow_runs"]
    [job] = (await scene.request("GET", f"{CALC}/actions/runs/{run['id']}/jobs")).json()["jobs"]
    [check] = (await scene.request("GET", f"{CALC}/commits/{sha}/check-runs")).json()["check_runs"]
    assert (run["conclusion"], job["conclusion"], check["conclusion"]) == ("success",) * 3
    assert (run["head_branch"], run["actor"]["login"], run["run_attempt"]) == ("work", "ada", 1)
    assert check["details_url"] == job["html_url"]
    assert check["check_suite"]["id"] == run["check_suite_id"]
    told = [event for event in scene.mailbox.events if event.startswith("workflow_run")]
    assert told == ["workflow_run.requested", "workflow_run.in_progress", "workflow_run.completed"]
    payload = scene.mailbox.last("workflow_run.completed")
    assert payload["workflow_run"] == run
    parse_obj("workflow_run", payload)


async def test_the_log_of_a_failed_job_says_why(scene: Scene) -> None:
    """A redirect leads to plain text, with a time at the start of each line; no token is needed there."""
    repo = scene.github.add_repository("acme", "red", files={"a": "a"}, ci="echo 1 failed; exit 3")
    await scene.github.push(repo, "work", {"b": "b"})
    await scene.github.settle()
    [job_id] = scene.github.world.repository("acme/red").jobs
    answer = await scene.request("GET", f"/repos/acme/red/actions/jobs/{job_id}/logs")
    assert answer.status_code == 302
    lines = (await scene.http.get(answer.headers["location"])).text.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ", line) for line in lines)
    assert [line.partition(" ")[2] for line in lines] == [
        "Run echo 1 failed; exit 3",
        "1 failed",
        "",
        "##[failure]Failed with exit code 3",
    ]
    assert (await scene.http.get("/_downloads/nothing")).status_code == 404


async def test_a_flaky_ci_fails_once_for_each_commit(scene: Scene) -> None:
    """Doing the failed jobs again makes it pass; the newest attempt counts, the older one is kept."""
    repo = scene.github.add_repository("acme", "flaky", files={"a": "a"}, ci="true", flaky=True)
    sha = await scene.github.push(repo, "work", {"b": "b"})
    await scene.github.settle()
    assert "flaky" in scene.github.check_runs(repo, sha)[0].output["text"]
    [run_id] = repo.workflow_runs
    again = f"/repos/acme/flaky/actions/runs/{run_id}/rerun-failed-jobs"
    first, second = await scene.request("POST", again), await scene.request("POST", again)
    assert (first.status_code, second.status_code) == (201, 403)
    assert second.json()["message"] == "This workflow is already running"
    await scene.github.settle()
    checks = f"/repos/acme/flaky/commits/{sha}/check-runs"
    latest, everything = (await scene.request("GET", checks)).json(), await scene.request("GET", f"{checks}?filter=all")
    assert [it["conclusion"] for it in latest["check_runs"]] == ["success"]
    assert [it["conclusion"] for it in everything.json()["check_runs"]] == ["success", "failure"]
    told = scene.mailbox.last("workflow_run.completed")["workflow_run"]
    assert (told["conclusion"], told["run_attempt"]) == ("success", 2)
    assert scene.mailbox.last("check_suite.completed")["check_suite"]["conclusion"] == "success"
    assert (await scene.request("POST", again)).status_code == 403


async def test_doing_it_again_needs_the_permission_for_actions(scene: Scene) -> None:
    """`actions:read` looks only; `checks:write` is another matter."""
    await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.settle()
    [run_id] = scene.repo.workflow_runs
    token = await scene.token(permissions={"actions": "read", "checks": "write"})
    assert (await scene.request_as(token, "GET", f"{CALC}/actions/runs/{run_id}")).status_code == 200
    refused = await scene.request_as(token, "POST", f"{CALC}/actions/runs/{run_id}/rerun")
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")


async def test_a_branch_names_the_checks_that_it_asks_for(scene: Scene) -> None:
    """Readable with `metadata:read`; a branch without rules has an empty list."""
    scene.github.require_checks(scene.repo, "test", "lint")
    token = await scene.token(permissions={"metadata": "read"})
    [rule] = (await scene.request_as(token, "GET", f"{CALC}/rules/branches/main")).json()
    assert rule["type"] == "required_status_checks"
    assert [it["context"] for it in rule["parameters"]["required_status_checks"]] == ["test", "lint"]
    assert (await scene.request_as(token, "GET", f"{CALC}/rules/branches/work")).json() == []


async def test_the_run_of_a_pull_request_names_it(scene: Scene) -> None:
    """`pull_requests` of a run are those whose head it tested."""
    await scene.github.push(scene.repo, "work", {"a": "a"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"))
    await scene.github.settle()
    await scene.github.push(scene.repo, "work", {"b": "b"})
    await scene.github.settle()
    told = scene.mailbox.last("workflow_run.completed")["workflow_run"]
    assert [it["number"] for it in told["pull_requests"]] == [2]
