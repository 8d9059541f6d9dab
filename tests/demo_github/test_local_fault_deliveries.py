"""Webhooks that are lost, doubled, late or in disorder."""

import pytest
from local_scene import Scene

from github_app.demo.github.faults import Fault, FaultPlan, Kind, When, Where

COMMENTED = Where(event="issue_comment")
ALL = When(count=None)


async def comment(scene: Scene, *texts: str) -> list[str]:
    """Let a person comment; return what was told of it, in the order it arrived."""
    before = len(scene.mailbox.letters)
    for text in texts:
        await scene.github.comment(scene.repo, 1, "ada", text)
    await scene.github.settle()
    letters = scene.mailbox.letters[before:]
    return [letter.json["comment"]["body"] for letter in letters if letter.event == "issue_comment.created"]


async def test_a_lost_delivery_leaves_no_trace_at_github(scene: Scene) -> None:
    """Not sent, not in the log of deliveries; only this GitHub's own log of faults knows."""
    scene.github.faults.add(Fault(Kind.DELIVERY_LOST, COMMENTED))
    logged = len(scene.github.deliveries)
    assert await comment(scene, "a", "b") == ["b"]
    assert len(scene.github.deliveries) == logged + 1
    assert [(each.kind, each.what) for each in scene.github.faults.injected] == [
        (Kind.DELIVERY_LOST, "issue_comment.created")
    ]


@pytest.mark.parametrize(("status", "words"), [(0, "failed to connect to host"), (502, "Invalid HTTP Response: 502")])
async def test_a_failed_delivery_can_be_redelivered(scene: Scene, status: int, words: str) -> None:
    """It is in the log with the reason, and goes out when asked for."""
    scene.github.faults.add(Fault(Kind.DELIVERY_FAILED, COMMENTED, status=status))
    assert await comment(scene, "a") == []
    failed = scene.github.deliveries[-1]
    assert (failed.status_code, failed.status, failed.redelivery) == (status, words, False)
    assert failed.guid == scene.github.faults.injected[0].guid
    await scene.request_as(scene.jwt(), "POST", f"/app/hook/deliveries/{failed.id}/attempts")
    assert await comment(scene) == ["a"]
    assert (scene.github.deliveries[-1].guid, scene.github.deliveries[-1].status) == (failed.guid, "OK")


@pytest.mark.parametrize(
    ("kind", "flags"),
    [(Kind.DELIVERY_DUPLICATED, [False, False, False]), (Kind.DELIVERY_REDELIVERED, [False, True, True])],
)
async def test_a_delivery_comes_more_than_once(scene: Scene, kind: Kind, flags: list[bool]) -> None:
    """Under one GUID with one body; as a redelivery or without a word."""
    scene.github.faults.add(Fault(kind, COMMENTED, times=2))
    assert await comment(scene, "a") == ["a"] * 3
    last = scene.github.deliveries[-3:]
    assert [delivery.redelivery for delivery in last] == flags
    assert len({(delivery.guid, delivery.payload) for delivery in last}) == 1


async def test_a_late_delivery_is_overtaken(scene: Scene) -> None:
    """The next one does not wait for it."""
    scene.github.faults.add(Fault(Kind.DELIVERY_DELAYED, COMMENTED, seconds=0.1))
    assert await comment(scene, "a", "b") == ["b", "a"]


async def test_deliveries_held_back_together_go_out_in_another_order(scene: Scene) -> None:
    """Three by three, each time in disorder, and none is lost; what is left over goes out in the end."""
    scene.github.faults.add(Fault(Kind.DELIVERIES_REORDERED, COMMENTED, ALL, times=3, seconds=0.2))
    told = await comment(scene, *"abcdefg")
    assert sorted(told) == list("abcdefg")
    assert set(told[:3]) == set("abc")
    assert told[:3] != list("abc")
    assert told[6] == "g"


async def test_the_next_few_of_an_action_are_hit(scene: Scene) -> None:
    """By event and action, so many."""
    scene.github.faults.add(Fault(Kind.DELIVERY_LOST, Where(event="issues.labeled"), When(count=2)))
    for label in ("a", "b", "c"):
        await scene.github.label_issue(scene.repo, 1, label)
    assert await comment(scene, "x") == ["x"]
    assert scene.mailbox.events[-2:] == ["issues.labeled", "issue_comment.created"]
    assert scene.mailbox.last("issues.labeled")["label"]["name"] == "c"


async def test_the_same_seed_loses_the_same_deliveries(scene: Scene) -> None:
    """And another seed others."""

    async def told(seed: int) -> list[str]:
        scene.github.faults.clear()
        fault = Fault(Kind.DELIVERY_LOST, COMMENTED, When(count=None, probability=0.5))
        scene.github.faults.follow(FaultPlan(seed, (fault,)))
        return await comment(scene, *"abcdefghij")

    first = await told(3)
    assert 0 < len(first) < 10
    assert await told(3) == first
    assert await told(4) != first
