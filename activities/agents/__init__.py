"""Coding agents: one file per command line program, and this list of them."""

from activities.agents.aider import Aider
from activities.agents.claude import Claude
from activities.agents.codex import Codex
from activities.agents.command import CommandLine
from activities.agents.copilot import Copilot
from activities.agents.cursor_agent import CursorAgent
from activities.agents.gemini import Gemini
from activities.agents.mini_swe_agent import MiniSweAgent
from activities.agents.opencode import OpenCode
from activities.agents.provider import Provider
from activities.agents.qwen import Qwen

PROVIDERS: tuple[Provider, ...] = (
    Claude(),
    Codex(),
    Gemini(),
    Aider(),
    OpenCode(),
    Copilot(),
    Qwen(),
    CursorAgent(),
    MiniSweAgent(),
    CommandLine(),
)
"""In the order in which they are tried when nobody prefers one."""


def providers(command: str) -> tuple[Provider, ...]:
    """List the providers, with the operator's own command line in its place."""
    return (*PROVIDERS[:-1], CommandLine.parse(command))
