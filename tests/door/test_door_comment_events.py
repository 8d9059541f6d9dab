"""What people write becomes a hint without its text; only what may hold a command opens a mailbox."""

import hashlib
from typing import Any

import pytest
from door_kit import full
from hypothesis import example, given, settings
from hypothesis import strategies as st

from activities.github.command_lines import read
from github_app.events import DoorPolicy, Hint, translate
from github_app.events.notice import Notice
from workflows.model import Delivery, EventKind, Item, Surface

PLACES = {
    "issue_comment": ("created", "comment", Item(7, 42, 12), Surface.CONVERSATION),
    "pull_request_review": ("submitted", "review", Item(7, 42, 3), Surface.REVIEW),
    "pull_request_review_comment": ("created", "comment", Item(7, 42, 3), Surface.INLINE),
}
POLICY = DoorPolicy(trusted_bots=frozenset({99}))


def written(event: str, body: object, **changes: Any) -> tuple[Hint, ...]:  # noqa: ANN401  # JSON
    """Translate an event in which somebody wrote this, and asked for no changes."""
    action, noun, _, _ = PLACES[event]
    return translate(
        event, "d", full(action, **{noun: {"id": 5, "body": body, "state": "commented"}}, **changes), POLICY
    )


def deliveries(hints: tuple[Hint, ...]) -> list[tuple[Delivery, bool]]:
    """Read what each hint tells a mailbox, and whether it opens one."""
    return [(hint.argument, bool(hint.start)) for hint in hints if isinstance(hint.argument, Delivery)]


@pytest.mark.parametrize("event", PLACES)
def test_a_command_opens_the_mailbox_wherever_it_is_written(event: str) -> None:
    """The hint says where the comment is and what it said at first; its text stays on GitHub."""
    _, _, item, surface = PLACES[event]
    body = "Please:\r\n\r\n/aidp build with care\r\n"
    [(delivery, opens)] = deliveries(written(event, body))
    assert (delivery.kind, delivery.item, opens) == (EventKind.COMMENTED, item, True)
    assert delivery.comment
    assert (delivery.comment.id, delivery.comment.surface) == (5, surface)
    assert delivery.comment.digest == hashlib.sha256(body.encode()).hexdigest()


@pytest.mark.parametrize("event", PLACES)
def test_other_words_are_for_running_work_only(event: str) -> None:
    """Work may wait for an answer; where none runs, a conversation is nobody's business."""
    [(delivery, opens)] = deliveries(written(event, "I think /aidp build would be good"))
    assert (delivery.kind, opens) == (EventKind.COMMENTED, False)


@pytest.mark.parametrize("event", PLACES)
@pytest.mark.parametrize("action", ["edited", "deleted", "dismissed", "pinned"])
def test_what_becomes_of_a_comment_later_means_nothing(event: str, action: str) -> None:
    """An edited comment is never a command: somebody may have reacted to what it said before."""
    _, noun, _, _ = PLACES[event]
    assert translate(event, "d", full(action, **{noun: {"id": 5, "body": "/aidp build"}}), POLICY) == ()


@pytest.mark.parametrize("event", PLACES)
def test_bots_are_heard_only_if_listed_and_we_never(event: str) -> None:
    """A bot that quotes a command gives none; two of them can not keep each other busy."""
    bot = {"id": 9, "login": "other[bot]", "type": "Bot"}
    assert written(event, "/aidp build", sender=bot) == ()
    assert written(event, "/aidp build", sender=bot | {"id": 99}) != ()
    assert written(event, "/aidp build", sender=bot | {"id": 99, "login": "AIDP[bot]"}) == ()


@pytest.mark.parametrize("body", [None, "", 7, ["/aidp"], "/aidp build" + " " * 262_144])
def test_a_comment_that_says_nothing_readable_means_nothing(body: object) -> None:
    """Most reviews have no text at all."""
    for event in PLACES:
        assert written(event, body) == ()


def test_a_review_can_mean_two_things() -> None:
    """Its text is a comment, its verdict a wish for changes: two deliveries, each once."""
    hints = translate("pull_request_review", "d", full("submitted"), POLICY)
    assert [(it.id, it.kind, opens) for it, opens in deliveries(hints)] == [
        ("d", EventKind.COMMENTED, True),
        ("d/2", EventKind.REVIEWED, True),
    ]
    assert [it.names for it, _ in deliveries(hints)][1] == ("d/2", "review:5")
    only = full("submitted", review={"id": 5, "body": None, "state": "changes_requested"})
    assert [it.id for it, _ in deliveries(translate("pull_request_review", "d", only, POLICY))] == ["d"]
    for state in ("approved", "commented", "dismissed"):
        none = full("submitted", review={"id": 5, "body": None, "state": state})
        assert translate("pull_request_review", "d", none, POLICY) == ()


@pytest.mark.parametrize(
    "head",
    [{"ref": "feature", "repo": {"id": 42}}, {"ref": "aidp/issue-1", "repo": {"id": 43}}, {"ref": "aidp/x"}, None],
)
def test_a_wish_for_changes_begins_work_only_on_our_own_branches(head: object) -> None:
    """A person's branch, or one of a fork with a name like ours, is not ours to change unasked."""
    payload = full(
        "submitted", review={"id": 5, "state": "CHANGES_REQUESTED"}, pull_request={"number": 3, "head": head}
    )
    [(delivery, opens)] = deliveries(translate("pull_request_review", "d", payload, POLICY))
    assert (delivery.kind, opens) == (EventKind.REVIEWED, False)


@pytest.mark.parametrize(
    ("body", "may"),
    [
        ("/aidp", True),
        ("/AIDP Pause", True),
        ("text\n  /aidp pause", True),
        ("text\r/aidp pause", True),
        ("\u00a0/aidp pause", True),
        ("@aidp pause", True),
        ("@aidp[bot]: pause", True),
        ("/aidpx pause", False),
        ("/aidp/pause", False),
        ("@aidp-two pause", False),
        ("x /aidp pause", False),
        ("\u200b/aidp pause", False),
        ("\uff0faidp pause", False),
        ("/a\u0131dp pause", False),
        ("> /aidp pause", False),
    ],
)
def test_what_may_be_a_command(body: str, may: bool) -> None:  # noqa: FBT001  # a table
    """The door looks at the beginnings of lines; whoever reads the comment decides."""
    assert Notice("d", {"comment": {"body": body}}, POLICY).may_command("comment") is may


pieces = st.sampled_from(
    [
        "/aidp",
        "@aidp",
        "[bot]",
        " ",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\u00a0",
        "\u2028",
        ">",
        "`",
        "- ",
        "pause",
        ":",
        "<b>",
        "\\",
        "x",
    ]
)


@settings(deadline=None)
@given(st.lists(pieces, max_size=12).map("".join))
@example("x\u2028/aidp pause")
def test_the_door_lets_every_command_through(body: str) -> None:
    """Whatever the careful reading takes for a command, the quick look has not turned away."""
    if read(body, "aidp").commands:
        assert Notice("d", {"comment": {"body": body}}, POLICY).may_command("comment")


@pytest.mark.parametrize("unit", [" ", "\n", "\r\n ", "/aidp", "@", "/aidp/", "\u00a0\n"])
def test_a_look_at_a_huge_comment_is_short(unit: str) -> None:
    """No pattern makes the look go back and forth: a test suite that ends is the proof."""
    body = unit * (262_144 // len(unit))
    assert not Notice("d", {"comment": {"body": body}}, POLICY).may_command("comment")
