"""Webhooks that nobody took are asked for again, and people read that they were."""

import pytest
from delivery_scene import DAY, HOUR, Scene
from pydantic import SecretStr
from story_kit import script, until
from temporalio.client import WorkflowFailureError

from github_app.demo.github.webhooks import redeliver

RIGHT = script("echo right > answer.txt; echo 'STATUS: COMPLETE'")


async def test_a_webhook_that_nobody_took_is_recovered(scene: Scene) -> None:
    """The label of an hour ago gets its work, and one note says since when nothing was heard."""
    async with scene.past(HOUR):
        number = await scene.labelled(RIGHT, by="ada")
    lost, first = scene.guids(), scene.log[0]
    assert set(scene.statuses()) == {0}
    async with scene.open_door():
        await scene.sweep()
        await scene.sweep()
        await scene.story.ending(number, "Done")
        await scene.sweep()
        await until(lambda: scene.missed(number))
        await scene.sweep()
    assert scene.missed(number) == [(f"{first.delivered_at:%Y-%m-%d %H:%M}", 1)]
    assert [scene.tries()[guid] for guid in lost] == [2] * len(lost)
    assert len(scene.story.pull_requests()) == 1


async def test_almost_three_days_of_being_down_are_recovered(scene: Scene) -> None:
    """Everything that happened meanwhile arrives, oldest first, and each issue says once what it missed."""
    numbers = list[int]()
    for days in (2.9, 2, 1):
        async with scene.past(days * DAY):
            numbers.append(await scene.labelled())
    async with scene.past(HOUR):
        await scene.github.close_issue(scene.story.repository, numbers[0])
    lost = scene.guids()
    async with scene.open_door():
        for _ in range(3):
            await scene.sweep()
        told = [await until(lambda number=number: scene.missed(number)) for number in numbers]
    assert scene.again() == lost
    assert {len(notes) for notes in told} == {1}
    assert told[0][0][1] > told[1][0][1] == told[2][0][1]
    assert any("write" in text for text in scene.story.comments(numbers[1]))


async def test_while_nothing_gets_through_one_webhook_at_a_time_is_tried(scene: Scene) -> None:
    """With the door closed a sweep asks for one webhook, the next sweep for another one, and none is told of."""
    async with scene.past(HOUR):
        number = await scene.labelled()
    for _ in range(3):
        await scene.sweep()
    assert sorted(scene.again()) == sorted(scene.guids())
    assert scene.missed(number) == []


async def test_a_long_outage_uses_up_no_attempts(scene: Scene) -> None:
    """What was tried many times while nothing got through is delivered once something does."""
    async with scene.past(6 * HOUR):
        number = await scene.labelled()
    lost = list(scene.log)
    for hours in (5, 4, 3, 2, 1):
        async with scene.past(hours * HOUR):
            for delivery in lost:
                redeliver(scene.github.world, delivery)
    async with scene.open_door():
        await scene.something_else()
        await scene.sweep()
        await scene.sweep()
        await until(lambda: scene.missed(number))
    assert [scene.tries()[it.guid] for it in lost] == [7] * len(lost)


async def test_what_a_wrong_secret_refused_arrives_when_it_is_mended(scene: Scene) -> None:
    """It is an outage like any other: nobody has to know which webhooks were refused meanwhile."""
    async with scene.open_door(github_webhook_secret=(SecretStr("the secret of another App, by mistake"),)):
        async with scene.past(HOUR):
            await scene.labelled()
        await scene.sweep()
    assert set(scene.statuses()) == {401}
    lost, [probe] = scene.guids(), scene.again()
    async with scene.open_door():
        await scene.something_else()
        await scene.sweep()
    assert scene.again() == [probe, *(guid for guid in lost if guid != probe)]
    assert 401 not in scene.statuses()[len(lost) + 1 :]


async def test_where_nothing_was_lost_nothing_is_asked_for(scene: Scene) -> None:
    """What was taken is not delivered again, and nobody is told anything."""
    async with scene.open_door():
        async with scene.past(HOUR):
            number = await scene.labelled()
        await scene.sweep()
        await scene.sweep()
    assert scene.again() == []
    assert scene.missed(number) == []


async def test_a_sweep_goes_on_where_the_last_whole_one_got_to(scene: Scene) -> None:
    """What is settled is not looked at again, and a sweep that could not read the log moves nothing on."""
    async with scene.open_door():
        await scene.labelled()
        first = await scene.sweep()
        with scene.wrong_key(), pytest.raises(WorkflowFailureError):
            await (await scene.begin_sweep()).result()
        second = await scene.sweep()
    assert second.since > first.since
    looks = await scene.looks_of_sweeps()
    assert looks == ["", first.since, first.since]
