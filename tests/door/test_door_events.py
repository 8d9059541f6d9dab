"""Payloads become hints, whatever they look like; JSON means what it says, or is refused."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from door_kit import full, labeled
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_app.events import EVENTS, DoorPolicy, Hint, Start, translate
from github_app.events.notice import SUMMARY_LENGTH
from github_app.webhook import parse_object
from workflows.model import Actor, Delivery, EventKind, Item
from workflows.work_item import MailboxState

steady = settings(deadline=None)  # a loaded machine is no finding
POLICY = DoorPolicy(trusted_bots=frozenset({99}))
BOT = {"id": 9, "login": "other[bot]", "type": "Bot"}
TRUSTED_BOT = {"id": 99, "login": "trusted[bot]", "type": "Bot"}

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NAMES = (
    *(
        "action",
        "after",
        "body",
        "branches",
        "check_run",
        "comment",
        "conclusion",
        "external_id",
        "head",
        "head_sha",
        "id",
        "identifier",
    ),
    *("installation", "issue", "label", "login", "name", "number", "pull_request", "ref", "repo", "repositories"),
    *("repositories_added", "repository", "requested_action", "review", "sender", "sha", "state", "title", "type"),
)
keys = st.text(max_size=5) | st.sampled_from(NAMES)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
objects = st.dictionaries(keys, values, max_size=6)


def issues(payload: dict[str, Any]) -> Hint | None:
    """Translate a payload of `issues`, which means one thing at most."""
    hints = translate("issues", "d", payload, POLICY)
    assert len(hints) <= 1
    return hints[0] if hints else None


def told(hint: Hint | None) -> Delivery:
    """Read the delivery of a hint for a mailbox."""
    assert hint
    assert isinstance(hint.argument, Delivery)
    assert (hint.workflow_id, hint.signal) == (hint.argument.item.mailbox_id, "deliver")
    return hint.argument


def test_our_label_starts_work() -> None:
    """A label with our prefix, put on by a person, says which item, who and which label."""
    item = Item(7, 42, 12)
    delivery = Delivery("d", EventKind.LABELED, item, Actor(1, "octocat"), "aidp-build")
    start = Start("WorkItemWorkflow", MailboxState(item), "octo/hello#12 Say hello")
    assert issues(labeled()) == Hint("item:42#12", "deliver", delivery, start, item)


@pytest.mark.parametrize("event", ["issues", "pull_request"])
@pytest.mark.parametrize(
    ("action", "kind", "label"),
    [
        ("unlabeled", EventKind.UNLABELED, "aidp-build"),
        ("reopened", EventKind.REOPENED, ""),
        ("edited", EventKind.EDITED, ""),
    ],
)
def test_what_happens_to_an_item_starts_no_work(event: str, action: str, kind: EventKind, label: str) -> None:
    """These concern only what is running, on issues and pull requests alike."""
    payload = labeled(action=action)
    payload["pull_request"] = payload["issue"]
    [hint] = translate(event, "d", payload, POLICY)
    assert (told(hint).kind, told(hint).label, hint.start) == (kind, label, None)


@pytest.mark.parametrize(
    ("event", "action", "kind"),
    [
        ("issues", "closed", EventKind.CLOSED),
        ("pull_request", "closed", EventKind.CLOSED),
        ("issues", "deleted", EventKind.GONE),
        ("issues", "transferred", EventKind.GONE),
    ],
)
def test_what_is_closed_or_gone_is_told_to_its_mailbox_and_to_who_waits_for_it(
    event: str, action: str, kind: EventKind
) -> None:
    """Where it is gone nothing can be written any more, which is another end than being closed; neither starts work."""
    payload = labeled(action=action)
    payload["pull_request"] = payload["issue"]
    mailbox, watch = translate(event, "d", payload, POLICY)
    assert (told(mailbox).kind, mailbox.start, watch.start) == (kind, None, None)
    assert (watch.workflow_id, watch.signal, watch.argument) == ("closing:42#12", "news", "d")


def test_a_pull_request_starts_work_by_a_label_and_tells_of_its_new_head() -> None:
    """The label is read as on issues; a push brings the commit, whoever pushed."""
    payload = labeled(pull_request={"number": 3, "title": "Add it", "head": {"sha": "a" * 40}})
    [hint] = translate("pull_request", "d", payload, POLICY)
    assert (told(hint).item, bool(hint.start)) == (Item(7, 42, 3), True)
    [hint] = translate("pull_request", "d", payload | {"action": "synchronize", "sender": BOT}, POLICY)
    assert (told(hint).kind, told(hint).sha, hint.start) == (EventKind.PUSHED, "a" * 40, None)


@pytest.mark.parametrize(
    ("action", "labels", "opens"),
    [
        ("converted_to_draft", [{"name": "bug"}, {"name": "AIDP-ready"}], True),
        ("converted_to_draft", [{"name": "bug"}, None, 7], False),
        ("converted_to_draft", None, False),
        ("ready_for_review", [{"name": "aidp-ready"}], False),
    ],
)
def test_what_a_person_makes_of_a_draft_is_told(action: str, labels: object, opens: bool) -> None:  # noqa: FBT001  # a table
    """A label of ours on a draft has to be looked at also where nothing runs; no bot says what is ready."""
    payload = labeled(action=action, pull_request={"number": 3, "labels": labels})
    [hint] = translate("pull_request", "d", payload, POLICY)
    assert (told(hint).kind, told(hint).item, bool(hint.start)) == (EventKind(action), Item(7, 42, 3), opens)
    assert translate("pull_request", "d", payload | {"sender": BOT}, POLICY) == ()


@pytest.mark.parametrize("action", ["opened", "pinned", "LABELED", ""])
def test_other_actions_mean_nothing(action: str) -> None:
    """What no rule names is nobody's business."""
    assert issues(labeled(action=action)) is None


