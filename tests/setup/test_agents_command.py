"""`aidp agents` answers on a host where nothing is set up yet."""

import json
from pathlib import Path

from setup_scene import aidp

from activities.agents import PROVIDERS

SPECIAL = "agent[v2]"  # square brackets are markup to the terminal library


def install(folder: Path) -> str:
    """Install one agent, and return the PATH it is on."""
    (folder / "bin").mkdir()
    program = folder / "bin/claude"
    program.write_text(f"#!/bin/sh\necho '{SPECIAL} 2.1.330'\n")
    program.chmod(0o755)
    return f"{folder / 'bin'}:/usr/bin:/bin"


async def test_agents_are_shown_without_any_settings(tmp_path: Path) -> None:
    """Every agent has its row, no line is wider than the terminal, and no long word is cut off."""
    terminal = await aidp(tmp_path, "agents", PATH=install(tmp_path), ANTHROPIC_API_KEY="key-of-a-test")
    assert await terminal.end() == 0, terminal.text
    lines = terminal.text.splitlines()
    assert max(map(len, lines)) <= 100
    assert {line.split()[0] for line in lines if line.strip()} >= {it.profile.name for it in PROVIDERS}
    for shown in (f"{SPECIAL} 2.1.330", "login: ANTHROPIC_API_KEY", "not found", "@qwen-code/qwen-code"):
        assert shown in terminal.text
    assert "…" not in terminal.text
    assert "key-of-a-test" not in terminal.text


async def test_programs_read_json(tmp_path: Path) -> None:
    """The same facts, for whatever installs hosts; the operator's own command line counts."""
    command = "'/bin/sh' -c 'cat > /dev/null'"
    terminal = await aidp(tmp_path, "agents", "--json", PATH=install(tmp_path), AIDP_AGENT_COMMAND=command)
    assert await terminal.end() == 0, terminal.text
    found = {agent["name"]: agent for agent in json.loads(terminal.text)}
    assert found["claude"]["path"] == str(tmp_path / "bin/claude")
    assert (found["claude"]["version"], found["claude"]["can_authenticate"]) == (f"{SPECIAL} 2.1.330", False)
    assert (found["command"]["binary"], found["command"]["can_authenticate"]) == ("/bin/sh", None)
    assert found["codex"]["needs"].startswith("npm install")


async def test_a_wrong_setting_is_told(tmp_path: Path) -> None:
    """As everywhere: by its variable, with what to set."""
    terminal = await aidp(tmp_path, "agents", AIDP_AGENT_COMMAND="agent 'unclosed")
    assert await terminal.end() == 2
    told = "AIDP_AGENT_COMMAND is not a command line: no closing quotation. Set it to the command line of the agent"
    assert told in terminal.text
