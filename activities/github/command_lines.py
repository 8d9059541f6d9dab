"""The commands in a comment: `/aidp verb argument`, or `@slug verb argument`, as the first thing in its line.

What GitHub shows as a quotation, code, a list or HTML gives no command, and what a mail program appended is nobody's
word here. Behind some verbs everything below the line belongs to the argument, up to the next command.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from activities.checks.plain import cut, plain
from workflows.commands import COMMANDS
from workflows.model import CommandLine

MAX_COMMANDS = 5
MAX_TEXT_BYTES = 4_000
MAX_ARGUMENT_BYTES = 8_000
"""More than an agent can be told at once, so that whoever writes too much is told that, rather than cut short."""
VERBS = frozenset(each.verb for each in COMMANDS)
WITH_LINES_BELOW = frozenset({"answer", "build", "fix", "plan", "reject", "tell"})
HELP = "help"
UNREADABLE = "?"
"""A verb that nobody could have meant; it is answered like any unknown one, but never repeated."""
VERB = re.compile(r"[a-z][a-z-]{0,30}")
LINE_END = re.compile(r"\r\n?")
ODD_SPACE = re.compile(r"[^\S\n\t ]")
INDENT = " \t"
SAID_BEFORE = re.compile(
    r"(On|Am|Le|El|Il|Em) \S.{0,400}(wrote|schrieb[^:]{0,200}|écrit|escribió|scritto|escreveu) ?:", re.DOTALL
)
"""What mail programs write above the message that they repeat; it may be broken into lines."""
REPEATS_ALL = re.compile(r"-{2,} ?(Original Message|Forwarded message) ?-{2,}", re.IGNORECASE)
NAMES = "names"
BREAKS = frozenset({"softbreak", "hardbreak"})
ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a comment says to us, and what it says besides."""

    commands: tuple[CommandLine, ...] = ()
    """At most five."""
    dropped: int = 0
    mentioned: bool = False
    """Whether it speaks to the App by name without giving a command."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A line that speaks to us."""

    line: int
    verb: str
    """Empty if it gives no command."""
    rest: str


def read(body: str, slug: str) -> Reading:
    """Read a comment, whatever it holds."""
    lines = _lines(body)
    blocks = _blocks(lines, slug)
    said = _said(lines, blocks)
    addresses = [it for it in _addresses(lines, blocks, _names(slug)) if it.line in said]
    mentioned = any(line in said for block in blocks for line in block.mentions)
    return replace(_reading(lines, said, addresses), mentioned=mentioned or any(not it.verb for it in addresses))


# --- from Markdown to lines -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the comment that stands by itself, and the lines in it that begin with one of our names."""

    kind: str
    lines: range
    addressed: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()
    """The lines that have the App's name in the middle."""


def _lines(body: str) -> list[str]:
    """Split as CommonMark does; its parser would trim odd spaces, and then count other lines than we do."""
    return ODD_SPACE.sub(" ", LINE_END.sub("\n", body)).replace("\0", "\ufffd").split("\n")


def _names(slug: str) -> re.Pattern[str]:
    """Match what speaks to us; a look-alike of another alphabet does not."""
    return re.compile(rf"(?ai:(/aidp)|@{re.escape(slug)}(?:\[bot\])?[,:]?)(?!\S)")


def _mention(slug: str) -> re.Pattern[str]:
    """Match the App's name wherever it stands as a word of its own."""
    return re.compile(rf"(?ai:(?<![\w@/.`-])@{re.escape(slug)}(?:\[bot\])?(?![\w-]))")


def _blocks(lines: Sequence[str], slug: str) -> list[Block]:
    tokens, mention = _markdown().parse("\n".join(lines), {NAMES: _names(slug)}), _mention(slug)
    return [
        Block(
            token.type,
            range(*token.map),
            tuple(_addressed(tokens[at : at + 2])),
            tuple(_mentioned(tokens[at : at + 2], mention)),
        )
        for at, token in enumerate(tokens)
        if token.map and token.level == 0 and token.nesting >= 0
    ]


def _addressed(pair: Sequence[Token]) -> Iterator[int]:
    """Find the lines of a paragraph that begin with one of our names."""
    for inline in pair[1:]:
        if inline.type == "inline" and inline.map:
            for child in inline.children or ():
                if child.type == ADDRESS:
                    yield inline.map[0] + inline.content.count("\n", 0, child.meta["at"])


def _mentioned(pair: Sequence[Token], mention: re.Pattern[str]) -> Iterator[int]:
    """Find the lines of a paragraph with our name in its text; inside code, HTML and links it is none."""
    for inline in pair[1:]:
        line, links = (inline.map or [0])[0], 0
        for child in inline.children or () if inline.type == "inline" else ():
            line += child.type in BREAKS
            links += child.nesting if child.type.startswith("link_") else 0
            if child.type == "text" and not links and mention.search(child.content):
                yield line


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    markdown.inline.ruler.before("text", ADDRESS, _address)
    return markdown


