"""`aidp agents` can tell what runs here, and what the others need."""

from pathlib import Path

from activities.agents.environment import AgentSettings
from activities.agents.inspection import AgentStatus, inspect_agents


def program(file: Path, script: str) -> None:
    """Write a program."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


async def inspected(root: Path, environment: dict[str, str]) -> dict[str, AgentStatus]:
    """Inspect a host whose agents lie in `bin` below the root."""
    path = f"{root / 'bin'}:/usr/bin:/bin"
    settings = AgentSettings("my-agent --task {prompt}", (), {"PATH": path, "HOME": str(root), **environment})
    return {status.name: status for status in await inspect_agents(settings)}


async def test_an_agent_that_can_run_needs_nothing(tmp_path: Path) -> None:
    """Version and login are found, by variable or by file."""
    program(tmp_path / "bin/claude", "echo '2.1.330 (Claude Code)'")
    program(tmp_path / "bin/codex", "echo warning >&2; echo codex-cli 0.169.0")
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex/auth.json").write_text("{}")
    found = await inspected(tmp_path, {"ANTHROPIC_API_KEY": "key"})
    claude, codex = found["claude"], found["codex"]
    assert (claude.version, claude.can_authenticate, claude.needs) == ("2.1.330 (Claude Code)", True, "")
    assert (claude.path, claude.authentication) == (str(tmp_path / "bin/claude"), "ANTHROPIC_API_KEY")
    assert (codex.version, codex.authentication) == ("codex-cli 0.169.0", "~/.codex/auth.json")


async def test_an_agent_that_cannot_run_says_what_it_needs(tmp_path: Path) -> None:
    """Either how to install it, or how to log in."""
    program(tmp_path / "bin/claude", "exit 1")
    found = await inspected(tmp_path, {"ANTHROPIC_API_KEY": ""})
    assert (found["claude"].version, found["claude"].can_authenticate) == ("", False)
    assert found["claude"].needs.startswith("set ANTHROPIC_API_KEY")
    assert found["qwen"].path == ""
    assert found["qwen"].needs.startswith("npm install -g @qwen-code/qwen-code; then set OPENAI_API_KEY")


async def test_the_command_line_of_the_operator_is_not_started(tmp_path: Path) -> None:
    """It may take any argument for a task; whether it can log in only a run would tell."""
    program(tmp_path / "bin/my-agent", f"touch {tmp_path}/started")
    command = (await inspected(tmp_path, {}))["command"]
    assert (command.binary, command.can_authenticate, command.needs) == ("my-agent", None, "")
    assert not (tmp_path / "started").exists()
