"""`command`: any command line of the operator's, for an agent that has no provider of its own.

`{prompt}` in it becomes the path of the prompt file; without it the prompt comes on stdin. Standard output is the
answer. If its last line reads `AIDP-USAGE: {"input_tokens": 1200, "output_tokens": 80, "cost_usd": 0.01}`, that is the
usage, with the `"model"` beside it if that is known; each field may be left out. The exit status tells how the run
ended, in the numbers of `sysexits.h`:

    0   well                              69  the model is unavailable: EX_UNAVAILABLE   -> Transient
    64  wrong usage: EX_USAGE             75  rate limited, try later:  EX_TEMPFAIL      -> RateLimited
        or EX_CONFIG, 78 -> Configuration 77  not logged in:            EX_NOPERM        -> AuthExpired
    other                                                                                -> Permanent
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from activities.agents.events import count_at, events, number_at, text_at
from activities.agents.failures import crashed, error, last_line, require_exit
from activities.agents.provider import AgentRun, Answer, Invocation, Profile
from activities.process import Finished
from workflows.model import Failure, Usage

PROMPT = "{prompt}"
USAGE = b"AIDP-USAGE:"
KILLED = 128
"""A shell adds the number of the signal to this."""
BY_EXIT_CODE = {
    os.EX_USAGE: Failure.CONFIGURATION,
    os.EX_CONFIG: Failure.CONFIGURATION,
    os.EX_UNAVAILABLE: Failure.TRANSIENT,
    os.EX_TEMPFAIL: Failure.RATE_LIMITED,
    os.EX_NOPERM: Failure.AUTH_EXPIRED,
}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The operator's command line."""

    argv: tuple[str, ...] = ()

    @classmethod
    def parse(cls, line: str) -> Self:
        """Split the line as a shell would; raises `ValueError` at an open quote."""
        return cls(tuple(shlex.split(line)))

    @property
    def profile(self) -> Profile:
        """Name the program of the command line."""
        return Profile(
            name="command",
            binary=self.argv[0] if self.argv else "",
            install="set AIDP_AGENT_COMMAND",
            login="name the variables it needs in AIDP_AGENT_ENV",
        )

    def invocation(self, run: AgentRun) -> Invocation:
        """Put the prompt where the command line wants it."""
        argv = tuple(word.replace(PROMPT, str(run.prompt)) for word in self.argv)
        return Invocation(argv, stdin=b"" if argv != self.argv else run.prompt.read_bytes())

    def read(self, finished: Finished) -> Answer:
        """Believe its exit status."""
        require_exit(self.profile, finished)
        if finished.exit_code > KILLED:
            raise crashed(self.profile, finished)
        if finished.exit_code != 0:
            failure = BY_EXIT_CODE.get(finished.exit_code, Failure.PERMANENT)
            raise error(self.profile, failure, last_line(finished.stderr) or f"exit status {finished.exit_code}")
        text, _ = _parted(finished.stdout)
        return Answer(text.decode(errors="replace").strip(), self.usage(finished), self.model(finished))

    def usage(self, finished: Finished) -> Usage:
        """Read the line that tells it, whatever the exit status."""
        _, told = _parted(finished.stdout)
        return Usage(
            input_tokens=count_at(told, "input_tokens"),
            output_tokens=count_at(told, "output_tokens"),
            cost_usd=number_at(told, "cost_usd"),
        )

    def model(self, finished: Finished) -> str:
        """Read it in the same line."""
        _, told = _parted(finished.stdout)
        return text_at(told, "model")


def _parted(output: bytes) -> tuple[bytes, Mapping[str, object] | None]:
    """Part the answer from the line that tells what was used."""
    before, newline, line = output.rstrip().rpartition(b"\n")
    if not line.startswith(USAGE):
        return output, None
    return before + newline, next(iter(events(line.removeprefix(USAGE))), None)
