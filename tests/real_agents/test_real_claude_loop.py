"""The work loop with the real claude: from red to green on a branch."""

from pathlib import Path

from claude_scene import Project, host
from scripted_model import Conversation, Reply, Says, Uses, answering, in_order

from github_app.jobs import AidpClient
from workflows.model import Ending
from workflows.work_loop import WorkLoopWorkflow

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


async def test_a_failed_check_is_mended_and_the_branch_is_there(claude: Path, tmp_path: Path) -> None:
    """Claude claims to be done, the check disagrees, its output reaches claude, and what passes is on the branch."""
    project = Project(tmp_path / "project")
    project.prepare({".aidp/aidp.yml": CONFIG, "check.sh": CHECK})
    async with answering(heed_the_check) as model, host(claude, tmp_path / "host", model) as temporal:
        job = await AidpClient(temporal).start_work_loop(project.directory, "Greet", "Write hello to greeting.txt.")
        result = await temporal.get_workflow_handle_for(WorkLoopWorkflow.run, job).result()
    assert (result.outcome.ending, result.iterations) == (Ending.DONE, 2)
    assert (result.provider, result.message) == ("claude", "I mended the greeting.")
    assert "passed" in str(model.heard[-1].results[-1])
    assert result.published
    assert result.published.files == ("greeting.txt",)
    assert project.git("show", f"{result.branch}:greeting.txt") == "hello"
    assert project.git("status", "--porcelain") == ""
    assert result.spent.tokens > 0
    assert result.spent.usd > 0
