"""Planning: from the code, the issue, and what people have answered."""

import re
import runpy

from github_app.demo.agent.answering import in_form
from github_app.demo.agent.module import MODULE

QUESTION = "May the units be written in upper case, too, as in `1H 30M`?"
YES = re.compile(r"answers: \W*yes\b", re.IGNORECASE)


def plan(prompt: str) -> str:
    """Say how it would be done, and ask what the code does not tell."""
    units = ", ".join(f"`{unit}`" for unit in runpy.run_path(str(MODULE))["UNITS"])
    answered = "## Answers" in prompt
    case = ", in upper case, too" if YES.search(prompt) else ""
    return in_form(
        {
            "summary": f"`parse_duration` goes beside `format_duration`, and reads its units: {units}{case}.",
            "tasks": [
                {"title": "Add `parse_duration`", "detail": f"Take the units from `UNITS`{case}; refuse all else."},
                {"title": "Test it", "detail": "With and without spaces, and with what is no duration."},
                {"title": "Show it in the README", "detail": "With an example that can be run."},
            ],
            "questions": [] if answered else [QUESTION],
            "files": ["durations.py", "tests/test_parse.py", "README.md"],
        }
    )