@pytest.mark.parametrize("event", ["label", "fork", "ISSUES", "", "deployment_status"])
def test_other_events_mean_nothing(event: str) -> None:
    """The table is all there is."""
    assert event not in EVENTS
    assert translate(event, "d", labeled(), POLICY) == ()


def test_our_own_bot_is_never_heard() -> None:
    """Not even if somebody lists its id: it would answer itself."""
    us = {"id": 99, "login": "aidp[bot]", "type": "Bot"}
    assert issues(labeled(sender=us)) is None


def test_bots_are_heard_only_by_id() -> None:
    """A bot's label is nothing, unless the operator trusts its id; a name proves nothing."""
    assert issues(labeled(sender=BOT)) is None
    assert issues(labeled(sender=BOT | {"login": "trusted[bot]"})) is None
    assert issues(labeled(sender=BOT | {"type": "Organization"})) is None
    assert issues(labeled(sender=TRUSTED_BOT))


def test_only_labels_with_the_prefix_count_in_any_case() -> None:
    """GitHub's labels ignore case, so does the prefix; the name travels as it is written."""
    assert told(issues(labeled(label={"name": "AIDP-Build"}))).label == "AIDP-Build"
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


def summary(**changes: Any) -> str:  # noqa: ANN401  # JSON
    """Read how people will see the item."""
    hint = issues(labeled(**changes))
    assert hint
    assert hint.start
    return hint.start.summary


def test_a_summary_is_one_plain_line() -> None:
    """A stranger's title can not draw, link or turn the text of those who look on; it may be missing or endless."""
    title = "![x](y)\u202e<b>`|\r\n\tsecond  line \x1b[31m"
    assert summary(issue={"number": 12, "title": title}) == r"octo/hello#12 \!\[x\](y) \<b\>\`\| second line \[31m"
    repository = {"id": 42, "full_name": "octo/[hello](https://example.com)"}
    assert summary(repository=repository, issue={"number": 12, "title": None}) == "#12"
    assert len(summary(issue={"number": 12, "title": "*" * 250})) == SUMMARY_LENGTH


ACTIONS = ("completed", "created", "deleted", "labeled", "requested_action", "submitted", "synchronize", "unlabeled")


@steady
@given(st.sampled_from([*EVENTS, ""]), objects)
def test_translation_never_fails(event: str, payload: dict[str, Any]) -> None:
    """Any JSON object means something or nothing."""
    assert isinstance(translate(event, "d", payload, POLICY), tuple)


@steady
@given(st.sampled_from([*EVENTS]), st.sampled_from(ACTIONS), st.sampled_from(NAMES), values)
def test_a_payload_with_one_strange_part_never_fails(event: str, action: str, field: str, part: object) -> None:
    """And what it means can be written down by Temporal, and read by anyone."""
    for hint in translate(event, "d", full(action) | {field: part}, POLICY):
        json.dumps(asdict(hint)).encode()
        assert hint.workflow_id.partition(":")[0] in {"ci", "closing", "item", "repo"}
        assert len((hint.start.summary if hint.start else "").splitlines()) <= 1


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
