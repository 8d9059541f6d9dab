"""JSON of the CI: its one workflow, runs and jobs; and the log of a job."""

from datetime import datetime

from github_app.demo.github.model import Job, Json, Repository, WorkflowRun
from github_app.demo.github.shapes.accounts import user
from github_app.demo.github.shapes.checks import pulls_of
from github_app.demo.github.shapes.repositories import api_url, html_url, simple_commit
from github_app.demo.github.shapes.repositories import repository as repository_shape
from github_app.demo.github.shapes.values import node_id, stamp
from github_app.demo.github.world import World

NAME, PATH = "CI", ".github/workflows/ci.yml"
RUN_LINKS = ("jobs", "logs", "artifacts", "cancel", "rerun")


def workflow(world: World, repository: Repository) -> Json:
    """Write the one workflow of a repository; its id is the repository's."""
    created, html = stamp(repository.created_at), html_url(world, repository)
    return {
        "id": repository.id,
        "node_id": node_id("W", repository.id),
        "name": NAME,
        "path": PATH,
        "state": "active",
        "created_at": created,
        "updated_at": created,
        "url": f"{api_url(world, repository)}/actions/workflows/{repository.id}",
        "html_url": f"{html}/blob/{repository.default_branch}/{PATH}",
        "badge_url": f"{html}/workflows/{NAME}/badge.svg",
    }


def workflow_run(world: World, repository: Repository, it: WorkflowRun) -> Json:
    """Write a run."""
    api, suite = api_url(world, repository), repository.check_suites[it.suite_id]
    url, here = f"{api}/actions/runs/{it.id}", repository_shape(world, repository)
    return {
        "id": it.id,
        "name": NAME,
        "node_id": node_id("WFR", it.id),
        "check_suite_id": suite.id,
        "check_suite_node_id": node_id("CS", suite.id),
        "check_suite_url": f"{api}/check-suites/{suite.id}",
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "head_commit": simple_commit(suite.head),
        "path": PATH,
        "display_title": suite.head.message.partition("\n")[0],
        "run_number": it.number,
        "run_attempt": it.attempt,
        "event": it.event,
        "status": it.status,
        "conclusion": it.conclusion,
        "workflow_id": repository.id,
        "workflow_url": f"{api}/actions/workflows/{repository.id}",
        "url": url,
        "html_url": f"{html_url(world, repository)}/actions/runs/{it.id}",
        **{f"{name}_url": f"{url}/{name}" for name in RUN_LINKS},
        "previous_attempt_url": f"{url}/attempts/{it.attempt - 1}" if it.attempt > 1 else None,
        "pull_requests": pulls_of(world, repository, suite.head_sha),
        "created_at": stamp(it.created_at),
        "updated_at": stamp(it.updated_at),
        "run_started_at": stamp(it.created_at),
        "actor": user(world, it.actor),
        "triggering_actor": user(world, it.actor),
        "referenced_workflows": [],
        "repository": here,
        "head_repository": here,
    }


def job(world: World, repository: Repository, it: Job) -> Json:
    """Write a job: its check run says how it goes."""
    check, api = repository.check_runs[it.id], api_url(world, repository)
    run = repository.workflow_runs[it.run_id]
    started, completed = stamp(check.started_at), stamp(check.completed_at)
    progress = {"status": check.status, "conclusion": check.conclusion}
    times = {"started_at": started, "completed_at": completed}
    return {
        "id": it.id,
        "run_id": it.run_id,
        "run_url": f"{api}/actions/runs/{it.run_id}",
        "run_attempt": it.attempt,
        "node_id": node_id("CR", it.id),
        "head_sha": check.head_sha,
        "head_branch": repository.check_suites[run.suite_id].head_branch,
        "url": f"{api}/actions/jobs/{it.id}",
        "html_url": job_page(world, repository, (it.run_id, it.id)),
        "check_run_url": f"{api}/check-runs/{it.id}",
        "name": check.name,
        "workflow_name": NAME,
        "created_at": started,
        **progress,
        **times,
        "steps": [{"name": f"Run {repository.ci}", "number": 1, **progress, **times}],
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "Local runner 1",
        "runner_group_id": 1,
        "runner_group_name": "Default",
    }


def job_page(world: World, repository: Repository, of: tuple[int, int]) -> str:
    """Return the page of a job; its check run links there."""
    run_id, job_id = of
    return f"{html_url(world, repository)}/actions/runs/{run_id}/job/{job_id}"


def log(at: datetime, text: str) -> str:
    """Write a log as GitHub keeps it: a time at the start of each line."""
    time = at.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    return "".join(f"{time} {line}\n" for line in text.splitlines())
