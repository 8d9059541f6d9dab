"""OpenAI Codex: `codex exec`, in its own sandbox that lets it write the worktree only."""

from collections.abc import Mapping

from activities.agents.events import at, count_at, events, last, text_at
from activities.agents.failures import crashed, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.process import Finished
from workflows.model import Usage


class Codex:
    """Codex."""

    profile = Profile(
        name="codex",
        binary="codex",
        install="npm install -g @openai/codex",
        login="set OPENAI_API_KEY, or run `codex login` as the worker's user",
        keys=("CODEX_API_KEY", "OPENAI_API_KEY"),
        options=("CODEX_HOME", "OPENAI_BASE_URL"),
        home_files=(".codex/auth.json", ".codex/config.toml"),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Give it the prompt on stdin; `-` says so."""
        sandbox = "read-only" if run.read_only else "workspace-write"
        argv = ("codex", "exec", "--json", "--skip-git-repo-check", "--ephemeral", "-s", sandbox)
        model = ("-m", run.model) if run.model else ()
        key = run.secrets.get("CODEX_API_KEY") or run.secrets.get("OPENAI_API_KEY")
        return Invocation(
            argv=(*argv, *model, "-"),
            stdin=run.prompt.read_bytes(),
            env={"CODEX_API_KEY": key} if key else {},  # the only name under which `exec` takes a key without a login
        )

    def read(self, finished: Finished) -> Answer:
        """Believe it only if it exited with 0 and its last turn was completed."""
        said = events(finished.stdout)
        require_exit(self.profile, finished, _retrying(said))
        if failed := last(said, "turn.failed"):
            raise reported(self.profile, text_at(failed, "error", "message"))
        completed = last(said, "turn.completed")
        if completed is None or finished.exit_code != 0:
            raise crashed(self.profile, finished)
        return Answer(_last_message(said), self.usage(finished))

    def usage(self, finished: Finished) -> Usage:
        """Read it in the last turn that was completed."""
        completed = last(events(finished.stdout), "turn.completed")
        return Usage(
            input_tokens=count_at(completed, "usage", "input_tokens"),
            output_tokens=count_at(completed, "usage", "output_tokens"),
        )

    def model(self, finished: Finished) -> str:
        """Say nothing, as it does."""
        del finished
        return ""


def _last_message(said: list[Mapping[str, object]]) -> str:
    messages = [text_at(event, "item", "text") for event in said if at(event, "item", "type") == "agent_message"]
    return messages[-1] if messages else ""


def _retrying(said: list[Mapping[str, object]]) -> str:
    return text_at(said[-1], "message") if said and said[-1].get("type") == "error" else ""
