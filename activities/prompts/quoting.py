"""Puts foreign text into Markdown so that it stays what it is: data, all of it to be seen."""

import re

from activities.checks.plain import one_line

LINE_BYTES = 200
MAX_TICKS = 10
"""Of backticks in a row: a text made of nothing else would make fences as long as itself."""

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
UNCLOSED_COMMENT = re.compile(r"^[ \t>*+-]*<!--.*\Z", re.DOTALL | re.MULTILINE)
HIDDEN = "[a comment that GitHub does not show was left out here]"


def fenced(text: str, language: str) -> str:
    """Put a text between fences longer than any run of backticks in it, so that it can not end them."""
    shortened = re.sub(f"`{{{MAX_TICKS},}}", "`" * MAX_TICKS, text)
    fence = "`" * max(3, _longest_run(shortened) + 1)
    return f"{fence}{language}\n{shortened}\n{fence}"


def code(text: str) -> str:
    """Show a text as code within a line."""
    shown = line(text)
    ticks = "`" * (_longest_run(shown) + 1)
    space = "" if ticks == "`" else " "
    return f"{ticks}{space}{shown}{space}{ticks}"


def line(text: str) -> str:
    """Show a text as one short line."""
    return one_line(text).encode()[:LINE_BYTES].decode(errors="ignore")


def visible(markdown: str) -> str:
    """Leave out what GitHub does not show: whoever approved the task has not read it."""
    closed = markdown.rfind("-->") + len("-->") if "-->" in markdown else 0
    shown = COMMENT.sub(HIDDEN, markdown[:closed])  # up to the last end, each beginning has one: linear time
    return shown + UNCLOSED_COMMENT.sub(HIDDEN, markdown[closed:])


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
