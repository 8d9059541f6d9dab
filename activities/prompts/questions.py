"""Prompts for agents that only look: what to find out, and the form of the answer."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from activities.checks.plain import cut, one_line, plain
from activities.prompts.quoting import code, fenced, line, visible
from workflows.model import QuestionRequest, Subject

TASK_BYTES = 32_000
CONTEXT_BYTES = 16_000
INSTRUCTION_BYTES = 4_000
FLAW = 1_000

FORMS: Mapping[Subject, object] = MappingProxyType[Subject, object](
    {
        Subject.PLAN: {
            "summary": "what will be done, in two or three sentences",
            "tasks": [{"title": "one step", "detail": "how, and what to watch out for"}],
            "questions": ["what a person has to decide first"],
            "files": ["path/of/a/file.py"],
        },
        Subject.VERIFICATION: {
            "unmet": ["what was asked for and is not done, and what is missing where"],
            "remark": "anything else worth knowing, in one sentence",
        },
        Subject.REVIEW: {
            "summary": "what this part does and how good it is, in two sentences",
            "findings": [
                {
                    "path": "path/of/a/file.py",
                    "start_line": 10,
                    "line": 12,
                    "severity": "major",
                    "title": "the point in one line",
                    "detail": "why it matters, and what to do",
                    "suggestion": "the new text of lines 10 to 12, or null",
                }
            ],
        },
        Subject.BREAKDOWN: {
            "summary": "how the work is cut, in two sentences",
            "parts": [
                {
                    "slug": "parse-durations",
                    "title": "Parse durations",
                    "text": "everything somebody needs to build this part, with acceptance criteria",
                    "depends_on": list[str](),
                },
                {
                    "slug": "show-durations",
                    "title": "Show durations",
                    "text": "likewise, for what builds on the other part",
                    "depends_on": ["parse-durations"],
                },
            ],
        },
    }
)
"""What an answer looks like, by example: agents follow one better than a schema."""

FOCUS: Mapping[str, str] = MappingProxyType(
    {
        "senior": "You have built and maintained such software for years: correctness, error handling, missing tests,\n"
        "names and structure that will hurt whoever changes this next.",
        "security": "You think like somebody who wants to break in: injection, missing authorization,\nsecrets, unsafe "
        "deserialization, paths, races, what a hostile input reaches.",
        "performance": "You know what it costs at scale: needless work in loops, N+1 queries, blocking calls, memory\n"
        "that grows, missing limits.",
    }
)


class Questioner:
    """Holds the templates."""

    def __init__(self) -> None:
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent),
            undefined=StrictUndefined,
            autoescape=select_autoescape(()),  # Markdown for an agent, not HTML for a browser
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        words = {"fenced": fenced, "code": code, "line": line}
        self._template = environment.get_template("question_parts/question.md.j2", globals=words)

    def compose(self, request: QuestionRequest, task: str, diff: str) -> str:
        """Return the whole prompt; `diff` is the part of it that a review is about."""
        question = request.question
        return self._template.render(
            subject=question.subject.value,
            task=cut(visible(plain(task)).strip(), TASK_BYTES),
            context=cut(visible(plain(question.context)).strip(), CONTEXT_BYTES),
            perspective=line(question.perspective),
            focus=FOCUS.get(question.perspective, ""),
            diff=diff,
            base=request.workspace.base_sha,
            max_parts=question.max_parts,
            instructions=[cut(plain(it).strip(), INSTRUCTION_BYTES) for it in request.instructions],
            flaw=one_line(request.flaw, FLAW),
            form=json.dumps(FORMS[question.subject], indent=2),
        )
