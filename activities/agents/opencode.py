"""OpenCode: `opencode run`."""

import json
import math
from collections.abc import Mapping

from activities.agents.events import count_at, events, last, number_at, text_at, total
from activities.agents.failures import crashed, error, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.process import Finished
from workflows.model import Failure, Usage

DENIED = {"edit": "deny", "bash": "deny"}
"""What its agent `plan` may not do in a read-only run; by itself that may run commands."""


class OpenCode:
    """OpenCode. Models are named `provider/model`."""

    profile = Profile(
        name="opencode",
        binary="opencode",
        install="npm install -g opencode-ai",
        login="set the key of your model's provider, or run `opencode auth login` as the worker's user",
        keys=("OPENCODE_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"),
        home_files=(".local/share/opencode/auth.json", ".config/opencode/opencode.json"),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Give it the prompt on stdin."""
        model = ("-m", run.model) if run.model else ()
        mode = ("--agent", "plan") if run.read_only else ("--auto",)
        permission = {"OPENCODE_PERMISSION": json.dumps(DENIED)} if run.read_only else {}
        return Invocation(
            argv=("opencode", "run", "--format", "json", *mode, *model),
            stdin=run.prompt.read_bytes(),
            env={"OPENCODE_DISABLE_AUTOUPDATE": "true", **permission},
        )

    def read(self, finished: Finished) -> Answer:
        """Believe it only if it exited with 0, reported no error, and its last step ended because it was done."""
        said = events(finished.stdout)
        require_exit(self.profile, finished)
        if failed := last(said, "error"):
            raise reported(self.profile, _complaint(failed), count_at(failed, "error", "data", "statusCode"))
        final = last(said, "step_finish")
        if final is None or finished.exit_code != 0:
            raise crashed(self.profile, finished)
        if (reason := text_at(final, "part", "reason")) != "stop":
            raise error(self.profile, Failure.PERMANENT, f"its last step ended with {reason or 'no reason'}")
        return Answer(text_at(last(said, "text"), "part", "text"), _usage(said))

    def usage(self, finished: Finished) -> Usage:
        """Add up the steps, also of a run that failed at a later one."""
        return _usage(events(finished.stdout))

    def model(self, finished: Finished) -> str:
        """Say nothing, as it does."""
        del finished
        return ""


def _complaint(failed: Mapping[str, object]) -> str:
    message = text_at(failed, "error", "data", "message") or text_at(failed, "error", "name")
    retry_after = text_at(failed, "error", "data", "responseHeaders", "retry-after")
    return f"{message} (retry-after: {retry_after})" if retry_after else message


def _usage(said: list[Mapping[str, object]]) -> Usage:
    steps = [event for event in said if event.get("type") == "step_finish"]
    costs = [cost for step in steps if (cost := number_at(step, "part", "cost")) is not None]
    return Usage(
        input_tokens=total(count_at(step, "part", "tokens", "input") for step in steps),
        output_tokens=total(count_at(step, "part", "tokens", "output") for step in steps),
        cost_usd=math.fsum(costs) if costs else None,
    )
