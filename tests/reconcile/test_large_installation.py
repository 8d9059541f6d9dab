"""An installation that is too large for one history."""

from pathlib import Path

from reconcile_scene import settings_for
from story_kit import FILES, LABEL, until
from temporal_kit import SHORT_HISTORIES, temporal_server
from temporalio.client import Client

from github_app.demo.github import LocalGitHub
from github_app.demo.stage import registration
from github_app.worker import working
from workflows.ports import MAIN_QUEUE
from workflows.reconcile import ReconcileWorkflow
from workflows.reconcile_walk import BATCH

LABELLED = (0, 1, 2, 3, 4, 5, BATCH)
"""Some in the first batch, as many as fill a short history, and one behind it."""
STRANGER = "mallory"


async def test_what_is_found_is_carried_from_history_to_history(tmp_path: Path) -> None:
    """Everything that was lost is found, whichever history it is in, and said in the end."""
    github = LocalGitHub(tmp_path / "github", registration(""))
    github.add_user(STRANGER)
    async with github.serve(), temporal_server(tmp_path, SHORT_HISTORIES) as temporal:
        names = [await labelled(github, number) for number in range(BATCH + 1)]
        async with working(temporal, settings_for(github, tmp_path)):
            found = await temporal.execute_workflow(ReconcileWorkflow.run, id="reconcile", task_queue=MAIN_QUEUE)
            wanted = {f"{names[number]}#1" for number in LABELLED}
            assert {finding.where for finding in found.findings} == wanted
            assert len(found.findings) == len(wanted)
            assert [len(each.repositories) for each in found.installations] == [BATCH + 1]
            await until(lambda: all("write" in "".join(said(github, names[number])) for number in LABELLED))
        assert await continued(temporal) > 0


async def labelled(github: LocalGitHub, number: int) -> str:
    """Add a repository; some have an issue with a label, by somebody who may not put it on. Returns its name."""
    repository = github.add_repository("octo-org", f"repository-{number}", files=FILES)
    if number in LABELLED:
        issue = await github.create_issue(repository, STRANGER, "Make it right")
        await github.label_issue(repository, issue.number, LABEL, by=STRANGER)
    return repository.full_name


def said(github: LocalGitHub, name: str) -> list[str]:
    """Read what was said on the issue of a repository."""
    return [comment.body for comment in github.comments(name, 1)]


async def continued(temporal: Client) -> int:
    """Count the histories that went on in another one."""
    query = 'WorkflowType = "ReconcileInstallationWorkflow" AND ExecutionStatus = "ContinuedAsNew"'
    return (await temporal.count_workflows(query)).count
