"""Every endpoint answers in a shape that githubkit's models accept."""

import json
from typing import Any

import httpx
from githubkit import GitHub, Response, UnauthAuthStrategy
from githubkit.auth import AppAuthStrategy, AppInstallationAuthStrategy
from local_scene import Scene
from starlette.routing import compile_path

from github_app.demo.github import Remark, ReviewDraft
from github_app.demo.github.rest import ENDPOINTS
from github_app.demo.github.rest.gate import Endpoint

CALC = ("acme", "calc")
App = GitHub[AppAuthStrategy]
Installed = GitHub[AppInstallationAuthStrategy]


async def test_every_endpoint_answers_in_githubs_shape(scene: Scene) -> None:
    """A tour through all endpoints: each answer parses, none is left out."""
    app, github = scene.as_app(), scene.as_installation()
    await tour_of_the_app(app, scene.installation_id)
    await tour_of_issues(github)
    await tour_of_code(github)
    await scene.request("GET", "/repos/acme/calc/contents")  # githubkit has no words for these two
    await scene.request("GET", f"/repositories/{scene.repo.id}")
    await scene.github.push(scene.repo, "work", {"calc.py": "ONE = 1\nTWO = 2\n", "docs/a.md": None, "new.py": "\n"})
    await tour_of_pull_requests(scene, github)
    await tour_of_reviews(scene, github)
    await tour_of_checks(scene, github)
    await tour_of_the_ci(scene, github)
    for path in ("/graphql", "/api/graphql"):
        await scene.request("POST", path, json={"query": "{ viewer { login } }"})
    await tour_of_relations(github)
    await github.rest.pulls.async_merge(*CALC, 3)
    await github.rest.git.async_delete_ref(*CALC, "heads/work")
    await tour_of_deliveries(app)
    await github.rest.apps.async_revoke_installation_access_token()
    await creation_of_an_app(scene, app)
    assert [endpoint.path for endpoint in ENDPOINTS if not was_visited(scene, endpoint)] == []


def was_visited(scene: Scene, endpoint: Endpoint) -> bool:
    """Whether the endpoint was called with success."""
    pattern, _, _ = compile_path(endpoint.path)
    return any(
        call.method == endpoint.method and call.status < 400 and pattern.match(call.path) for call in scene.github.calls
    )


def parsed(*answers: Response[Any, Any]) -> None:
    """Let githubkit validate."""
    for answer in answers:
        _ = answer.parsed_data


async def tour_of_the_app(app: App, installation_id: int) -> None:
    """Visit what the JWT opens."""
    rest = app.rest.apps
    parsed(
        await rest.async_get_authenticated(),
        await rest.async_list_installations(),
        await rest.async_get_installation(installation_id),
        await rest.async_get_repo_installation(*CALC),
        await rest.async_create_installation_access_token(installation_id, repositories=["calc"]),
        await rest.async_get_webhook_config_for_app(),
        await rest.async_update_webhook_config_for_app(content_type="json"),
    )


async def tour_of_issues(github: Installed) -> None:
    """Visit issues, comments, labels, reactions."""
    issues, reactions = github.rest.issues, github.rest.reactions
    comment = (await issues.async_create_comment(*CALC, 1, body="hello")).parsed_data
    on_issue = (await reactions.async_create_for_issue(*CALC, 1, content="eyes")).parsed_data
    on_comment = (await reactions.async_create_for_issue_comment(*CALC, comment.id, content="+1")).parsed_data
    parsed(
        await issues.async_create(*CALC, title="Another", labels=["bug"]),
        await issues.async_get(*CALC, 1),
        await issues.async_list_for_repo(*CALC, state="all"),
        await issues.async_update(*CALC, 1, body="changed", labels=["bug"]),
        await issues.async_list_comments(*CALC, 1),
        await issues.async_list_events(*CALC, 1),
        await issues.async_list_comments_for_repo(*CALC),
        await issues.async_get_comment(*CALC, comment.id),
        await issues.async_update_comment(*CALC, comment.id, body="changed"),
        await issues.async_create_label(*CALC, name="good first issue", color="00ff00"),
        await issues.async_get_label(*CALC, "bug"),
        await issues.async_list_labels_for_repo(*CALC),
        await issues.async_add_labels(*CALC, 1, labels=["one", "two"]),
        await issues.async_set_labels(*CALC, 1, labels=["two"]),
        await issues.async_list_labels_on_issue(*CALC, 1),
        await issues.async_remove_label(*CALC, 1, "two"),
        await reactions.async_list_for_issue(*CALC, 1),
        await reactions.async_list_for_issue_comment(*CALC, comment.id),
    )
    await reactions.async_delete_for_issue(*CALC, 1, on_issue.id)
    await reactions.async_delete_for_issue_comment(*CALC, comment.id, on_comment.id)
    await issues.async_delete_comment(*CALC, comment.id)


