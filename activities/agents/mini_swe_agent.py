"""mini-swe-agent: `mini`. It takes its task from argv only, so the task is to read the prompt file."""

import re

from activities.agents.failures import crashed, error, reported, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.process import Finished
from workflows.model import Failure, Usage

STEP = re.compile(r"^mini-swe-agent \(step \d+, \$([\d.]+)\):$", re.MULTILINE)
TOOL = re.compile(r"^Tool:$", re.MULTILINE)
EXIT = re.compile(r"^Exit:\n(.*?)(?=^Saved trajectory|\Z)", re.MULTILINE | re.DOTALL)


class MiniSweAgent:
    """mini-swe-agent 2."""

    profile = Profile(
        name="mini-swe-agent",
        binary="mini",
        install="uv tool install --with mcp mini-swe-agent",
        login="set the key of your model's provider, such as ANTHROPIC_API_KEY or OPENAI_API_KEY",
        keys=("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "DEEPSEEK_API_KEY"),
        options=("OPENAI_API_BASE", "MSWEA_MODEL_NAME"),
        home_files=(".config/mini-swe-agent/.env",),
    )

    def invocation(self, run: AgentRun) -> Invocation:
        """Point it to the prompt file; its trajectory goes to the run's HOME, not into the tree."""
        model = ("-m", run.model) if run.model else ()
        task = ("-t", f"Read the file {run.prompt} and do what it asks.")
        return Invocation(
            argv=("mini", "-y", "--exit-immediately", "-o", str(run.home / "trajectory.json"), *model, *task),
            env={"MSWEA_CONFIGURED": "true", "MSWEA_COST_TRACKING": "ignore_errors"},
        )

    def read(self, finished: Finished) -> Answer:
        """Believe it only if it exited with 0 because the agent submitted its work."""
        require_exit(self.profile, finished)
        if finished.exit_code != 0:
            complaint = _complaint(finished.stderr)
            raise reported(self.profile, complaint) if complaint else crashed(self.profile, finished)
        said = finished.stdout.decode(errors="replace")
        steps = list(STEP.finditer(said))
        exits = EXIT.findall(said)
        if not steps or not exits:
            raise crashed(self.profile, finished)
        if reason := exits[-1].strip():
            raise error(self.profile, Failure.PERMANENT, reason)
        return Answer(_answer(said, steps), self.usage(finished))

    def usage(self, finished: Finished) -> Usage:
        """Read the cost in the head of its last step, which is the run's so far."""
        costs = STEP.findall(finished.stdout.decode(errors="replace"))
        return Usage(cost_usd=float(costs[-1]) if costs else None)

    def model(self, finished: Finished) -> str:
        """Say nothing, as it does."""
        del finished
        return ""


def _complaint(stderr: bytes) -> str:
    """Take the exception below the frame of the traceback, folded to the width of a terminal."""
    _, frame, words = stderr.decode(errors="replace").rpartition("╯")
    return words.strip() if frame else ""


def _answer(said: str, steps: list[re.Match[str]]) -> str:
    """Join what the agent said in its steps, without the output of its tools: that may quote the prompt."""
    ends = [*(step.start() for step in steps[1:]), len(said)]
    return "\n\n".join(TOOL.split(said[step.end() : end])[0].strip() for step, end in zip(steps, ends, strict=True))
