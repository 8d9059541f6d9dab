"""Qwen Code: `qwen`, headless because its stdin is no terminal; its output follows claude's."""

import json
import re

from activities.agents.events import events
from activities.agents.failures import crashed, error, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.agents.result_event import ResultEvent, model_in, usage_in
from activities.process import Finished
from workflows.model import Failure, Usage

WRITING_TOOLS = "run_shell_command,write_file,edit,notebook_edit,save_memory"
TURN_LIMIT = 53
SETTINGS = {"general": {"enableAutoUpdate": False}, "model": {"generationConfig": {"maxRetries": 0}}}
"""They go before the person's own. Without its ten waits of a minute and more, it still asks seven times."""
RETRYING = re.compile(rb"^Retrying in .*", re.MULTILINE)


class Qwen:
    """Qwen Code."""

    profile = Profile(
        name="qwen",
        binary="qwen",
        install="npm install -g @qwen-code/qwen-code",
        login="set OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL, or run `qwen` once as the worker's user",
        keys=("OPENAI_API_KEY",),
        options=("OPENAI_BASE_URL", "OPENAI_MODEL"),
        home_files=(".qwen/oauth_creds.json", ".qwen/settings.json"),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Give it the prompt on stdin, and settings against retries of its own."""
        model = ("-m", run.model) if run.model else ()
        auth = ("--auth-type", "openai") if "OPENAI_API_KEY" in run.secrets else ()
        reading = ("--approval-mode", "default", "--exclude-tools", WRITING_TOOLS)
        settings = run.home / "qwen-system-settings.json"
        mode = reading if run.read_only else ("--yolo",)
        return Invocation(
            argv=("qwen", *mode, "-o", "stream-json", *auth, *model),
            stdin=run.prompt.read_bytes(),
            env={"QWEN_CODE_SUPPRESS_YOLO_WARNING": "1", "QWEN_CODE_SYSTEM_SETTINGS_PATH": str(settings)},
            files={settings: json.dumps(SETTINGS)},
        )

    def read(self, finished: Finished) -> Answer:
        """Believe it only if it exited with 0, its result is a success and no tool was denied."""
        require_exit(self.profile, finished, _retrying(finished.stderr))
        if finished.exit_code == TURN_LIMIT:
            raise error(self.profile, Failure.PERMANENT, "it reached its limit of turns")
        result = ResultEvent.of(events(finished.stdout))
        if result is None:
            raise crashed(self.profile, finished)
        if result.error:
            raise reported(self.profile, result.error)
        if result.denied or finished.exit_code != 0:
            reason = f"it was denied {', '.join(result.denied)}" if result.denied else f"exit {finished.exit_code}"
            raise error(self.profile, Failure.PERMANENT, reason)
        return Answer(result.text, result.usage, result.model)

    def usage(self, finished: Finished) -> Usage:
        """Read it in the result, which also tells it of a run that failed."""
        return usage_in(finished)

    def model(self, finished: Finished) -> str:
        """Read it in the bill, in the answers, or at the start."""
        return model_in(finished)


def _retrying(stderr: bytes) -> str:
    """Name the error over which it was trying again when it was stopped."""
    attempts = RETRYING.findall(stderr)
    return attempts[-1].decode(errors="replace") if attempts else ""