async def tour_of_relations(github: Installed) -> None:
    """Visit sub-issues and dependencies."""
    issues = github.rest.issues
    part = (await issues.async_create(*CALC, title="Part")).parsed_data
    parsed(
        await issues.async_add_sub_issue(*CALC, 1, sub_issue_id=part.id),
        await issues.async_list_sub_issues(*CALC, 1),
        await issues.async_get_parent(*CALC, part.number),
        await issues.async_remove_sub_issue(*CALC, 1, sub_issue_id=part.id),
        await issues.async_add_blocked_by_dependency(*CALC, 1, issue_id=part.id),
        await issues.async_list_dependencies_blocked_by(*CALC, 1),
        await issues.async_remove_dependency_blocked_by(*CALC, 1, part.id),
    )


async def tour_of_code(github: Installed) -> None:
    """Visit repositories, files, branches, commits."""
    repos = github.rest.repos
    parsed(
        await github.rest.users.async_get_by_username("aidp[bot]"),
        await repos.async_get(*CALC),
        await github.rest.apps.async_list_repos_accessible_to_installation(),
        await repos.async_get_content(*CALC, "docs/a.md"),
        await repos.async_get_content(*CALC, "docs"),
        await repos.async_get_branch(*CALC, "main"),
        await github.rest.git.async_get_ref(*CALC, "heads/main"),
        await repos.async_list_commits(*CALC),
        await repos.async_get_commit(*CALC, "main"),
        await repos.async_get_collaborator_permission_level(*CALC, "ada"),
    )


async def tour_of_pull_requests(scene: Scene, github: Installed) -> None:
    """Visit pull requests, and what compares."""
    pulls = github.rest.pulls
    scene.github.set_permission(scene.repo, "ada", "write")
    parsed(
        await pulls.async_create(*CALC, title="Two", head="work", base="main"),
        await github.rest.issues.async_add_labels(*CALC, 3, labels=["without a description"]),
        await pulls.async_get(*CALC, 3),
        await pulls.async_list(*CALC),
        await pulls.async_update(*CALC, 3, title="Two!"),
        await pulls.async_list_files(*CALC, 3),
        await pulls.async_list_commits(*CALC, 3),
        await pulls.async_request_reviewers(*CALC, 3, reviewers=["ada"]),
        await github.rest.issues.async_get(*CALC, 3),
        await github.rest.repos.async_compare_commits(*CALC, "main...work"),
        await github.rest.repos.async_get_commit(*CALC, "work"),
    )


async def tour_of_reviews(scene: Scene, github: Installed) -> None:
    """Visit reviews and the comments on lines."""
    pulls = github.rest.pulls
    remarks = (Remark("new.py", 1, "Why?"),)
    bobs = await scene.github.review(scene.repo, 3, ReviewDraft("APPROVE", "Good", remarks), by="bob")
    review = (await pulls.async_create_review(*CALC, 3, body="Hm")).parsed_data
    [comment] = (await pulls.async_list_comments_for_review(*CALC, 3, bobs.id)).parsed_data
    reactions = github.rest.reactions
    given = (
        await reactions.async_create_for_pull_request_review_comment(*CALC, comment.id, content="eyes")
    ).parsed_data
    parsed(await reactions.async_list_for_pull_request_review_comment(*CALC, comment.id))
    await reactions.async_delete_for_pull_request_comment(*CALC, comment.id, given.id)
    parsed(
        await github.rest.repos.async_list_pull_requests_associated_with_commit(*CALC, "work"),
        await pulls.async_submit_review(*CALC, 3, review.id, event="COMMENT"),
        await pulls.async_list_reviews(*CALC, 3),
        await pulls.async_get_review(*CALC, 3, bobs.id),
        await pulls.async_update_review(*CALC, 3, review.id, body="Aha"),
        await pulls.async_dismiss_review(*CALC, 3, bobs.id, message="Too early"),
        await pulls.async_list_review_comments(*CALC, 3),
        await pulls.async_list_review_comments_for_repo(*CALC),
        await pulls.async_get_review_comment(*CALC, comment.id),
        await pulls.async_update_review_comment(*CALC, comment.id, body="Why, then?"),
        await pulls.async_create_reply_for_review_comment(*CALC, 3, comment.id, body="Because."),
    )


