"""Prompts: what an agent is told in one iteration, gathered on the host and written to a file."""

import asyncio
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.checks.plain import cut
from activities.checks.tree import read_inside
from activities.prompts.compose import Composer, Material
from activities.prompts.excerpt import excerpt
from activities.prompts.questions import Questioner
from activities.prompts.style_guide import find_style_guide
from workflows.model import CheckResult, PromptRequest, QuestionRequest, Subject

STYLE_GUIDE_EVERY = 5
"""Iterations between two reminders; an agent that starts afresh each time still need not read it each time."""
TASK_BYTES = 1_000_000
LOG_BYTES = 2_100_000
EXCERPT_BYTES = 6_000
EXCERPTS_BYTES = 20_000


class DiffReader(Protocol):
    """Whoever knows a workspace's diff."""

    async def chunk_text(self, request: QuestionRequest) -> str:
        """Return the part of the diff that a review question is about, with line numbers."""
        ...


class PromptActivities:
    """The prompt half of the port `Agents`, on the host that has the worktree."""

    def __init__(self, diff: DiffReader) -> None:
        self._composer = Composer()
        self._questioner = Questioner()
        self._diff = diff

    @activity.defn
    async def write_question(self, request: QuestionRequest, /) -> str:
        """Write the prompt of a question to a file on the host and return its path."""
        diff = await self._diff.chunk_text(request) if request.question.subject is Subject.REVIEW else ""
        return str(await asyncio.to_thread(self._write_question, request, diff))

    def _write_question(self, request: QuestionRequest, diff: str) -> Path:
        directory = Path(request.workspace.directory)
        prompt = self._questioner.compose(request, read_task(directory), diff)
        return _write(directory / "prompts" / f"question-{request.attempt}.md", prompt)

    @activity.defn
    async def write_prompt(self, request: PromptRequest, /) -> str:
        """Write an iteration's prompt to a file on the host and return its path."""
        return str(await asyncio.to_thread(self._write, request))

    def _write(self, request: PromptRequest) -> Path:
        path = Path(request.workspace.directory, "prompts", f"iteration-{request.iteration}.md")
        return _write(path, self._composer.compose(gather(request)))


def _write(path: Path, prompt: str) -> Path:
    """Write all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(prompt, encoding="utf-8")
    return unfinished.replace(path)


def gather(request: PromptRequest) -> Material:
    """Read what the request only refers to."""
    directory = Path(request.workspace.directory)
    reminded = request.iteration == 1 or request.iteration % STYLE_GUIDE_EVERY == 0
    return Material(
        request=request,
        task=read_task(directory),
        excerpts=read_excerpts(directory, request.failed),
        style_guide=find_style_guide(directory / "tree") if reminded else None,
    )


def read_task(directory: Path) -> str:
    """Read the task that was laid down when the workspace was opened."""
    with (directory / "task.md").open("rb") as file:
        return file.read(TASK_BYTES).decode("utf-8", "replace")


def read_excerpts(directory: Path, failed: tuple[CheckResult, ...]) -> tuple[str, ...]:
    """Read the telling parts of the logs, as long as there is room: first come, first served."""
    room = EXCERPTS_BYTES
    excerpts: list[str] = []
    for result in failed:
        text = read_inside(directory / "logs", Path(result.log).name, LOG_BYTES) if result.log and room else None
        limit = min(room, EXCERPT_BYTES)
        excerpts.append(cut(excerpt(text or "", result.failures, limit), limit))
        room = max(0, room - len(excerpts[-1].encode()))
    return tuple(excerpts)
