"""What GitHub's lists do not show yet is known all the same: what follows on it goes into it, and not beside it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from github_scene import REPO, Scene
from pull_scene import open_pull, powerful
from story_kit import until
from telling_workflows import BoardWorkflow, CheckedWorkflow
from temporalio.client import Client
from temporalio.worker import Worker

from activities.github.plan_activities import PlanActivities
from activities.github.pull_request_activities import PullRequestActivities
from github_app.demo.github import AppRegistration
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.worker import RUNNER
from workflows.model import ProjectPost, ProjectUnit
from workflows.ports import MAIN_QUEUE

PARSING = ProjectUnit("a", "Parse", 1, "waiting")


@pytest.fixture(scope="module")
def registration(registration: AppRegistration) -> AppRegistration:
    """Our App, with what this file's stories need."""
    return powerful(registration)


@asynccontextmanager
async def working(temporal: Client, scene: Scene) -> AsyncGenerator[None]:
    """Let our hand work."""
    async with Worker(
        temporal,
        task_queue=MAIN_QUEUE,
        workflows=[BoardWorkflow, CheckedWorkflow],
        workflow_runner=RUNNER,
        activities=[
            PlanActivities(scene.clients).write_project,
            PullRequestActivities(scene.clients).write_check_run,
        ],
    ):
        yield


async def test_a_check_run_ends_where_it_began(scene: Scene, temporal: Client) -> None:
    """The work is over before the second list shows its check run: that one is concluded, and none is left behind."""
    pull = await open_pull(scene)
    scene.github.faults.add(Fault(Kind.STALE_READ, Where("GET", f"/{pull.sha}/check-runs$"), When(nth=2)))
    async with working(temporal, scene):
        await temporal.execute_workflow(
            CheckedWorkflow.run, args=[pull.item, pull.sha], id=f"checked:{uuid4()}", task_queue=MAIN_QUEUE
        )
    [run] = scene.github.check_runs(REPO, pull.sha)
    assert (run.conclusion, run.output["title"]) == ("success", "No findings")


async def test_the_last_word_of_a_project_is_in_its_one_comment(scene: Scene, temporal: Client) -> None:
    """The project is over before the second list shows its comment: that one says so."""
    scene.github.faults.add(Fault(Kind.STALE_READ, Where("GET", "/issues/1/comments$"), When(nth=2)))
    post = ProjectPost(scene.item, "In one part.", (PARSING,))
    async with working(temporal, scene):
        board = await temporal.start_workflow(BoardWorkflow.run, post, id=f"board:{uuid4()}", task_queue=MAIN_QUEUE)
        await until(lambda: scene.github.comments(REPO, 1))
        await board.signal(BoardWorkflow.end, replace(post, units=(replace(PARSING, status="done"),)))
        await board.result()
    [comment] = scene.github.comments(REPO, 1)
    assert "1 of 1 parts done" in comment.body
