"""Run as the provider `command`, by the same way as every other agent; it imports nothing of aidp but itself."""

import json
import sys
import time
from collections.abc import Callable

from github_app.demo.agent.building import build
from github_app.demo.agent.planning import plan
from github_app.demo.agent.repairing import change, repair
from github_app.demo.agent.reviewing import review
from github_app.demo.agent.verifying import verify

THINKING_SECONDS = 1.0
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


def main() -> None:
    """Work on the prompt, and say how far it got."""
    prompt = sys.stdin.read()
    sys.stderr.write("Reading the task ...\n")
    sys.stderr.flush()
    time.sleep(THINKING_SECONDS)
    answer = next((skill(prompt) for words, skill in SKILLS if words in prompt), "")
    end = "STATUS: COMPLETE" if answer else "I only know how to add parse_duration.\nSTATUS: BLOCKED"
    sys.stdout.write(f"{answer}\n{end}\n{_usage(prompt, answer)}\n")


def _usage(prompt: str, answer: str) -> str:
    """Count as if a model had read and written this."""
    read, written = (len(text) // CHARACTERS_PER_TOKEN for text in (prompt, answer))
    cost = read * USD_PER_TOKEN[0] + written * USD_PER_TOKEN[1]
    return "AIDP-USAGE: " + json.dumps({"input_tokens": read, "output_tokens": written, "cost_usd": round(cost, 6)})


if __name__ == "__main__":
    main()
