"""Verifying: each point of the issue is tried on the finished work."""

import re
import runpy
from collections.abc import Callable, Iterator

from github_app.demo.agent.answering import in_form
from github_app.demo.agent.module import MODULE, README

EXAMPLE = re.compile(r'`parse_duration\("([^"]+)"\)` returns (\d+)')
NONSENSE = "soon"


def verify(prompt: str) -> str:
    """Name what was asked for and is not done."""
    return in_form({"unmet": list(_unmet(prompt)), "remark": ""})


def _unmet(prompt: str) -> Iterator[str]:
    parse = runpy.run_path(str(MODULE))["parse_duration"]
    for text, seconds in EXAMPLE.findall(prompt):
        if (found := parse(text)) != int(seconds):
            yield f'`parse_duration("{text}")` returns {found}, not {seconds}'
    if "`ValueError`" in prompt and not _refuses(parse):
        yield f'`parse_duration("{NONSENSE}")` raises no `ValueError`'
    if "README" in prompt and "parse_duration" not in README.read_text():
        yield "The README shows no example of `parse_duration`"


def _refuses(parse: Callable[[str], int]) -> bool:
    try:
        parse(NONSENSE)
    except ValueError:
        return True
    return False
