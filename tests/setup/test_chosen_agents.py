"""`AIDP_AGENTS`: a name that no agent has stops the start, an agent that is not installed is told."""

import sys
from pathlib import Path

import pytest
from setup_scene import aidp

from github_app.demo.github import AppRegistration
from github_app.demo.stage import free_port

UP = ("up", "--no-github")
NOBODY = "127.0.0.1:9"
NO_COMMAND = "AIDP_AGENT_COMMAND is not set, but AIDP_AGENTS names command. Set it to the command line of the agent"


@pytest.mark.parametrize("command", [UP, ("work", "--role", "decide"), ("agents",)])
async def test_a_name_that_no_agent_has_is_told(
    tmp_path: Path, somebody_elses: AppRegistration, command: tuple[str, ...]
) -> None:
    """Each in a line, with the nearest there is; and whoever decides runs none, but hands the names out."""
    app = {"AIDP_GITHUB_APP_ID": "1", "AIDP_GITHUB_PRIVATE_KEY": somebody_elses.private_key_pem}
    terminal = await aidp(tmp_path, *command, AIDP_AGENTS="nosuch,codex,claud", **app)
    assert await terminal.end() == 2, terminal.text
    known = "claude, codex, gemini, aider, opencode, copilot, qwen, cursor-agent, mini-swe-agent, command"
    assert terminal.text.splitlines()[-2:] == [
        f"AIDP_AGENTS names nosuch, which is no agent. Choose of {known}.",
        "AIDP_AGENTS names claud, which is no agent. Did you mean claude?",
    ]


async def test_the_agent_named_command_needs_its_command_line(tmp_path: Path, somebody_elses: AppRegistration) -> None:
    """Where agents run; `decide` does not, so it need not know."""
    app = {"AIDP_GITHUB_APP_ID": "1", "AIDP_GITHUB_PRIVATE_KEY": somebody_elses.private_key_pem}
    variables = {"AIDP_AGENTS": "command", "TEMPORAL_ADDRESS": NOBODY, **app}
    for command in (UP, ("work", "--role", "agents")):
        terminal = await aidp(tmp_path, *command, **variables)
        assert await terminal.end() == 2, terminal.text
        assert NO_COMMAND in terminal.text
    deciding = await aidp(tmp_path, "work", "--role", "decide", **variables)
    await deciding.until("Waiting for it")
    assert await deciding.interrupt() == 0, deciding.text
    assert "not installed" not in deciding.text


async def test_an_agent_that_is_not_installed_is_told(tmp_path: Path) -> None:
    """It may still be installed while we run, so we start; the others are not spoken of."""
    variables = {"AIDP_AGENTS": "command,codex", "AIDP_AGENT_COMMAND": f"{sys.executable} -V", "PATH": "/usr/bin:/bin"}
    terminal = await aidp(tmp_path, *UP, AIDP_TEMPORAL_PORT=str(free_port()), **variables)
    await terminal.until("ready")
    assert await terminal.interrupt() == 0, terminal.text
    told = [line for line in terminal.text.splitlines() if "not installed" in line]
    assert told == ["  agents     codex is not installed on this host. `aidp agents` shows what it needs"]
