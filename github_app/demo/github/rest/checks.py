"""REST: check runs, check suites and commit statuses."""

from datetime import datetime
from typing import Any

from github_app.demo.github.checks import Checks, Push, latest
from github_app.demo.github.git import ZERO
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.shapes import checks as shapes
from github_app.demo.github.world import RefusedError, invalid

STATES = ("error", "failure", "pending", "success")
CONCLUSIONS = ("success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required")
RUN_TEXTS = ("name", "status", "conclusion", "external_id", "details_url", "output")
RUN_TIMES = ("started_at", "completed_at")


def _checks(ask: Ask) -> Checks:
    return Checks(ask.world, ask.repository, ask.world.app)


async def _sha(ask: Ask, ref: str) -> str:
    found = await ask.world.git(ask.repository).resolve(ref)
    if not found:
        raise RefusedError(422, f"No commit found for SHA: {ref}")
    return found


def _values(ask: Ask) -> dict[str, Any]:
    values = {name: ask.body[name] for name in RUN_TEXTS if name in ask.body}
    values |= {name: datetime.fromisoformat(ask.body[name]) for name in RUN_TIMES if name in ask.body}
    if values.get("status") == "completed" and "conclusion" not in values:
        raise invalid("CheckRun", "conclusion is required when status is completed", "conclusion")
    if values.get("conclusion", "success") not in CONCLUSIONS:
        raise invalid("CheckRun", f"conclusion must be one of {', '.join(CONCLUSIONS)}", "conclusion")
    return values


async def create_check_run(ask: Ask) -> Answer:
    """Create a check run for a commit."""
    name, ref = ask.text("name", "CheckRun"), ask.text("head_sha", "CheckRun")
    values, sha = _values(ask), await _sha(ask, ref)
    suite = await _checks(ask).open_suite(Push("", ZERO, sha))
    run = _checks(ask).create(name, suite, values)
    return Answer(201, shapes.check_run(ask.world, ask.repository, run))


async def update_check_run(ask: Ask) -> Answer:
    """Change a check run; an App changes only its own."""
    run_id = ask.params["run_id"]
    if _checks(ask).find(run_id).app.id != ask.world.app.id:
        raise RefusedError(
            403, "Invalid app_id `" + str(ask.world.app.id) + "` - check run can only be modified by its App."
        )
    return Answer(200, shapes.check_run(ask.world, ask.repository, _checks(ask).change(run_id, _values(ask))))


async def get_check_run(ask: Ask) -> Answer:
    """Show one check run."""
    return Answer(200, shapes.check_run(ask.world, ask.repository, _checks(ask).find(ask.params["run_id"])))


async def list_check_runs(ask: Ask) -> Answer:
    """List the check runs of a commit, newest first."""
    sha, query = await _sha(ask, ask.params["ref"]), ask.query
    found = [it for it in ask.repository.check_runs.values() if it.head_sha == sha]
    found = found if query.get("filter") == "all" else latest(found)
    found = [it for it in found if query.get("check_name", it.name) == it.name]
    found = [it for it in found if query.get("status", it.status) == it.status]
    page = ask.page(found[::-1])
    shown = [shapes.check_run(ask.world, ask.repository, it) for it in page.items]
    return Answer(200, {"total_count": len(found), "check_runs": shown}, page.headers)


async def list_check_suites(ask: Ask) -> Answer:
    """List the check suites of a commit."""
    sha = await _sha(ask, ask.params["ref"])
    found = [it for it in ask.repository.check_suites.values() if it.head_sha == sha]
    page = ask.page(found)
    shown = [shapes.full_check_suite(ask.world, ask.repository, it) for it in page.items]
    return Answer(200, {"total_count": len(found), "check_suites": shown}, page.headers)


async def get_combined_status(ask: Ask) -> Answer:
    """Show what the statuses of a commit come to."""
    found = (await _sha(ask, ask.params["ref"]), ask.repository.statuses)
    return Answer(200, shapes.combined_status(ask.world, ask.repository, found))


async def list_statuses(ask: Ask) -> Answer:
    """List every status a commit was given, newest first."""
    sha = await _sha(ask, ask.params["ref"])
    page = ask.page([it for it in reversed(ask.repository.statuses) if it.sha == sha])
    return Answer(200, [shapes.status(ask.world, ask.repository, it) for it in page.items], page.headers)


async def create_status(ask: Ask) -> Answer:
    """Give a commit a status."""
    if ask.text("state", "Status") not in STATES:
        raise invalid("Status", f"state must be one of {', '.join(STATES)}", "state")
    sha = await _sha(ask, ask.params["sha"])
    return Answer(201, shapes.status(ask.world, ask.repository, await _checks(ask).set_status(sha, ask.body)))


REPO = "/repos/{owner}/{repo}"
ENDPOINTS = (
    Endpoint("POST", REPO + "/check-runs", create_check_run, ("checks:write",)),
    Endpoint("GET", REPO + "/check-runs/{run_id:int}", get_check_run, ("checks:read",)),
    Endpoint("PATCH", REPO + "/check-runs/{run_id:int}", update_check_run, ("checks:write",)),
    Endpoint("GET", REPO + "/commits/{ref:path}/check-runs", list_check_runs, ("checks:read",)),
    Endpoint("GET", REPO + "/commits/{ref:path}/check-suites", list_check_suites, ("checks:read",)),
    Endpoint("GET", REPO + "/commits/{ref:path}/status", get_combined_status, ("statuses:read",)),
    Endpoint("GET", REPO + "/commits/{ref:path}/statuses", list_statuses, ("statuses:read",)),
    Endpoint("POST", REPO + "/statuses/{sha}", create_status, ("statuses:write",)),
)
