"""aider: reads its prompt from a file, prints text only, and exits with 0 whatever happens to its model."""

import re

from activities.agents.failures import crashed, last_line, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.process import Finished
from workflows.model import Usage

TOKENS = re.compile(
    r"^Tokens: ([\d.,]+)([kM]?) sent, .*?([\d.,]+)([kM]?) received\.(?:.*?\$([\d.]+) session)?", re.MULTILINE
)
MODEL_ERROR = re.compile(r"^litellm\.\w+: .*(?:\n.+)*?(?=\nRetrying in|\n\n|\Z)", re.MULTILINE)
HEADER = re.compile(r"^(?:Added .* to the chat\.|Repo-map: .*|Model: .*)\n", re.MULTILINE)
MODEL = re.compile(r"^(?:Main model|Model): (\S+)", re.MULTILINE)
SCALE = {"": 1, "k": 1_000, "M": 1_000_000}


class Aider:
    """aider 0.86."""

    profile = Profile(
        name="aider",
        binary="aider",
        install="uv tool install aider-chat",
        login="set the key of your model's provider, such as ANTHROPIC_API_KEY or OPENAI_API_KEY",
        keys=("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "DEEPSEEK_API_KEY"),
        options=("OPENAI_API_BASE", "AIDER_MODEL"),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Give it the prompt as a file; no commits and no files of its own in the tree, where that can be had."""
        quiet = ("--no-check-update", "--no-show-model-warnings", "--no-show-release-notes", "--analytics-disable")
        plain = ("--no-stream", "--no-pretty", "--no-fancy-input", "--no-suggest-shell-commands", "--no-detect-urls")
        git = ("--no-auto-commits", "--no-dirty-commits", "--no-gitignore")
        history = ("--input-history-file", str(run.home / "input"), "--chat-history-file", str(run.home / "chat"))
        model = ("--model", run.model) if run.model else ()
        prompt = ("--message-file", str(run.prompt))
        mode = ("--chat-mode", "ask", "--dry-run") if run.read_only else ()
        return Invocation(argv=("aider", "--yes-always", *mode, *quiet, *plain, *git, *history, *model, *prompt))

    def read(self, finished: Finished) -> Answer:
        """Believe it only if it exited with 0, its model answered, and no error of the model came after that."""
        said = finished.stdout.decode(errors="replace")
        rounds = list(TOKENS.finditer(said))
        errors = MODEL_ERROR.findall(said, rounds[-1].end() if rounds else 0)
        require_exit(self.profile, finished, errors[-1] if errors else "")
        if errors:
            raise reported(self.profile, errors[-1])
        if not rounds or finished.exit_code != 0:
            raise crashed(self.profile, finished) if finished.exit_code else reported(self.profile, _nothing(finished))
        return Answer(_answer(said[: rounds[-1].start()]), _usage(rounds), self.model(finished))

    def usage(self, finished: Finished) -> Usage:
        """Add up the rounds, also those before an error."""
        rounds = list(TOKENS.finditer(finished.stdout.decode(errors="replace")))
        return _usage(rounds) if rounds else Usage()

    def model(self, finished: Finished) -> str:
        """Read the model that edits in its header; a weaker one may write its summaries."""
        told = MODEL.search(finished.stdout.decode(errors="replace"))
        return told[1] if told else ""


def _nothing(finished: Finished) -> str:
    """Tell what it said last when its model said nothing."""
    return f"empty or malformed answer of its model; it last said: {last_line(finished.stdout)}"


def _answer(said: str) -> str:
    headers = list(HEADER.finditer(said))
    return said[headers[-1].end() if headers else 0 :].strip()


def _usage(rounds: list[re.Match[str]]) -> Usage:
    """Add up the rounds; the cost it prints is already the session's."""
    cost = rounds[-1][5]
    return Usage(
        input_tokens=sum(_count(each[1], each[2]) for each in rounds),
        output_tokens=sum(_count(each[3], each[4]) for each in rounds),
        cost_usd=float(cost) if cost else None,
    )


def _count(number: str, scale: str) -> int:
    return round(float(number.replace(",", "")) * SCALE[scale])
