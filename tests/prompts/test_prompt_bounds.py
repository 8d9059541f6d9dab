"""A prompt is bounded, whatever comes in, and says where something was cut."""

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.checks.plain import cut, plain
from activities.prompts.compose import MAX_BYTES, Composer, Material
from activities.prompts.excerpt import excerpt
from activities.prompts.quoting import code, fenced, visible
from activities.prompts.style_guide import StyleGuide
from workflows.model import (
    Category,
    CheckCommand,
    CheckResult,
    Instruction,
    Phase,
    Priority,
    PromptRequest,
    Source,
    Workspace,
)

WORKSPACE = Workspace("loop-1", Source(), "aidp-host-1", "/nowhere", "aidp/1", "main", "0" * 40, "0" * 40)
MARKDOWN = st.lists(st.sampled_from(["`", "```", "~~~", "\n", "<!--", "-->", "a", "> ", " "])).map("".join) | st.text()


def huge(letter: str) -> Material:
    """Return material that is larger than any prompt in every respect."""
    text = letter * 60_000
    failed = CheckResult(
        text[:300], Category.TEST, passed=False, required=True, summary=text, failures=(text[:200],) * 50
    )
    request = PromptRequest(
        WORKSPACE,
        1_000_000,
        1_000_000,
        failed=(failed,) * 30,
        instructions=(Instruction(text, Priority.CRITICAL, text), *(Instruction("x", author=text),) * 1000),
        remark=text,
        checks=(CheckCommand(text, text, phase=Phase.FULL_LOOP, required=False),) * 100,
    )
    excerpts = (*(cut(text, 6_000),) * 3, cut(text, 2_000), *("",) * 26)
    return Material(request, text, excerpts, StyleGuide("docs/LLM_STYLE_GUIDE.md", text))


def test_a_prompt_never_outgrows_its_limit() -> None:
    """Ten times too much of everything, in letters of four bytes or in backticks only, still fits."""
    for letter in ("x", "\U0001f600", "`", "x\n"):
        assert len(Composer().compose(huge(letter)).encode()) <= MAX_BYTES


def test_what_was_cut_is_said() -> None:
    """Nobody takes a part for the whole."""
    prompt = Composer().compose(huge("x"))
    assert prompt.count("[cut here: ") >= 5
    assert "and 80 more that are cut from this list" in prompt
    assert "20 more failed; they are cut from this prompt." in prompt
    assert "There is no room here for " in prompt
    assert prompt.endswith("the line before\n")


@given(MARKDOWN)
def test_fences_hold(text: str) -> None:
    """No line inside of the fences is as long a run of backticks as they are."""
    first, *inside, last = fenced(text, "text").split("\n")
    assert first == f"{last}text"
    assert not any(last in line for line in inside)


@given(st.text(alphabet="`ab \n\x1b\U0001f600", max_size=300))
def test_code_is_one_line_that_ends_where_it_should(text: str) -> None:
    """A check's name or command can not break out of its place in a sentence."""
    shown = code(text)
    ticks = shown[: len(shown) - len(shown.lstrip("`"))]
    assert "\n" not in shown
    assert shown.endswith(ticks)
    assert ticks not in shown[len(ticks) : -len(ticks)].replace(f"`{ticks}", "")


@given(MARKDOWN)
def test_no_comment_survives(text: str) -> None:
    """After reading a task as GitHub shows it, there is nothing left to hide."""
    shown = visible(text)
    assert "-->" not in shown.partition("<!--")[2]
    assert visible(shown) == shown


@given(st.text())
def test_plain_text_is_plain(text: str) -> None:
    """Escape sequences and control characters are gone, and it can be written to a file."""
    shown = plain(f"\x1b[1;31m{text}\x1b[0m\ud800")
    assert plain(shown) == shown
    assert not set(map(chr, range(32))) & set(shown) - {"\n", "\t"}
    assert shown.encode()


LINES = st.lists(st.sampled_from(["ok", "E   assert", "___ test_x ___", "error: no", "", "x" * 900]), max_size=300)


@settings(deadline=None)
@given(LINES, st.integers(100, 2_000))
def test_an_excerpt_fits(lines: list[str], limit: int) -> None:
    """An excerpt keeps its limit, and a short log is kept whole."""
    log = "\n".join(lines)
    shown = excerpt(log, ("tests/test_a.py::test_x",), limit)
    assert len(shown) <= limit
    assert len(log.strip()) > limit or shown.strip() == log.strip()


def test_an_excerpt_shows_the_first_failure_and_the_end() -> None:
    """Of a long log an agent sees where the failure is told and how it ends, not how it begins."""
    before = "\n".join(f"before {number}" for number in range(2_000))
    after = "\n".join(f"after {number}" for number in range(2_000))
    log = f"{before}\n____ test_goodbye ____\n\nE   assert 'Hi' == 'Bye'\n{after}\n1 failed, 4000 passed\n"
    shown = excerpt(log, ("tests/test_a.py::test_goodbye",), 1_000)
    assert "E   assert 'Hi' == 'Bye'" in shown
    assert shown.startswith("[… 1998 lines left out …]\n")
    assert "after 1000" not in shown
    assert shown.endswith("after 1999\n1 failed, 4000 passed")
    assert "before 0" not in shown
