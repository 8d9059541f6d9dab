"""Answers as data: the last thing before the status line is a JSON object between fences."""

import json
from collections.abc import Mapping


def in_form(answer: Mapping[str, object]) -> str:
    """Write an answer."""
    return f"```json\n{json.dumps(answer, indent=2)}\n```"
