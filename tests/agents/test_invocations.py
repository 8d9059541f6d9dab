"""Every provider starts its CLI without putting the prompt, or anything else it does not own, into the command line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from activities.agents import PROVIDERS, providers
from activities.agents.environment import FORBIDDEN
from activities.agents.provider import AgentRun, Provider

TASK = "--dangerous-option; rm -rf / # and much more"
AGENTS = PROVIDERS[:-1]


@pytest.fixture
def run(tmp_path: Path) -> AgentRun:
    """Prepare a run."""
    prompt = tmp_path / "prompt.md"
    prompt.write_text(TASK)
    return AgentRun(tmp_path / "tree", prompt, tmp_path / "home", model="some-model")


@pytest.mark.parametrize("provider", AGENTS, ids=lambda provider: provider.profile.name)
def test_the_prompt_goes_through_stdin_or_a_file(provider: Provider, run: AgentRun) -> None:
    """The prompt's text is nowhere in argv or environment; either stdin or a path in argv brings it."""
    invocation = provider.invocation(run)
    assert not any(TASK in word for word in (*invocation.argv, *invocation.env.values()))
    by_file = any(str(run.prompt) in word for word in invocation.argv)
    assert by_file != (invocation.stdin == TASK.encode())


@pytest.mark.parametrize("provider", AGENTS, ids=lambda provider: provider.profile.name)
def test_the_model_is_passed_only_if_there_is_one(provider: Provider, run: AgentRun) -> None:
    """Without a model the CLI's own default stands."""
    assert provider.invocation(run).argv[0] == provider.profile.binary
    assert "some-model" in provider.invocation(run).argv
    without = provider.invocation(AgentRun(run.tree, run.prompt, run.home))
    assert not {"--model", "-m"} & set(without.argv)


READ_ONLY = {
    "claude": "--permission-mode default",
    "codex": "-s read-only",
    "gemini": "--approval-mode default",
    "qwen": "--approval-mode default --exclude-tools run_shell_command,write_file,edit",
    "opencode": "--agent plan",
    "copilot": "--deny-tool=shell --deny-tool=write",
    "cursor-agent": "--mode ask",
    "aider": "--chat-mode ask --dry-run",
}
"""What tells each CLI to look only; one that is not here has no such thing."""
FREE_HAND = {"--yolo", "--force", "--auto", "--allow-all-tools", "acceptEdits", "workspace-write"}


@pytest.mark.parametrize("provider", AGENTS, ids=lambda provider: provider.profile.name)
def test_a_read_only_run_gets_no_free_hand(provider: Provider, run: AgentRun) -> None:
    """What lets a CLI write without asking is there in ordinary runs only; its own read-only mode replaces it."""
    ordinary, reading = provider.invocation(run), provider.invocation(replace(run, read_only=True))
    assert not FREE_HAND & set(reading.argv)
    flags = READ_ONLY.get(provider.profile.name, "")
    assert flags in " ".join(reading.argv)
    assert (ordinary == reading) == (not flags)
    assert ordinary.stdin == reading.stdin


def test_a_read_only_run_has_no_tools_to_write_with(run: AgentRun) -> None:
    """Where modes alone are not enough, the tools are gone: shells write as well, and gemini's plan mode goes on."""
    claude, _, gemini, *_ = (provider.invocation(replace(run, read_only=True)) for provider in AGENTS)
    tools = claude.argv[claude.argv.index("--tools") + 1].split(",")
    assert not {"Bash", "Edit", "Write", "NotebookEdit"} & set(tools)
    assert "plan" not in gemini.argv
    excluded = json.loads(gemini.files[run.home / ".gemini/settings.json"])["tools"]["exclude"]
    assert {"run_shell_command", "write_file", "replace"} <= set(excluded)
    opencode = next(provider for provider in AGENTS if provider.profile.name == "opencode")
    env = opencode.invocation(replace(run, read_only=True)).env
    assert json.loads(env["OPENCODE_PERMISSION"]) == {"edit": "deny", "bash": "deny"}


@pytest.mark.parametrize("provider", AGENTS, ids=lambda provider: provider.profile.name)
def test_no_provider_asks_for_a_forbidden_variable(provider: Provider) -> None:
    """What opens the server, Temporal or GitHub is on no provider's list."""
    assert not [name for name in provider.profile.variables if FORBIDDEN.fullmatch(name)]
    assert provider.profile.keys


def test_claude_may_run_tests_but_reads_no_settings_of_the_repository(run: AgentRun) -> None:
    """The shell is allowed by name, permissions are not skipped, and a repository cannot redirect the API key."""
    argv = AGENTS[0].invocation(run).argv
    assert "Bash" in argv[argv.index("--allowedTools") + 1].split(",")
    assert argv[argv.index("--setting-sources") + 1] == "user"
    assert "--dangerously-skip-permissions" not in argv


@pytest.mark.parametrize(("secrets", "way"), [({"GEMINI_API_KEY": "k"}, "gemini-api-key"), ({}, "oauth-personal")])
def test_gemini_is_told_how_to_log_in(run: AgentRun, secrets: dict[str, str], way: str) -> None:
    """Its settings file, in the run's own HOME, names the way that is there."""
    gemini = next(provider for provider in PROVIDERS if provider.profile.name == "gemini")
    files = gemini.invocation(AgentRun(run.tree, run.prompt, run.home, secrets=secrets)).files
    assert json.loads(files[run.home / ".gemini/settings.json"])["security"]["auth"]["selectedType"] == way


def test_names_are_unique_and_the_command_line_comes_last() -> None:
    """The list is the table of contents, with the operator's own command line in its place."""
    names = [provider.profile.name for provider in providers("agent 'with words'")]
    assert len(set(names)) == len(names) == 10
    assert names[-1] == "command"
    assert providers("agent 'with words'")[-1].profile.binary == "agent"


def test_an_open_quote_is_refused() -> None:
    """A command line that a shell would not take is refused at start."""
    with pytest.raises(ValueError, match="quotation"):
        providers("agent 'oops")
