"""REST: the CI's runs, jobs and logs, and what a branch's rules ask for."""

import secrets

from github_app.demo.github.ci import Actions
from github_app.demo.github.model import Json, WorkflowRun
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.shapes import actions as shapes
from github_app.demo.github.world import LOCAL_CI, not_found


def _actions(ask: Ask) -> Actions:
    return Actions(ask.world, ask.repository, ask.world.bot)


def _run(ask: Ask) -> WorkflowRun:
    return _actions(ask).find(ask.params["run_id"])


async def list_runs(ask: Ask) -> Answer:
    """List the runs, newest first, perhaps of one commit or branch."""
    found = [it for it in reversed(ask.repository.workflow_runs.values()) if _wanted(ask, it)]
    page = ask.page(found)
    shown = [shapes.workflow_run(ask.world, ask.repository, it) for it in page.items]
    return Answer(200, {"total_count": len(found), "workflow_runs": shown}, page.headers)


def _wanted(ask: Ask, run: WorkflowRun) -> bool:
    suite, query = ask.repository.check_suites[run.suite_id], ask.query
    facts = {"head_sha": suite.head_sha, "branch": suite.head_branch, "event": run.event, "actor": run.actor.login}
    if any(query.get(name, fact) != fact for name, fact in facts.items()):
        return False
    return query.get("status", run.status) in (run.status, run.conclusion)


async def get_run(ask: Ask) -> Answer:
    """Show one run."""
    return Answer(200, shapes.workflow_run(ask.world, ask.repository, _run(ask)))


async def list_jobs(ask: Ask) -> Answer:
    """List the jobs of a run's last attempt, or of all."""
    run, every = _run(ask), ask.query.get("filter") == "all"
    found = [it for it in ask.repository.jobs.values() if it.run_id == run.id and (every or it.attempt == run.attempt)]
    page = ask.page(found)
    shown = [shapes.job(ask.world, ask.repository, it) for it in page.items]
    return Answer(200, {"total_count": len(found), "jobs": shown}, page.headers)


async def get_job(ask: Ask) -> Answer:
    """Show one job."""
    return Answer(200, shapes.job(ask.world, ask.repository, _actions(ask).find_job(ask.params["job_id"])))


async def get_job_log(ask: Ask) -> Answer:
    """Say where the log can be had, by anybody who knows the address."""
    job = _actions(ask).find_job(ask.params["job_id"])
    if not job.log:
        raise not_found()
    code = secrets.token_urlsafe(18)
    ask.world.downloads[code] = job.log
    return Answer(302, None, {"location": f"{ask.world.url}/_downloads/{code}"})


async def rerun(ask: Ask) -> Answer:
    """Do all of a run again."""
    _actions(ask).rerun(ask.params["run_id"])
    return Answer(201, {})


async def rerun_failed_jobs(ask: Ask) -> Answer:
    """Do what failed in a run again."""
    _actions(ask).rerun(ask.params["run_id"], only_failed=True)
    return Answer(201, {})


async def rerun_job(ask: Ask) -> Answer:
    """Do one job again, which here is the whole of its run."""
    _actions(ask).rerun(_actions(ask).find_job(ask.params["job_id"]).run_id)
    return Answer(201, {})


async def list_branch_rules(ask: Ask) -> Answer:
    """List the rules that apply to a branch: which checks must pass."""
    contexts = ask.repository.required_checks.get(ask.params["branch"], ())
    checks = [
        {"context": name, "integration_id": LOCAL_CI.id} if name == "test" else {"context": name} for name in contexts
    ]
    rule: Json = {
        "type": "required_status_checks",
        "parameters": {"required_status_checks": checks, "strict_required_status_checks_policy": False},
        "ruleset_source_type": "Repository",
        "ruleset_source": ask.repository.full_name,
        "ruleset_id": ask.repository.id,
    }
    page = ask.page([rule] if checks else [])
    return Answer(200, page.items, page.headers)


READ, WRITE = ("actions:read",), ("actions:write",)
REPO = "/repos/{owner}/{repo}"
RUN = REPO + "/actions/runs/{run_id:int}"
JOB = REPO + "/actions/jobs/{job_id:int}"
ENDPOINTS = (
    Endpoint("GET", REPO + "/actions/runs", list_runs, READ),
    Endpoint("GET", RUN, get_run, READ),
    Endpoint("GET", RUN + "/jobs", list_jobs, READ),
    Endpoint("POST", RUN + "/rerun", rerun, WRITE),
    Endpoint("POST", RUN + "/rerun-failed-jobs", rerun_failed_jobs, WRITE),
    Endpoint("GET", JOB, get_job, READ),
    Endpoint("GET", JOB + "/logs", get_job_log, READ),
    Endpoint("POST", JOB + "/rerun", rerun_job, WRITE),
    Endpoint("GET", REPO + "/rules/branches/{branch:path}", list_branch_rules, ("metadata:read",)),
)
