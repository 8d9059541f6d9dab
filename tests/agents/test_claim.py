"""The agent's own claim is the last `STATUS:` line of its answer, and silence claims nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.agents.claim import claim_of
from workflows.model import Claim

decoration = st.sampled_from(["", " ", "**", "> ", "- ", "`", "## ", "__"])


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("STATUS: COMPLETE", Claim.COMPLETE),
        ("Done.\n\n**Status:** complete\n", Claim.COMPLETE),
        ("> `STATUS: Complete.`", Claim.COMPLETE),
        ("STATUS: COMPLETE\nSTATUS: CONTINUE", Claim.CONTINUE),
        ("STATUS: CONTINUE\n\nLater:\nSTATUS: COMPLETE\nThank you.", Claim.COMPLETE),
        ("STATUS: BLOCKED - I need the password of the database", Claim.BLOCKED),
        ("STATUS: CONTINUE (two tests are left)", Claim.CONTINUE),
        ("STATUS: COMPLETE, except for the tests", Claim.CONTINUE),
        ("End with STATUS: COMPLETE when you are done", Claim.CONTINUE),
        ("STATUS: COMPLETE|CONTINUE|BLOCKED", Claim.CONTINUE),
        ("STATUS: BLOCKED | CONTINUE", Claim.CONTINUE),
        ("STATUS: COMPLETED", Claim.CONTINUE),
        ("MY STATUS: COMPLETE", Claim.CONTINUE),
        ("", Claim.CONTINUE),
    ],
)
def test_the_last_status_line_is_the_claim(text: str, claim: Claim) -> None:
    """Markdown is tolerated and a reason may follow, but a quoted instruction or a half claim is none."""
    assert claim_of(text) is claim


@given(before=st.text(), claim=st.sampled_from(Claim), left=decoration, right=decoration, lower=st.booleans())
def test_any_answer_can_end_with_a_claim(before: str, claim: Claim, left: str, right: str, *, lower: bool) -> None:
    """What came before does not matter, nor do letter case and decoration."""
    line = f"{left}STATUS:{right} {claim.value if lower else claim.value.upper()} {right}"
    assert claim_of(f"{before}\n{line}\n") is claim


@given(st.text(st.characters(exclude_characters=":")))
def test_without_a_status_line_there_is_more_to_do(text: str) -> None:
    """Nothing else counts as a claim, however long or strange."""
    assert claim_of(text) is Claim.CONTINUE


def test_a_line_of_a_megabyte_is_read_in_time() -> None:
    """An agent that prints nothing but decoration costs no more than it prints."""
    assert claim_of("*" * 1_000_000 + "STATUS: COMPLETE" + "_" * 1_000_000) is Claim.COMPLETE
