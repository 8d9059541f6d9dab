"""Gemini CLI: `gemini`, headless because its stdin is no terminal."""

import json
import re
from collections.abc import Mapping

from activities.agents.events import busiest, count_at, entries_at, events, last, text_at
from activities.agents.failures import crashed, error, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.process import Finished
from workflows.model import Failure, Usage

BY_EXIT_CODE = {
    41: (Failure.AUTH_EXPIRED, "it found no way to log in"),
    53: (Failure.PERMANENT, "it reached its limit of turns"),
}
"""Its own exit codes; others may be an HTTP status, cut to a byte."""
CUT_OFF = 256
CLIENT_ERROR = 400
API_ERROR = re.compile(r"\[API Error: (.+)\]")
WRITING_TOOLS = ("run_shell_command", "write_file", "replace", "save_memory", "exit_plan_mode")
"""Its own read-only mode, `plan`, goes on to write when nobody is there to ask."""
ATTEMPT = re.compile(rb"^Attempt \d+ failed.*", re.MULTILINE)


class Gemini:
    """Gemini CLI."""

    profile = Profile(
        name="gemini",
        binary="gemini",
        install="npm install -g @google/gemini-cli",
        login="set GEMINI_API_KEY, or run `gemini` once as the worker's user",
        keys=("GEMINI_API_KEY",),
        options=("GOOGLE_GEMINI_BASE_URL",),
        home_files=(".gemini/oauth_creds.json", ".gemini/google_accounts.json"),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Give it the prompt on stdin, and a settings file: without a chosen way to log in it refuses to start."""
        model = ("-m", run.model) if run.model else ()
        way = "gemini-api-key" if "GEMINI_API_KEY" in run.secrets else "oauth-personal"
        settings: dict[str, object] = {
            "security": {"auth": {"selectedType": way}},
            "general": {"enableAutoUpdate": False, "maxAttempts": 1},  # whether to try again is our decision
        }
        if run.read_only:
            settings["tools"] = {"exclude": WRITING_TOOLS}
        mode = ("--approval-mode", "default") if run.read_only else ("--yolo",)
        return Invocation(
            argv=("gemini", *mode, "-o", "stream-json", "--skip-trust", *model),
            stdin=run.prompt.read_bytes(),
            files={run.home / ".gemini/settings.json": json.dumps(settings)},
        )

    def read(self, finished: Finished) -> Answer:
        """Believe it only if it exited with 0 and its result is a success."""
        said = events(finished.stdout)
        require_exit(self.profile, finished, _retrying(finished.stderr))
        result = last(said, "result")
        if result is None or finished.exit_code != 0 or text_at(result, "status") != "success":
            raise self._failure(finished, result)
        return Answer(
            text=_last_message(said),
            usage=self.usage(finished),
            model=self.model(finished),
        )

    def usage(self, finished: Finished) -> Usage:
        """Read the statistics of its result."""
        result = last(events(finished.stdout), "result")
        return Usage(
            input_tokens=count_at(result, "stats", "input_tokens"),
            output_tokens=count_at(result, "stats", "output_tokens"),
        )

    def model(self, finished: Finished) -> str:
        """Read it in the statistics: the one it begins with may be a rule that chooses for each prompt."""
        said = events(finished.stdout)
        models = entries_at(last(said, "result"), "stats", "models")
        used = ((name, count_at(stats, "output_tokens")) for name, stats in models.items())
        return busiest(used) or text_at(last(said, "init"), "model")

    def _failure(self, finished: Finished, result: Mapping[str, object] | None) -> Exception:
        """Read its error from its exit code, or from the report on stderr."""
        if known := BY_EXIT_CODE.get(finished.exit_code):
            return error(self.profile, *known)
        report = _last_object(finished.stderr) or result
        message = text_at(report, "error", "message")
        if not message:
            return crashed(self.profile, finished)
        status = count_at(report, "error", "code") or _status(finished.exit_code)
        return reported(self.profile, _unwrapped(message), status)


def _last_message(said: list[Mapping[str, object]]) -> str:
    """Join the pieces of what it said after its last tool."""
    pieces: list[str] = []
    for event in said:
        match event.get("type"):
            case "tool_use" | "tool_result":
                pieces.clear()
            case "message" if event.get("role") == "assistant":
                pieces.append(text_at(event, "content"))
            case _:
                pass
    return "".join(pieces)


def _last_object(stderr: bytes) -> Mapping[str, object] | None:
    """Read the JSON report that ends stderr, printed over several lines."""
    _, brace, rest = stderr.rpartition(b"\n{\n")
    return next(iter(events((brace + rest).replace(b"\n", b" "))), None)


def _unwrapped(message: str) -> str:
    """Take the words out of the API's JSON, which gemini passes on as text."""
    framed = API_ERROR.match(message)
    words = framed[1] if framed else message
    return text_at(next(iter(events(words.encode())), None), "error", "message") or words


def _status(exit_code: int) -> int | None:
    """Read the HTTP status out of an exit code, if it can be one."""
    status = exit_code + CUT_OFF
    return status if status >= CLIENT_ERROR else None


def _retrying(stderr: bytes) -> str:
    """Name the error over which it was trying again when it was stopped."""
    attempts = ATTEMPT.findall(stderr)
    return attempts[-1].decode(errors="replace") if attempts else ""
