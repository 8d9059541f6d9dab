"""Makes text from outside plain: no escape sequences, nothing that a reader of the text would not see."""

import re

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
LINE_END = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# Control characters, marks that change the direction of text, and characters without any shape: none of them means
# anything in a log or a task, and each of them can hide words from the person who approved it.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def plain(text: str) -> str:
    """Return the text as a reader sees it, in lines that end with a newline character only."""
    encodable = text.encode("utf-8", "replace").decode()  # JSON may bring half a surrogate pair
    return UNSEEN.sub("", LINE_END.sub("\n", ANSI.sub("", encodable)))


def decoded(data: bytes) -> str:
    """Return bytes of a program as plain text, whatever they are."""
    return plain(data.decode("utf-8", "replace"))


def one_line(text: str, limit: int = 200) -> str:
    """Return the text as one line of at most `limit` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def cut(text: str, limit: int) -> str:
    """Return the first `limit` bytes of a text, and say so where there were more."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    return f"{raw[:limit].decode(errors='ignore')}\n[cut here: {len(raw) - limit:,} more bytes]"
