"""Claude Code: `claude -p`.

Edits are accepted, and the tools of the work are allowed by name so that the agent can run the tests. Skipping
permissions altogether would allow every other tool as well, and claude refuses it to root. Tools that are not on the
list are not shown to the agent: one that it is denied would make the run a failure.

Settings, hooks and MCP servers of the repository are not loaded: they could send the API key elsewhere. Its CLAUDE.md
is left out with them, so the agent is told to read it.
"""

from collections.abc import Mapping

from activities.agents.events import count_at, events, text_at
from activities.agents.failures import crashed, error, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.agents.result_event import ResultEvent, model_in, usage_in
from activities.process import Finished
from workflows.model import Failure, Usage

TOOLS = "Bash,Edit,Glob,Grep,NotebookEdit,Read,Skill,Task,TodoWrite,Write"
READING_TOOLS = "Glob,Grep,Read,Task,TodoWrite"
GUIDANCE = "If the repository has a CLAUDE.md or AGENTS.md, read it before you begin and follow it."


class Claude:
    """Claude Code, version 2.1 or newer."""

    profile = Profile(
        name="claude",
        binary="claude",
        install="npm install -g @anthropic-ai/claude-code",
        login="set ANTHROPIC_API_KEY, or run `claude setup-token` and set CLAUDE_CODE_OAUTH_TOKEN",
        keys=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),
        options=("ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL", "CLAUDE_CONFIG_DIR"),
        home_files=(".claude/.credentials.json",),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Give it the prompt on stdin; its own retries are off, since the workflow decides what to try next."""
        mode, allowed = ("default", READING_TOOLS) if run.read_only else ("acceptEdits", TOOLS)
        argv = ("claude", "-p", "--output-format", "stream-json", "--verbose", "--permission-mode", mode)
        tools = ("--tools", allowed, "--allowedTools", allowed)
        trust = ("--setting-sources", "user", "--strict-mcp-config", "--append-system-prompt", GUIDANCE)
        model = ("--model", run.model) if run.model else ()
        return Invocation(
            argv=(*argv, *tools, *trust, *model),
            stdin=run.prompt.read_bytes(),
            env={
                "CLAUDE_CODE_MAX_RETRIES": "0",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                "DISABLE_AUTOUPDATER": "1",
                "DISABLE_TELEMETRY": "1",
            },
        )

    def read(self, finished: Finished) -> Answer:
        """Believe it only if the exit status, the result, its reason and its list of denied tools agree."""
        said = events(finished.stdout)
        require_exit(self.profile, finished, _retrying(said))
        result = ResultEvent.of(said)
        if result is None:
            raise crashed(self.profile, finished)
        if result.error:
            raise reported(self.profile, result.error, result.status)
        if result.denied:
            wanted = ", ".join(sorted(set(result.denied)))
            raise error(self.profile, Failure.PERMANENT, f"it was denied {wanted}")
        if finished.exit_code != 0 or result.terminal_reason != "completed":
            reason = result.terminal_reason or "no terminal reason"
            raise error(self.profile, Failure.PERMANENT, f"exit status {finished.exit_code}, {reason}")
        return Answer(result.text, result.usage, result.model)

    def usage(self, finished: Finished) -> Usage:
        """Read it in the result, which also tells it of a run that failed."""
        return usage_in(finished)

    def model(self, finished: Finished) -> str:
        """Read it in the bill, in the answers, or at the start."""
        return model_in(finished)


def _retrying(said: list[Mapping[str, object]]) -> str:
    """Name the error after which it said nothing more than that it would try again."""
    if not said or said[-1].get("subtype") != "api_retry":
        return ""
    return f"{text_at(said[-1], 'error')} {count_at(said[-1], 'error_status') or ''}"