async def tour_of_checks(scene: Scene, github: Installed) -> None:
    """Visit check runs, suites, statuses."""
    checks, repos = github.rest.checks, github.rest.repos
    sha = (await repos.async_get_branch(*CALC, "work")).parsed_data.commit.sha
    run = (
        await checks.async_create(*CALC, data={"name": "aidp", "head_sha": sha, "status": "in_progress"})
    ).parsed_data
    parsed(
        await checks.async_update(*CALC, run.id, data={"status": "completed", "conclusion": "neutral"}),
        await checks.async_get(*CALC, run.id),
        await checks.async_list_annotations(*CALC, run.id),
        await checks.async_rerequest_run(*CALC, run.id),
        await checks.async_get_suite(*CALC, scene.repo.check_runs[run.id].suite_id),
        await checks.async_rerequest_suite(*CALC, scene.repo.check_runs[run.id].suite_id),
        await checks.async_list_for_ref(*CALC, "work"),
        await checks.async_list_suites_for_ref(*CALC, "work"),
        await repos.async_create_commit_status(*CALC, sha, state="pending"),
        await repos.async_get_combined_status_for_ref(*CALC, "work"),
        await repos.async_list_commit_statuses_for_ref(*CALC, "work"),
    )


async def tour_of_the_ci(scene: Scene, github: Installed) -> None:
    """Visit runs, jobs, logs, rules."""
    actions = github.rest.actions
    scene.github.add_repository("acme", "bad", files={"a": "a"}, ci="false")
    scene.github.require_checks("acme/bad", "test")
    await scene.github.push("acme/bad", "work", {"b": "b"})
    await scene.github.settle()
    bad = ("acme", "bad")
    [run] = (await actions.async_list_workflow_runs_for_repo(*bad)).parsed_data.workflow_runs
    [job] = (await actions.async_list_jobs_for_workflow_run(*bad, run.id)).parsed_data.jobs
    parsed(
        await actions.async_get_workflow_run(*bad, run.id),
        await actions.async_get_job_for_workflow_run(*bad, job.id),
        await github.rest.repos.async_get_branch_rules(*bad, "main"),
        await actions.async_re_run_workflow_failed_jobs(*bad, run.id),
    )
    await actions.async_download_job_logs_for_workflow_run(*bad, job.id)
    await scene.github.settle()
    parsed(await actions.async_re_run_workflow(*bad, run.id))
    await scene.github.settle()
    parsed(await actions.async_re_run_job_for_workflow_run(*bad, job.id))


async def tour_of_deliveries(app: App) -> None:
    """Visit the delivery log."""
    rest = app.rest.apps
    newest, *_ = (await rest.async_list_webhook_deliveries()).parsed_data
    parsed(await rest.async_get_webhook_delivery(newest.id), await rest.async_redeliver_webhook_delivery(newest.id))


async def creation_of_an_app(scene: Scene, app: App) -> None:
    """Bring a manifest, and exchange the code for another App."""
    hook = {"url": "https://example.com/webhook"}
    wanted = {"name": "Another", "url": "https://example.com", "hook_attributes": hook, "redirect_url": "http://back"}
    answer = await scene.http.post("/settings/apps/new", data={"manifest": json.dumps(wanted)})
    code = httpx.URL(answer.headers["location"]).params["code"]
    anybody = app.with_auth(UnauthAuthStrategy())
    parsed(await anybody.rest.apps.async_create_from_manifest(code))
