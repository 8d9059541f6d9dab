"""Which lines of a comment are commands, and what the others say."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from activities.github.command_lines import MAX_ARGUMENT_BYTES, MAX_TEXT_BYTES, Reading, read
from workflows.model import CommandLine

SIZE = 65_536
SECONDS = 10
"""Enough for the slowest machine; what is worse than linear takes minutes."""


def commands(body: str) -> list[tuple[str, str]]:
    """Read the verbs and arguments of a comment."""
    return [(it.verb, it.argument) for it in read(body, "aidp").commands]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/aidp pause", [("pause", "")]),
        ("/aidp pause 2h", [("pause", "2h")]),
        ("/AIDP  Pause\t2h ", [("pause", "2h")]),
        ("  /aidp pause", [("pause", "")]),
        ("/aidp\u00a0pause\u202f2h", [("pause", "2h")]),
        ("/aidp", [("help", "")]),
        ("@aidp pause", [("pause", "")]),
        ("@AIDP[bot]: pause", [("pause", "")]),
        ("Well.\r\n/aidp pause\r\n/aidp status\r\n", [("pause", ""), ("status", "")]),
        ("Well.\r/aidp pause", [("pause", "")]),
        ("Well.\n\n/aidp pause\n\nThanks!", [("pause", "")]),
        ("/aidp pause\n---\nAda", [("pause", "")]),
        ("/aidp pauze", [("pauze", "")]),
        ("/aidp pause.", [("pause", "")]),
        ("/aidp 7", [("?", "")]),
        ("/aidp pa\u200buse", [("?", "")]),
        ("/aidp `pause`", [("?", "")]),
        ("/aidp guard exclude *.md and _x_", [("guard", "exclude *.md and _x_")]),
        ("> quoted\n\n/aidp pause", [("pause", "")]),
        ("[a]: b\n\n/aidp pause", [("pause", "")]),
    ],
)
def test_what_is_a_command(body: str, expected: list[tuple[str, str]]) -> None:
    """The first thing in its line, in any case, with any space between the words."""
    assert commands(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "please /aidp pause",
        "/aidppause",
        "/aidp/pause",
        "//aidp pause",
        "- /aidp pause",
        "1. /aidp pause",
        "# /aidp pause",
        "**/aidp pause**",
        "[/aidp pause](x)",
        "[x\n/aidp pause](x)",
        "![x\n/aidp pause](x)",
        "`/aidp pause`",
        "`x\n/aidp pause\n`",
        "```\n/aidp pause\n```",
        "~~~\n/aidp pause",
        "    /aidp pause",
        "> /aidp pause",
        "> x\n/aidp pause",
        "- x\n/aidp pause",
        "| /aidp pause |\n|---|",
        "/aidp pause | x\n--- | ---",
        "<!-- \n/aidp pause\n-->",
        "x <!--\n/aidp pause\n-->",
        "<div>\n/aidp pause\n</div>",
        "<details>\n\n/aidp pause\n\n</details>",
        "<a title='\n/aidp pause'>",
        r"\/aidp pause",
        "&#47;aidp pause",
        "\u200b/aidp pause",
        "\u202e/aidp pause",
        "\uff0faidp pause",
        "\u2044aidp pause",
        "/a\u0131dp pause",
        "/\u0430idp pause",
        "@aidp-two pause",
        "@aidp please wait",
        "@aidp paused?",
        "On Mon, 1 Jan 2024, Ada <a@example.com> wrote:\n/aidp pause",
        "On Mon, 1 Jan 2024, Ada <a@example.com>\nwrote:\n\n/aidp pause",
        "Am Mo., 1. Jan. 2024 um 12:00 Uhr schrieb Ada <a@example.com>:\n\n/aidp pause",
        "-----Original Message-----\nFrom: Ada\n\n/aidp pause",
    ],
)
def test_what_is_none(body: str) -> None:
    """Quotations, code, lists, headings, HTML, look-alikes, what a mail program repeats: nobody has said that."""
    assert commands(body) == []


def test_words_after_a_repeated_message_count_again() -> None:
    """Who answers below a quotation speaks for themselves."""
    assert commands("On Monday Ada wrote:\n> do this\n\n/aidp pause") == [("pause", "")]
    assert commands("<details>\n\nx\n\n</details>\n\n/aidp pause") == [("pause", "")]


@pytest.mark.parametrize("verb", ["tell", "answer", "reject", "fix", "plan", "build"])
def test_some_arguments_have_many_lines(verb: str) -> None:
    """Whoever explains something needs more than a line; the next command ends it, and quotations are left out."""
    below = "Use this:\n\n```py\nx = 1\n```\n\n- one\n- two"
    body = f"/aidp {verb} Listen.\n{below}\n\n> who said that\n\n<!-- hidden -->\n/aidp pause\nno more"
    assert commands(body) == [(verb, f"Listen.\n{below}"), ("pause", "")]


@pytest.mark.parametrize("verb", ["pause", "budget", "guard", "status", "retry"])
def test_other_arguments_end_with_their_line(verb: str) -> None:
    """What follows is conversation."""
    assert read(f"/aidp {verb} x\nand so on", "aidp") == Reading((CommandLine(verb, "x"),), text="and so on")


def test_five_commands_are_enough() -> None:
    """More are counted, so that they can be told."""
    reading = read("/aidp status\n" * 8, "aidp")
    assert (len(reading.commands), reading.dropped) == (5, 3)


def test_speaking_to_the_app_is_no_command() -> None:
    """The name is left out of what is said to it."""
    reading = read("> Which one?\n\n@aidp the old parser,\nplease `now`", "aidp")
    assert (reading.commands, reading.mentioned, reading.text) == ((), True, "the old parser,\nplease `now`")


@pytest.mark.parametrize(
    ("body", "mentioned"),
    [
        ("Please use the old parser, @aidp.", True),
        ("One\ntwo (@aidp[bot]) three", True),
        ("*@aidp* now", True),
        ("Ask `@aidp`", False),
        ("[@aidp](https://example.com)", False),
        ("> use it, @aidp", False),
        ("<!-- @aidp -->", False),
        ("me@aidp.example", False),
        ("@aidp-other and @aidpx", False),
    ],
)
def test_the_name_may_stand_anywhere(body: str, mentioned: bool) -> None:  # noqa: FBT001  # pytest's form
    """As people write; but not where it is quoted, code, or part of another name."""
    assert read(body, "aidp").mentioned is mentioned


def test_the_text_is_what_the_author_says() -> None:
    """Without quotations, hidden words and commands."""
    body = "> Which?\n\nThe first.\u200b\n\n/aidp status\n\n<!--\nx\n-->\nAnd `soon`."
    assert read(body, "aidp").text == "The first.\n\nAnd `soon`."
    assert len(read("é" * SIZE, "aidp").text.encode()) < MAX_TEXT_BYTES + 100
    assert len(read("/aidp tell " + "é" * SIZE, "aidp").commands[0].argument.encode()) < MAX_ARGUMENT_BYTES + 100


def test_an_app_of_another_name_has_its_own() -> None:
    """The name is GitHub's, the slash command ours; neither is a pattern."""
    assert [it.verb for it in read("@my-aidp pause\n@aidp pause\n/aidp status", "my-aidp").commands] == [
        "pause",
        "status",
    ]
    assert read("@myxaidp pause", "my.aidp").commands == ()


