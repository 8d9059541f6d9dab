"""Composes a prompt from its material: everything bounded, everything foreign between fences."""

from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from activities.checks.plain import cut, one_line, plain
from activities.prompts.quoting import code, fenced, line, visible
from activities.prompts.style_guide import StyleGuide
from workflows.loop_memory import FRAME_BYTES, INSTRUCTION_BYTES, PROMPT_BYTES
from workflows.model import CheckResult, Instruction, Phase, PromptRequest

MAX_BYTES = 100_000
"""Of a whole prompt. The shares below add up to less, whatever comes in."""
TASK_BYTES = 32_000
REMARK_BYTES = 2_000
STYLE_GUIDE_BYTES = 8_000
NAMES_BYTES = 800
MAX_FAILED = 10
MAX_CHECKS = 20

WHEN = {
    Phase.EACH_UNIT: "",
    Phase.ON_COMPLETION: ", once you report completion",
    Phase.FULL_LOOP: ", once everything else passes",
}


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that one prompt is made of."""

    request: PromptRequest
    task: str
    excerpts: tuple[str, ...] = ()
    """Of the logs of `request.failed`, in the same order."""
    style_guide: StyleGuide | None = None


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A failed check as the agent is shown it."""

    name: str
    summary: str
    names: str
    excerpt: str


class Composer:
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
        words = {"fenced": fenced, "code": code, "line": line, "when": WHEN}
        self._template = environment.get_template("iteration.md.j2", globals=words)

    def compose(self, material: Material) -> str:
        """Return the whole prompt."""
        request = material.request
        instructions = _most_urgent_that_fit(request.instructions)
        return self._template.render(
            iteration=request.iteration,
            max_iterations=request.max_iterations,
            task=cut(visible(plain(material.task)).strip(), TASK_BYTES),
            checks=request.checks[:MAX_CHECKS],
            unlisted_checks=len(request.checks[MAX_CHECKS:]),
            instructions=instructions,
            forgotten=len(request.instructions) - len(instructions),
            remark=cut(plain(request.remark).strip(), REMARK_BYTES),
            failures=[_shown(*pair) for pair in zip(request.failed, material.excerpts, strict=True)][:MAX_FAILED],
            unlisted_failures=len(request.failed[MAX_FAILED:]),
            style_guide=_bounded(material.style_guide),
        )


def _most_urgent_that_fit(instructions: tuple[Instruction, ...]) -> list[Instruction]:
    """Keep the first ones: the work loop puts them in order."""
    kept: list[Instruction] = []
    room = PROMPT_BYTES
    for instruction in instructions:
        text = cut(plain(instruction.text).strip(), INSTRUCTION_BYTES)
        room -= len(text.encode()) + FRAME_BYTES
        if room < 0:
            break
        kept.append(replace(instruction, text=text))
    return kept


def _shown(result: CheckResult, excerpt: str) -> FailedCheck:
    names = cut("\n".join(map(one_line, result.failures)), NAMES_BYTES)
    return FailedCheck(result.name, result.summary, names, excerpt)


def _bounded(guide: StyleGuide | None) -> StyleGuide | None:
    return guide and StyleGuide(guide.name, cut(guide.text.strip(), STYLE_GUIDE_BYTES))
