"""Payloads become hints, whatever they look like; JSON means what it says, or is refused."""

import json
from typing import Any

import pytest
from door_kit import labeled
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_app.events import EVENTS, SUMMARY_LENGTH, DoorPolicy, Hint, translate
from github_app.webhook import parse_object
from workflows.model import Actor, Delivery, EventKind, Item

steady = settings(deadline=None)  # a loaded machine is no finding
POLICY = DoorPolicy(trusted_bots=frozenset({99}))
BOT = {"id": 9, "login": "other[bot]", "type": "Bot"}
TRUSTED_BOT = {"id": 99, "login": "trusted[bot]", "type": "Bot"}

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
keys = st.text(max_size=5) | st.sampled_from(
    [
        "action",
        "id",
        "installation",
        "issue",
        "label",
        "login",
        "name",
        "number",
        "repository",
        "sender",
        "title",
        "type",
    ]
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
objects = st.dictionaries(keys, values, max_size=6)


def issues(payload: dict[str, Any]) -> Hint | None:
    """Translate a payload of `issues`."""
    return translate("issues", "d", payload, POLICY)


def test_our_label_starts_work() -> None:
    """A label with our prefix, put on by a person, says which item, who and which label."""
    assert issues(labeled()) == Hint(
        Delivery("d", EventKind.LABELED, Item(7, 42, 12), Actor(1, "octocat"), "aidp-build"),
        starts_work=True,
        summary="octo/hello#12 Say hello",
    )


@pytest.mark.parametrize(
    ("action", "kind", "label"),
    [
        ("unlabeled", EventKind.UNLABELED, "aidp-build"),
        ("closed", EventKind.CLOSED, ""),
        ("deleted", EventKind.CLOSED, ""),
        ("transferred", EventKind.CLOSED, ""),
    ],
)
def test_what_ends_work_starts_none(action: str, kind: EventKind, label: str) -> None:
    """These concern only what is running."""
    hint = issues(labeled(action=action))
    assert hint
    assert (hint.delivery.kind, hint.delivery.label, hint.starts_work) == (kind, label, False)


@pytest.mark.parametrize("action", ["opened", "edited", "reopened", "pinned", "LABELED", ""])
def test_other_actions_mean_nothing(action: str) -> None:
    """What no rule names is nobody's business."""
    assert issues(labeled(action=action)) is None


@pytest.mark.parametrize("event", ["issue_comment", "push", "ISSUES", "", "installation"])
def test_other_events_mean_nothing(event: str) -> None:
    """The table is all there is."""
    assert event not in EVENTS
    assert translate(event, "d", labeled(), POLICY) is None


def test_bots_are_heard_only_by_id() -> None:
    """A bot's label is nothing, unless the operator trusts its id; a name proves nothing."""
    assert issues(labeled(sender=BOT)) is None
    assert issues(labeled(sender=BOT | {"login": "trusted[bot]"})) is None
    assert issues(labeled(sender=BOT | {"type": "Organization"})) is None
    assert issues(labeled(sender=TRUSTED_BOT))


def test_only_labels_with_the_prefix_count_in_any_case() -> None:
    """GitHub's labels ignore case, so does the prefix; the name travels as it is written."""
    hint = issues(labeled(label={"name": "AIDP-Build"}))
    assert hint
    assert hint.delivery.label == "AIDP-Build"
    for name in ("bug", "my-aidp-build", "aidp", " aidp-build", ""):
        assert issues(labeled(label={"name": name})) is None
    payload = labeled(label={"name": "bot/build"})
    assert translate("issues", "d", payload, DoorPolicy(label_prefix="bot/"))


@pytest.mark.parametrize("number", [True, "12", 12.0, -1, 0, 2**53, None, [12], {"id": 12}])
@pytest.mark.parametrize("field", ["installation", "repository", "issue", "sender"])
def test_an_address_is_made_of_positive_integers(field: str, number: object) -> None:
    """Anything else is no address, though it may look like one."""
    payload = labeled()
    payload[field] = payload[field] | {"id": number, "number": number}
    assert issues(payload) is None


def test_a_summary_is_one_plain_line() -> None:
    """A stranger's title can not draw, link or turn the text of those who look on; it may be missing or endless."""
    title = "![x](y)\u202e<b>`|\r\n\tsecond  line \x1b[31m"
    hint = issues(labeled(issue={"number": 12, "title": title}))
    assert hint
    assert hint.summary == r"octo/hello#12 \!\[x\](y) \<b\>\`\| second line \[31m"
    repository = {"id": 42, "full_name": "octo/[hello](https://example.com)"}
    hint = issues(labeled(repository=repository, issue={"number": 12, "title": None}))
    assert hint
    assert hint.summary == "#12"
    hint = issues(labeled(issue={"number": 12, "title": "*" * 250}))
    assert hint
    assert len(hint.summary) == SUMMARY_LENGTH


@steady
@given(st.sampled_from(["issues", "push", ""]), objects)
def test_translation_never_fails(event: str, payload: dict[str, Any]) -> None:
    """Any JSON object means something or nothing."""
    assert isinstance(translate(event, "d", payload, POLICY), Hint | None)


@steady
@given(st.sampled_from(sorted(labeled())), values, st.sampled_from(["labeled", "unlabeled", "closed"]))
def test_a_payload_with_one_strange_part_never_fails(field: str, part: object, action: str) -> None:
    """And what it means can be written down by Temporal, and read by anyone."""
    hint = issues(labeled(action=action) | {field: part})
    if hint:
        json.dumps(hint.delivery.label).encode()
        hint.summary.encode()
        assert hint.delivery.item.mailbox_id.startswith("item:")
        assert len(hint.summary.splitlines()) == 1


@steady
@given(objects)
def test_valid_json_is_read_as_json_reads_it(payload: dict[str, Any]) -> None:
    """Strict does not mean different."""
    for body in (json.dumps(payload).encode(), json.dumps(payload, ensure_ascii=False, indent=1).encode()):
        assert parse_object(body) == json.loads(body) == payload


@steady
@given(st.binary(max_size=30) | st.text(alphabet='{}[]",:\\ tn01.eE-+u', max_size=30).map(str.encode))
@example(b"{}")
@example(b'{"":{}}')
def test_what_is_taken_is_what_json_reads(body: bytes) -> None:
    """Strict never takes what json would refuse, and never fails in another way."""
    try:
        taken = parse_object(body)
    except ValueError:
        return
    assert taken == json.loads(body.decode())


def test_depth_has_one_exact_limit() -> None:
    """64 levels are taken, 65 are not."""

    def nested(depth: int) -> bytes:
        return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)

    assert parse_object(nested(64))
    with pytest.raises(ValueError, match="deep"):
        parse_object(nested(65))
