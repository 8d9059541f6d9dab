"""GitHub Copilot CLI: `copilot`, reading its prompt from a pipe."""

from collections.abc import Mapping

from activities.agents.events import at, busiest, count_at, events, last, text_at
from activities.agents.failures import crashed, error, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.process import Finished
from workflows.model import Failure, Usage

READING = ("--available-tools=view,glob,grep,rg", "--deny-tool=shell", "--deny-tool=write")


class Copilot:
    """Copilot CLI. It tells no tokens; its unit of cost is the premium request."""

    profile = Profile(
        name="copilot",
        binary="copilot",
        install="npm install -g @github/copilot",
        login="set COPILOT_GITHUB_TOKEN to a token that may do nothing but Copilot requests",
        keys=("COPILOT_GITHUB_TOKEN", "COPILOT_PROVIDER_API_KEY"),
        options=("COPILOT_MODEL", "COPILOT_OFFLINE", "COPILOT_PROVIDER_BASE_URL", "COPILOT_PROVIDER_TYPE"),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Give it the prompt on stdin, which it reads if there is no `-p`."""
        tools = READING if run.read_only else ("--allow-all-tools",)
        argv = ("copilot", *tools, "--no-ask-user", "--output-format", "json", "--no-color")
        model = ("--model", run.model) if run.model else ()
        return Invocation(argv=(*argv, *model), stdin=run.prompt.read_bytes(), env={"COPILOT_AUTO_UPDATE": "false"})

    def read(self, finished: Finished) -> Answer:
        """Believe it only if it exited with 0 and a result, without an error and without a denied tool.

        The result's own exit code is not asked: copilot blots out secrets in its output, with a short one even in
        the names of fields.
        """
        said = events(finished.stdout)
        require_exit(self.profile, finished)
        if failed := last(said, "session.error"):
            raise reported(self.profile, text_at(failed, "data", "message"), count_at(failed, "data", "statusCode"))
        if last(said, "result") is None or finished.exit_code != 0:
            raise crashed(self.profile, finished)
        if any(at(event, "data", "error", "code") == "denied" for event in said):
            raise error(self.profile, Failure.PERMANENT, "it was denied a tool")
        return Answer(_last_message(said), model=self.model(finished))

    def usage(self, finished: Finished) -> Usage:
        """Say nothing, as it does."""
        del finished
        return Usage()

    def model(self, finished: Finished) -> str:
        """Find it in what its models did; some of that comes with their tokens."""
        said = (event.get("data") for event in events(finished.stdout))
        return busiest((text_at(data, "model"), count_at(data, "outputTokens")) for data in said)


def _last_message(said: list[Mapping[str, object]]) -> str:
    messages = (text_at(event, "data", "content") for event in said if event.get("type") == "assistant.message")
    return next((message for message in reversed(list(messages)) if message), "")
