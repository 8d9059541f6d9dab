"""The work loop with the real claude: from red to green on a branch."""

from pathlib import Path

import anyio
import pytest
from claude_scene import Project, host
from scripted_model import Conversation, Refuses, Reply, Says, ScriptedModel, Uses, answering, in_order

from github_app.jobs import AidpClient
from workflows.model import Ending, LoopResult
from workflows.work_loop import WorkLoopWorkflow

PATIENCE_SECONDS = 120
CONFIG = """\
commands:
  - {name: greeting, command: sh check.sh, category: test}
providers: [claude]
"""
CHECK = 'test "$(cat greeting.txt)" = hello || { echo "FAIL: it says $(cat greeting.txt)"; exit 1; }\n'
RED = in_order(
    Uses("Write", {"file_path": "greeting.txt", "content": "helo\n"}),
    Says("I wrote the greeting.\nSTATUS: COMPLETE"),
)
GREEN = in_order(
    Uses("Read", {"file_path": "greeting.txt"}),
    Uses("Edit", {"file_path": "greeting.txt", "old_string": "helo", "new_string": "hello"}),
    Uses("Bash", {"command": "sh check.sh && echo passed", "description": "Run the check"}),
    Says("I mended the greeting.\nSTATUS: COMPLETE"),
)


def heed_the_check(conversation: Conversation) -> Reply:
    """Get it wrong, unless the prompt shows what the check has found."""
    return GREEN(conversation) if "FAIL: it says helo" in conversation.prompt else RED(conversation)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Prepare a repository with a check."""
    project = Project(tmp_path / "project")
    project.prepare({".aidp/aidp.yml": CONFIG, "check.sh": CHECK})
    return project


async def work(claude: Path, project: Project, model: ScriptedModel) -> LoopResult:
    """Have claude work on the repository, and wait for the end."""
    with anyio.fail_after(PATIENCE_SECONDS):
        async with host(claude, project.directory.with_name("host"), model) as temporal:
            job = await AidpClient(temporal).start_work_loop(project.directory, "Greet", "Write hello to greeting.txt.")
            return await temporal.get_workflow_handle_for(WorkLoopWorkflow.run, job).result()


async def test_a_failed_check_is_mended_and_the_branch_is_there(claude: Path, project: Project) -> None:
    """Claude claims to be done, the check disagrees, its output reaches claude, and what passes is on the branch."""
    async with answering(heed_the_check) as model:
        result = await work(claude, project, model)
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 2)
    assert (result.provider, result.message) == ("claude", "I mended the greeting.")
    assert "passed" in str(model.heard[-1].results[-1])
    assert result.published
    assert result.published.files == ("greeting.txt",)
    assert project.git("show", f"{result.branch}:greeting.txt") == "hello"
    assert project.git("status", "--porcelain") == ""
    assert result.spent.tokens > 0
    assert result.spent.usd > 0


async def test_a_key_that_does_not_work_ends_with_what_to_do(claude: Path, project: Project) -> None:
    """The model is asked once, nothing is published, and the person who asked learns how to log in."""
    async with answering(in_order(Refuses(401, "authentication_error", "invalid x-api-key"))) as model:
        result = await work(claude, project, model)
    assert result.outcome.ending is Ending.FAILED
    assert "set ANTHROPIC_API_KEY" in f"{result.outcome.reason} {result.outcome.advice}"
    assert len(model.heard) == 1
    assert project.git("branch", "--list", "aidp/*") == ""
