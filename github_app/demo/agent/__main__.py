"""Run as the provider `command`, by the same way as every other agent; it imports nothing of aidp but itself."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from github_app.demo.agent.building import build
from github_app.demo.agent.planning import plan
from github_app.demo.agent.repairing import change, repair
from github_app.demo.agent.reviewing import review
from github_app.demo.agent.verifying import verify

THINKING_SECONDS, GLANCE_SECONDS = 1.0, 0.1
PATIENCE_SECONDS = 60.0
"""How long a build waits for people who want to be heard first."""
CHARACTERS_PER_TOKEN = 4
USD_PER_TOKEN = (3e-6, 15e-6)
"""What a model of the middle class takes for a token in and a token out, so that there is something to count."""
SKILLS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("## What to plan", plan),
    ("## What to find out", verify),
    ("## What to review", review),
    ("The CI of this branch fails", repair),
    ("Reviewers want changes", change),
    ("parse_duration", build),
)
"""What a prompt says, and who answers it."""


def main(heard: Path) -> None:
    """Work on the prompt, and say how far it got; who builds thinks until it is said that people were heard."""
    prompt = sys.stdin.read()
    sys.stderr.write("Reading the task ...\n")
    sys.stderr.flush()
    time.sleep(THINKING_SECONDS)
    skill = next((skill for words, skill in SKILLS if words in prompt), None)
    if skill is build:
        _wait_for(heard)
    answer = skill(prompt) if skill else ""
    end = "STATUS: COMPLETE" if answer else "I only know how to add parse_duration.\nSTATUS: BLOCKED"
    sys.stdout.write(f"{answer}\n{end}\n{_usage(prompt, answer)}\n")


def _wait_for(path: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not path.exists() and time.monotonic() < end:
        time.sleep(GLANCE_SECONDS)


def _usage(prompt: str, answer: str) -> str:
    """Count as if a model had read and written this."""
    read, written = (len(text) // CHARACTERS_PER_TOKEN for text in (prompt, answer))
    cost = read * USD_PER_TOKEN[0] + written * USD_PER_TOKEN[1]
    return "AIDP-USAGE: " + json.dumps({"input_tokens": read, "output_tokens": written, "cost_usd": round(cost, 6)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
