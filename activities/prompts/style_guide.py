"""Finds the text in which a repository says how it wants its code."""

from dataclasses import dataclass
from pathlib import Path

from activities.checks.tree import read_inside

CANDIDATES = ("CONTRIBUTING.md", "docs/LLM_STYLE_GUIDE.md", "AGENTS.md", "CLAUDE.md")
MAX_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class StyleGuide:
    """The first of the candidates that is there."""

    name: str
    text: str


def find_style_guide(tree: Path) -> StyleGuide | None:
    """Return the first candidate with any text; a link out of the tree counts as no file."""
    for name in CANDIDATES:
        text = read_inside(tree, name, MAX_BYTES)
        if text and text.strip():
            return StyleGuide(name, text)
    return None
