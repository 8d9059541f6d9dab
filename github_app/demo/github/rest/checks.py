"""REST: check runs, check suites and commit statuses."""

from datetime import datetime
from typing import Any

from github_app.demo.github.buttons import Buttons
from github_app.demo.github.checks import Checks, Push, latest
from github_app.demo.github.git import ZERO
from github_app.demo.github.model import CheckRun
from github_app.demo.github.rest import check_requests
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.shapes import checks as shapes
from github_app.demo.github.world import RefusedError, invalid, not_found

STATES = ("error", "failure", "pending", "success")
CONCLUSIONS = ("success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required")
RUN_TEXTS = ("name", "status", "conclusion", "external_id", "details_url")
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
    values |= check_requests.read(ask.body)
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
    return Answer(200, shapes.check_run(ask.world, ask.repository, _changed(ask, run_id)))


def _changed(ask: Ask, run_id: int) -> CheckRun:
    """Change a run; remarks are added to those it has."""
    values, before = _values(ask), _checks(ask).find(run_id)
    if "annotations" in values:
        values["annotations"] = (*before.annotations, *values["annotations"])
    return _checks(ask).change(run_id, values)


async def get_check_run(ask: Ask) -> Answer:
    """Show one check run."""
    return Answer(200, shapes.check_run(ask.world, ask.repository, _checks(ask).find(ask.params["run_id"])))


async def list_annotations(ask: Ask) -> Answer:
    """List the remarks of a check run."""
    run = _checks(ask).find(ask.params["run_id"])
    page = ask.page(run.annotations)
    return Answer(200, [shapes.annotation(ask.world, ask.repository, run, it) for it in page.items], page.headers)


async def rerequest_run(ask: Ask) -> Answer:
    """Ask for a check run to be done again."""
    Buttons(ask.world, ask.repository, ask.world.bot).rerequest(ask.params["run_id"])
    return Answer(201, {})


async def rerequest_suite(ask: Ask) -> Answer:
    """Ask for all of a suite to be done again."""
    Buttons(ask.world, ask.repository, ask.world.bot).rerequest_suite(ask.params["suite_id"])
    return Answer(201, {})


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


async def get_check_suite(ask: Ask) -> Answer:
    """Show one check suite."""
    if suite := ask.repository.check_suites.get(ask.params["suite_id"]):
        return Answer(200, shapes.full_check_suite(ask.world, ask.repository, suite))
    raise not_found()


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
    Endpoint("GET", REPO + "/check-runs/{run_id:int}/annotations", list_annotations, ("checks:read",)),
    Endpoint("POST", REPO + "/check-runs/{run_id:int}/rerequest", rerequest_run, ("checks:write",)),
    Endpoint("GET", REPO + "/check-suites/{suite_id:int}", get_check_suite, ("checks:read",)),
    Endpoint("POST", REPO + "/check-suites/{suite_id:int}/rerequest", rerequest_suite, ("checks:write",)),
    Endpoint("GET", REPO + "/commits/{ref:path}/check-runs", list_check_runs, ("checks:read",)),
    Endpoint("GET", REPO + "/commits/{ref:path}/check-suites", list_check_suites, ("checks:read",)),
    Endpoint("GET", REPO + "/commits/{ref:path}/status", get_combined_status, ("statuses:read",)),
    Endpoint("GET", REPO + "/commits/{ref:path}/statuses", list_statuses, ("statuses:read",)),
    Endpoint("POST", REPO + "/statuses/{sha}", create_status, ("statuses:write",)),
)
