"""Cursor's CLI: `cursor-agent -p`; its output follows claude's. It tells no usage."""

from activities.agents.events import events
from activities.agents.failures import crashed, error, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.agents.result_event import ResultEvent, model_in, usage_in
from activities.process import Finished
from workflows.model import Failure, Usage


class CursorAgent:
    """Cursor's CLI, by its documentation: it comes from no package registry, so no run of it is recorded."""

    profile = Profile(
        name="cursor-agent",
        binary="cursor-agent",
        install="curl https://cursor.com/install -fsS | bash",
        login="set CURSOR_API_KEY",
        keys=("CURSOR_API_KEY",),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Give it the prompt on stdin."""
        model = ("--model", run.model) if run.model else ()
        mode = ("--mode", "ask", "--trust") if run.read_only else ("--force",)
        argv = ("cursor-agent", "-p", "--output-format", "stream-json", *mode, *model)
        return Invocation(argv=argv, stdin=run.prompt.read_bytes())

    def read(self, finished: Finished) -> Answer:
        """Believe it only if it exited with 0 and its result is a success."""
        require_exit(self.profile, finished)
        result = ResultEvent.of(events(finished.stdout))
        if result is None:
            raise crashed(self.profile, finished)
        if result.error:
            raise reported(self.profile, result.error)
        if finished.exit_code != 0:
            raise error(self.profile, Failure.PERMANENT, f"exit status {finished.exit_code} after a result")
        return Answer(result.text, result.usage, result.model)

    def usage(self, finished: Finished) -> Usage:
        """Read it in the result, which also tells it of a run that failed."""
        return usage_in(finished)

    def model(self, finished: Finished) -> str:
        """Read it in the bill, in the answers, or at the start."""
        return model_in(finished)
