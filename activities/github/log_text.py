"""From the log of a CI job to the few lines that tell why it failed: pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.checks.plain import decoded
from activities.prompts.excerpt import excerpt
from activities.workspaces.secrets_scan import PATTERNS

MAX_BYTES = 16_000
STAMP = re.compile(r"^\ufeff?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z ?", re.MULTILINE)
COMMAND = re.compile(r"^##\[(group|endgroup|error|warning|notice|debug|command|section)\]", re.MULTILINE)
STEP_BEGINS = "##[group]Run "
ERROR = "##[error]"
SHOWN = {"error": "error: ", "warning": "warning: ", "command": "$ "}
MASK = b"[secret left out]"
IN_ADDRESS = re.compile(rb"(?<=://)[^\s/:@]{1,100}:[^\s/@]{1,200}(?=@)")
AUTHORIZATION = re.compile(rb"(?i)(?<=authorization: )(?:basic|bearer|token) [\w.+/=~-]{8,}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log, and the second in which it was printed."""

    text: str
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """When a step ran; GitHub tells it to the second."""

    begin: datetime
    end: datetime

    def has(self, line: Line) -> bool:
        """Whether a line was printed then."""
        return line.time is not None and self.begin <= line.time <= self.end + timedelta(seconds=1)


def telling(log: bytes, failed_step: Window | None = None) -> str:
    """Return what a failed job says, cleaned and bounded."""
    lines = [_line(text) for text in decoded(masked(log)).splitlines()]
    return shortened(COMMAND.sub(_shown, "\n".join(line.text for line in failing_part(lines, failed_step))))


def masked(log: bytes) -> bytes:
    """Take out what looks like a secret: GitHub hides only those that it knows."""
    for _, pattern in PATTERNS:
        log = pattern.sub(MASK, log)
    return AUTHORIZATION.sub(MASK, IN_ADDRESS.sub(MASK, log))


def failing_part(lines: Sequence[Line], failed_step: Window | None) -> Sequence[Line]:
    """Cut a job's log to the step that failed, as far as it can be told."""
    within = [line for line in lines if failed_step and failed_step.has(line)]
    candidates = within if any(line.text.startswith(ERROR) for line in within) else lines
    errors = [number for number, line in enumerate(candidates) if line.text.startswith(ERROR)]
    if not errors:
        return candidates
    begins = [number for number, line in enumerate(candidates) if line.text.startswith(STEP_BEGINS)]
    begin = max((number for number in begins if number < errors[0]), default=0)
    return candidates[begin : errors[-1] + 1]


def shortened(text: str) -> str:
    """Keep the telling lines and the end of a text."""
    size = len(text.encode())
    limit = MAX_BYTES * len(text) // size if size else MAX_BYTES  # the excerpt counts characters
    return excerpt(text, (), min(limit, MAX_BYTES)).encode()[:MAX_BYTES].decode(errors="ignore")


def _line(text: str) -> Line:
    stamp = STAMP.match(text)
    if not stamp:
        return Line(text)
    return Line(text[stamp.end() :], datetime.fromisoformat(stamp[1]).replace(tzinfo=UTC))


def _shown(command: re.Match[str]) -> str:
    return SHOWN.get(command[1], "")