PIECES = (
    *(
        "/aidp",
        "@aidp",
        "pause",
        "tell",
        "nonsense",
        "7",
        "x",
        ">",
        "- ",
        "`",
        "```",
        "~~~",
        "<!--",
        "-->",
        "<details>",
    ),
    *("</details>", "<b ", "[", "](", ")", "*", "|", "---", "\\", "&#47;", "On x wrote:", "\u200b", "\ufeff", "\ud800"),
    *(" ", "    ", "\n", "\n\n", "\r", "\r\n", "\t", "\0", "\u00a0", "\u2028", "\x1b[31m"),
)
pieces = st.sampled_from(PIECES)


@settings(deadline=None)
@given(st.lists(pieces, max_size=25).map("".join) | st.text(max_size=60))
@example("\u00a0\n/aidp pause\n/aidp status")
def test_reading_never_fails(body: str) -> None:
    """Any text is read, in words that can be written down; each command stands in its own line."""
    reading = read(body, "aidp")
    for command in reading.commands:
        assert command.verb in {"help", "?"} or command.verb in body.lower()
        command.argument.encode()
    reading.text.encode()
    assert len(reading.commands) + reading.dropped <= body.lower().count("aidp")


@settings(deadline=None, max_examples=15)
@given(st.lists(pieces, min_size=1, max_size=4).map("".join))
@example("[")
@example("![")
@example("[x\n")
@example("<!--")
@example("`a")
@example("_*")
@example("> ")
@example("On x:\n")
@example("/aidp tell\n")
@example("<details>\n\n")
@example("a\n\n")
def test_reading_a_huge_comment_ends(unit: str) -> None:
    """However hostile, the largest comment is read in about a second, not in minutes."""
    body = (unit * (SIZE // len(unit) + 1))[:SIZE]
    started = time.process_time()
    read(body, "aidp")
    assert time.process_time() - started < SECONDS
