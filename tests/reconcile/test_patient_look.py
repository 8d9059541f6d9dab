"""A look at one repository that only its webhook asked for."""

from datetime import timedelta
from pathlib import Path

from reconcile_scene import settings_for
from story_kit import FILES, LABEL, until
from temporal_kit import pass_time, temporal_server
from temporalio.client import Client

from github_app.demo.github import LocalGitHub
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.demo.stage import registration
from github_app.worker import working
from workflows.model import Actor
from workflows.model.repositories import Change, RepositoryAddress, RepositoryChange
from workflows.patience import LOOK_AGAIN, LOOK_RETRY
from workflows.ports import MAIN_QUEUE
from workflows.repository import RepositoryState, RepositoryWorkflow

STRANGER = "mallory"


async def test_a_new_repository_is_looked_at_once_github_is_well_again(tmp_path: Path) -> None:
    """Nobody else may know of it before the next day, so GitHub's trouble is waited out."""
    github = LocalGitHub(tmp_path / "github", registration(""))
    github.add_user(STRANGER)
    async with github.serve(), temporal_server(tmp_path) as temporal:
        repository = github.add_repository("octo-org", "calc", files=FILES)
        issue = await github.create_issue(repository, STRANGER, "Make it right")
        await github.label_issue(repository, issue.number, LABEL, by=STRANGER)
        address = RepositoryAddress(github.installing.find(repository.owner).id, repository.id)
        trouble = Fault(Kind.BAD_GATEWAY, Where("POST", "/graphql$"), When(count=LOOK_RETRY.attempts))
        github.faults.add(trouble)
        async with working(temporal, settings_for(github, tmp_path)):
            await temporal.start_workflow(
                RepositoryWorkflow.run,
                RepositoryState(address.installation_id, address.repository_id),
                id=address.workflow_id,
                task_queue=MAIN_QUEUE,
                start_signal="changed",
                start_signal_args=[RepositoryChange("1", Change.UNARCHIVED, address, Actor(1, STRANGER))],
            )
            await until(lambda: len(github.faults.injected) == LOOK_RETRY.attempts)
            assert github.comments(repository, issue.number) == []
            await until_waiting(temporal, address.workflow_id)
            await pass_time(temporal, address.workflow_id, LOOK_AGAIN.time)
            await until(lambda: "write" in "".join(it.body for it in github.comments(repository, issue.number)))


async def until_waiting(temporal: Client, workflow_id: str) -> None:
    """Wait until a workflow has begun the pause before it looks again."""
    pauses = list[timedelta]()
    while LOOK_AGAIN.time not in pauses:
        events = [it async for it in temporal.get_workflow_handle(workflow_id).fetch_history_events()]
        pauses = [it.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta() for it in events]