def _address(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # the parser's own form
    """Take one of our names where a line begins; inside code, HTML and links the parser does not come by here."""
    if silent or state.linkLevel or state.src[state.pos] not in "/@" or not _begins_line(state.src, state.pos):
        return False
    names: re.Pattern[str] = state.env[NAMES]
    found = names.match(state.src, state.pos)
    if not found:
        return False
    state.push(ADDRESS, "", 0).meta = {"at": state.pos}
    state.pos = found.end()
    return True


def _begins_line(text: str, position: int) -> bool:
    while position and text[position - 1] in INDENT:
        position -= 1
    return not position or text[position - 1] == "\n"


# --- whose words they are ---------------------------------------------------------------------------------------------


def _said(lines: Sequence[str], blocks: Iterable[Block]) -> frozenset[int]:
    """Find the lines that the author wrote for all to see, rather than quoted, folded away or had appended."""
    said, folds, repeats = list[int](), 0, False
    for block in blocks:
        if block.kind == "html_block":
            folds = max(0, folds + _folds(lines[block.lines.start : block.lines.stop]))
        elif block.kind == "blockquote_open":
            repeats = False  # what a mail program repeats ends with its quotation
        elif not folds and not repeats:
            own = _before_repetition(lines, block)
            repeats = len(own) < len(block.lines)
            if REPEATS_ALL.fullmatch(lines[block.lines.start].strip()):
                break
            said += own
    return frozenset(said)


def _folds(html: Iterable[str]) -> int:
    text = "".join(html).lower()
    return text.count("<details") - text.count("</details")


def _before_repetition(lines: Sequence[str], block: Block) -> range:
    """Cut a paragraph where a mail program says who wrote what follows: `On Monday Ada wrote:`."""
    if block.kind != "paragraph_open":
        return block.lines
    for last in block.lines:
        if lines[last].rstrip().endswith(":"):
            for first in (last, last - 1, last - 2):
                if first in block.lines and SAID_BEFORE.fullmatch("\n".join(lines[first : last + 1]).strip()):
                    return range(block.lines.start, first)
    return block.lines


# --- what they ask for ------------------------------------------------------------------------------------------------


def _addresses(lines: Sequence[str], blocks: Iterable[Block], names: re.Pattern[str]) -> Iterator[Address]:
    for line in (line for block in blocks for line in block.addressed):
        text = lines[line].strip(INDENT)
        found = names.match(text)
        if found:  # else the parser has undone an escape: it is not what stands there
            rest = text[found.end() :].strip(INDENT)
            word, _, argument = rest.replace("\t", " ").partition(" ")
            verb = _verb(word, slash=found[1] is not None)
            yield Address(line, verb, argument.strip() if verb else rest)


def _verb(word: str, *, slash: bool) -> str:
    """Read the verb; behind a name, other words than verbs are just words."""
    lower = word.lower() if word.isascii() else ""
    if not slash:
        return lower if lower in VERBS else ""
    if not word:
        return HELP
    meant = lower.rstrip(".,:;!?")
    return meant if VERB.fullmatch(meant) else UNREADABLE


def _reading(lines: Sequence[str], said: frozenset[int], addresses: Sequence[Address]) -> Reading:
    calls = [it for it in addresses if it.verb]
    commands, taken = list[CommandLine](), {it.line for it in calls}
    for place, call in enumerate(calls, 1):
        end = calls[place].line if place < len(calls) else len(lines)
        below = range(call.line + 1, end) if call.verb in WITH_LINES_BELOW else range(0)
        argument = "\n".join((call.rest, _joined(lines, said.intersection(below))))
        commands.append(CommandLine(call.verb, cut(plain(argument).strip(), MAX_ARGUMENT_BYTES)))
        taken.update(below)
    named = {it.line: it.rest for it in addresses if not it.verb}
    spoken = [named.get(number, line) for number, line in enumerate(lines)]
    text = cut(plain(_joined(spoken, said - taken)).strip(), MAX_TEXT_BYTES)
    kept = tuple(commands[:MAX_COMMANDS])
    return Reading(kept, len(commands) - len(kept), text=text)


def _joined(lines: Sequence[str], wanted: Iterable[int]) -> str:
    """Put lines together, with an empty one where others are left out."""
    joined, before = list[str](), -1
    for number in sorted(wanted):
        if joined and number > before + 1 and joined[-1]:
            joined.append("")
        joined.append(lines[number])
        before = number
    return "\n".join(joined)
