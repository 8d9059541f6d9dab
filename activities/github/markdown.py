"""Other people's text made harmless for Markdown: it is shown as written, and does nothing.

One trick serves all: an invisible space where GitHub would otherwise see a mention, a tag or an order. Unlike an
escape it also stays unseen inside code.
"""

import re

INVISIBLE = "\u200b"
MAX_BODY = 65_536  # GitHub's limit for a comment and for a pull request's body
CUT = "\n\n… (cut)"

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What terminals and eyes trip over, or cannot be encoded."""
STARTERS = re.compile(
    r"""
      @(?=\w)             # a mention
    | <(?=[!?/a-zA-Z])    # a comment, a tag
    | &(?=[#a-zA-Z])      # an entity, which can spell any of these
    | !(?=\[)             # an image, fetched from somebody's server
    """,
    re.VERBOSE,
)
CLOSING = re.compile(
    r"""
    (?<![a-z0-9]) (clo|fi|resol) (se[sd]?|x(?:e[sd])?|ve[sd]?) (?![a-z0-9])
    (?= [\W_]{0,40} (?: \# | GH- | https?: | [\w.-]{1,100}/[\w.-]{1,100}\# ))
    """,
    re.VERBOSE | re.IGNORECASE,
)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
PUNCTUATION = re.compile(r"[\\`*_\[\]<>|~#]")


class Markdown(str):
    """Text that is Markdown on purpose; any other text is shown as it is."""

    __slots__ = ()


def harmless(text: str) -> Markdown:
    """Keep the formatting, take away the effects: mentions, tags, comments, images, orders to close an issue."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    quiet = STARTERS.sub(lambda found: found[0] + INVISIBLE, CONTROLS.sub("", lines))
    return Markdown(closing_nothing(quiet))


def closing_nothing(text: str) -> str:
    """Break the words by which GitHub closes issues: "fixes #3"."""
    return CLOSING.sub(lambda found: found[1] + INVISIBLE + found[2], text)


def plain(text: str) -> Markdown:
    """Show a line of text without any formatting, also in a table."""
    escaped = PUNCTUATION.sub(lambda found: "\\" + found[0], harmless(_one_line(text)))
    return Markdown(escaped)


def quote(text: str) -> Markdown:
    """Show text as a quotation: what it leaves open, like a code fence, ends with it."""
    return Markdown("\n".join(f"> {line}".rstrip() for line in harmless(text).strip().split("\n")))


def indented(text: str) -> Markdown:
    """Keep Markdown inside its list item: what it leaves open ends with the item."""
    return Markdown("\n".join(f"  {line}".rstrip() for line in text.split("\n")))


def code(text: str) -> Markdown:
    """Show a line of text as code; fences itself off from backticks in it."""
    line = harmless(_one_line(text)) or " "
    longest = _longest_run(line)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return Markdown(f"{fence}{pad}{line}{pad}{fence}")


def block(text: str, language: str = "") -> Markdown:
    """Show text exactly as it is, between fences longer than any run of backticks in it."""
    fence = "`" * max(3, _longest_run(text) + 1)
    lines = text.removesuffix("\n")
    return Markdown(f"{fence}{language}\n{lines}\n{fence}" if lines else f"{fence}{language}\n{fence}")


def closed(text: str) -> Markdown:
    """Keep the formatting without the effects, and close a code block that is left open."""
    shown, fence = harmless(text).strip(), ""
    for line in shown.split("\n"):
        found = FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return Markdown(f"{shown}\n{fence}" if fence else shown)


def cell(text: str) -> Markdown:
    """Keep Markdown inside its table cell."""
    return Markdown(text.replace("|", "\\|"))


def marked(body: str, marker: str) -> str:
    """Sign a body with our hidden marker, cut to what GitHub takes."""
    room = MAX_BODY - len(marker) - 2
    fitting = body if len(body) <= room else body[: room - len(CUT)] + CUT
    return f"{fitting.rstrip()}\n\n{marker}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _one_line(text: str) -> str:
    return " ".join(text.split())
