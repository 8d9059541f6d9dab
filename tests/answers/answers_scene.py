"""An agent's answer as it lies on the host, and the hand that reads it."""

import json
from dataclasses import dataclass
from pathlib import Path

from temporalio.testing import ActivityEnvironment

from activities.answers import AnswerActivities
from workflows.model import Answer, AnswerRequest, Question, Source, Workspace


@dataclass(frozen=True, slots=True)
class Lines:
    """A diff that touches these lines of `calc.py`."""

    lines: frozenset[int] = frozenset({10, 11, 12})

    async def positions(self, workspace: Workspace) -> frozenset[tuple[str, int]]:
        """List them."""
        del workspace
        return frozenset(("calc.py", line) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Desk:
    """A workspace in which agents leave their answers."""

    directory: Path

    @property
    def workspace(self) -> Workspace:
        """The workspace itself."""
        return Workspace("ask", Source(), "aidp-host-1", str(self.directory), "", "main", "0" * 40, "0" * 40)

    async def read(self, text: str | bytes, question: Question) -> Answer:
        """Read what an agent said to a question."""
        folder = self.directory / "answers"
        folder.mkdir(exist_ok=True)
        file = folder / "answer-1.md"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        request = AnswerRequest(self.workspace, question, str(file))
        return await ActivityEnvironment().run(AnswerActivities(Lines()).read_answer, request)


def fenced(value: object) -> str:
    """Answer as agents are asked to."""
    return f"I had a look.\n\n```json\n{json.dumps(value, indent=2)}\n```\n\nSTATUS: COMPLETE\n"
