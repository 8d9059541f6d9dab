"""The sweep's hand on a real log: its pages, what repeats itself, what is too old."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from delivery_scene import HOUR, Scene
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.github.errors import APPEARS_WITHIN
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.demo.github.model import Delivery
from workflows.model import Failure
from workflows.model.delivery_log import Findings, Lost, Redelivery, Swept
from workflows.redelivery import PROBES


def lines(scene: Scene, count: int) -> list[Delivery]:
    """Write lines of webhooks that nobody took, one a second, the last of them an hour ago."""
    start = scene.github.world.now() - HOUR - timedelta(seconds=count)
    return [
        Delivery(
            id=scene.github.world.next_id(),
            guid=f"guid-{number}",
            event="issues",
            action="labeled",
            delivered_at=start + timedelta(seconds=number),
            duration=0.1,
            status="timed out",
            status_code=0,
            redelivery=False,
            installation_id=1,
            repository_id=1,
            headers={},
            payload=b"{}",
        )
        for number in range(count)
    ]


async def read(scene: Scene, before: Swept | None = None) -> Findings:
    """Read the log as a worker does."""
    return await ActivityEnvironment().run(scene.hand().read_delivery_log, before or Swept())


async def redeliver(scene: Scene, redelivery: Redelivery) -> tuple[str, ...]:
    """Ask as a worker does."""
    gone = await ActivityEnvironment().run(scene.hand().redeliver, redelivery)
    await scene.github.settle()
    return gone


async def test_the_log_is_read_to_its_end(scene: Scene) -> None:
    """Many pages are one log; everything in it is asked for once something gets through."""
    scene.log.extend(lines(scene, 250))
    async with scene.open_door():
        await scene.something_else()
    found = await read(scene)
    assert [it.guid for it in found.due] == [f"guid-{number}" for number in range(250)]


async def test_only_the_part_that_is_not_settled_is_read(scene: Scene) -> None:
    """The pages before are not asked for."""
    scene.log.extend(lines(scene, 450))
    calls = len(scene.github.calls)
    recently = scene.log[-50].delivered_at
    await read(scene, Swept(recently.isoformat()))
    assert len(scene.github.calls) - calls == 1


async def test_while_down_a_sweep_reads_what_is_new(scene: Scene) -> None:
    """A long outage is read once when it is found, and once when it is over."""
    scene.log.extend(lines(scene, 450))
    down = (await read(scene)).swept
    calls = len(scene.github.calls)
    still = await read(scene, down)
    assert len(scene.github.calls) - calls == 1
    assert still.most == 1
    assert len(still.due) == PROBES
    async with scene.open_door():
        await scene.something_else()
    assert len((await read(scene, still.swept)).due) == 450


async def test_a_repeated_activity_asks_once(scene: Scene) -> None:
    """Before it asks it looks into the log, so a second run, or a second sweep, changes nothing."""
    async with scene.past(HOUR):
        await scene.labelled()
    async with scene.open_door():
        await scene.something_else()
        first, second = await read(scene), await read(scene)
        assert first.due == second.due
        for found in (first, first, second):
            await redeliver(scene, Redelivery(found.due, found.read_at))
    assert scene.again() == [lost.guid for lost in first.due]


async def test_what_github_can_not_deliver_any_more_is_said(scene: Scene) -> None:
    """What has left the log is no error; the others are asked for all the same."""
    async with scene.past(HOUR):
        await scene.labelled()
    still = scene.log[0]
    lost = (Lost(999_999, "long-gone"), Lost(still.id, still.guid))
    assert await redeliver(scene, Redelivery(lost, scene.github.world.now().isoformat())) == ("long-gone",)
    assert scene.again() == [still.guid]


async def test_one_that_github_stumbles_over_holds_up_no_other(scene: Scene) -> None:
    """The others are asked for at once, and this one by the next sweep."""
    async with scene.past(HOUR):
        await scene.labelled()
    stumbled, *others = scene.log
    scene.github.faults.add(Fault(Kind.SERVER_ERROR, Where("POST", f"/{stumbled.id}/attempts$")))
    async with scene.open_door():
        await scene.something_else()
        found = await read(scene)
        assert await redeliver(scene, Redelivery(found.due, found.read_at)) == ()
        assert scene.again() == [it.guid for it in others]
        await redeliver(scene, Redelivery(found.due, found.read_at))
    assert scene.again() == [*(it.guid for it in others), stumbled.guid]


async def test_a_probe_that_github_stumbles_over_is_not_the_only_one(scene: Scene) -> None:
    """While nothing gets through, one is enough: the next one is asked for instead, and no further."""
    async with scene.past(HOUR):
        await scene.labelled()
        await scene.labelled()
    first, second, *_ = scene.log
    scene.github.faults.add(Fault(Kind.SERVER_ERROR, Where("POST", f"/{first.id}/attempts$"), When(count=2)))
    found = await read(scene)
    probes = Redelivery(found.due, found.read_at, found.most)
    await redeliver(scene, probes)
    await redeliver(scene, probes)
    assert scene.again() == [second.guid]


async def test_a_limit_that_is_reached_is_waited_for(scene: Scene) -> None:
    """What is said to the App itself ends the asking, with the time to wait; then the rest is asked for."""
    async with scene.past(HOUR):
        await scene.labelled()
    first, *others = scene.log
    async with scene.open_door():
        await scene.something_else()
        found = await read(scene)
        asked = Redelivery(found.due, found.read_at)
        scene.github.faults.add(Fault(Kind.TOO_MANY_REQUESTS, Where("POST", f"/{others[0].id}/attempts$")))
        with pytest.raises(ApplicationError) as refused:
            await redeliver(scene, asked)
        assert refused.value.type == Failure.RATE_LIMITED
        assert scene.again() == [first.guid]


async def test_credentials_that_do_not_work_are_told(scene: Scene) -> None:
    """Half a minute later the error says what to check, and is final."""
    later = ActivityEnvironment()
    later.info = replace(later.info, started_time=later.info.scheduled_time + APPEARS_WITHIN)
    with scene.wrong_key(), pytest.raises(ApplicationError, match="private key") as refused:
        await later.run(scene.hand().read_delivery_log, Swept())
    assert refused.value.type == Failure.AUTH_EXPIRED
    assert refused.value.non_retryable


async def test_the_items_of_deliveries_are_what_the_door_answered(scene: Scene) -> None:
    """Whoever answered something else, or nothing, had no item."""
    async with scene.open_door():
        number = await scene.labelled()
    scene.log.extend(lines(scene, 1))
    ids = tuple(it.id for it in scene.log)
    [item] = set(await ActivityEnvironment().run(scene.hand().read_recovered, (*ids, 999_999)))
    assert (item.repository_id, item.number) == (scene.story.repository.id, number)
    assert datetime.fromisoformat((await read(scene)).read_at) >= scene.log[0].delivered_at
