"""Part `storm`: webhooks lost, repeated, late and in any order lead to what the same webhooks in order lead to.

People act first, so that GitHub is in its last state; then the webhooks go out, clean or not. What is lost, the sweep
of the delivery log brings; what has left no trace there, reconciliation.
"""

import json
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chaos_scene import Scene, Trial
from picture import picture
from pulls_story import open_pull, review
from story_kit import LABEL, NOWHERE, PERSON, STRANGER, Story, script
from table import Case
from whole_story import SHORT_FILES

from github_app.demo.github import Edit
from github_app.demo.github.faults import Fault, FaultPlan, Kind, When
from github_app.demo.github.model import Delivery
from github_app.demo.github.webhooks import redeliver

PART = "storm"
COPIES = 5
MOST_LOST = 0.5
FORGOTTEN = 0.3
RIGHT = script("echo right > answer.txt; echo 'STATUS: COMPLETE'")

Act = Callable[[Story, int], Awaitable[object]]


async def built(story: Story, number: int) -> None:
    """Label it."""
    await story.label(number)


async def built_at_the_second_go(story: Story, number: int) -> None:
    """Label it, take the label off, put it on."""
    await story.label(number)
    await story.github.unlabel_issue(story.repository, number, LABEL, by=PERSON)
    await story.label(number)


async def built_after_all(story: Story, number: int) -> None:
    """Label it, close it, open it again."""
    await story.label(number)
    await story.github.close_issue(story.repository, number, by=PERSON)
    await story.github.reopen_issue(story.repository, number, by=PERSON)


async def built_as_edited(story: Story, number: int) -> None:
    """Label it, and find a better title."""
    await story.label(number)
    await story.github.edit_issue(story.repository, number, Edit(title="Make it better"), by=PERSON)


async def commanded(story: Story, number: int) -> None:
    """Write the command."""
    await story.github.comment(story.repository, number, PERSON, "/aidp build")


async def withdrawn(story: Story, number: int) -> None:
    """Label it, and think again."""
    await story.label(number)
    await story.github.unlabel_issue(story.repository, number, LABEL, by=PERSON)


async def closed(story: Story, number: int) -> None:
    """Label it and close it."""
    await story.label(number)
    await story.github.close_issue(story.repository, number, by=PERSON)


async def refused(story: Story, number: int) -> None:
    """Let somebody label it who may not."""
    await story.label(number, STRANGER)


async def mistyped(story: Story, number: int) -> None:
    """Write what is no command."""
    await story.github.comment(story.repository, number, PERSON, "/aidp biuld")


async def talked_about(story: Story, number: int) -> None:
    """Say something that is no business of ours."""
    await story.github.comment(story.repository, number, STRANGER, "Me too.")
    await story.label(number, label="bug")


async def reviewed(story: Story, number: int) -> None:
    """Open a pull request, ask for changes, and have them made."""
    pull = await open_pull(story, f"topic-{number}", {"answer.txt": "wrong\n"})
    await review(story, pull)
    await story.label(pull, label="aidp-request-changes")


async def pushed_to(story: Story, number: int) -> None:
    """Open a pull request, have it looked after, and push once more."""
    branch = f"topic-{number}"
    pull = await open_pull(story, branch, {"answer.txt": "right\n"})
    await story.label(pull, label="aidp-fix-ci")
    await story.github.push(story.repository, branch, {"more.txt": "More.\n"}, PERSON)


async def closed_unmerged(story: Story, number: int) -> None:
    """Open a pull request, have it looked after, and close it."""
    pull = await open_pull(story, f"topic-{number}", {"answer.txt": "right\n"})
    await story.label(pull, label="aidp-fix-ci")
    await story.github.close_issue(story.repository, pull, by=PERSON)


ACTS: tuple[Act, ...] = (
    built,
    built_at_the_second_go,
    built_after_all,
    built_as_edited,
    commanded,
    withdrawn,
    closed,
    refused,
    mistyped,
    talked_about,
    reviewed,
    pushed_to,
    closed_unmerged,
)


async def run(scene: Scene, seeds: list[int], issues: int) -> list[Case]:
    """Let the same things happen twice for each seed: in order, then in a storm."""
    calm = [await acted(scene, seed, issues) for seed in seeds]
    for _, letters in calm:
        for letter in letters:
            redeliver(scene.github.world, letter)
    await scene.sweep()
    await scene.idle()
    wanted = [await picture(story) for story, _ in calm]
    stormy = [await acted(scene, seed, issues) for seed in seeds]
    trials = [
        Trial(Case(PART, f"{issues} issues", seed), story, clean)
        for seed, (story, _), clean in zip(seeds, stormy, wanted, strict=True)
    ]
    scene.github.faults.follow(weather(seeds[0]))
    for seed, (story, letters) in zip(seeds, stormy, strict=True):
        for letter in blown(letters, seed):
            redeliver(scene.github.world, letter)
        forget(scene, story, letters, seed)
    await scene.settle()
    scene.github.faults.clear()
    await scene.sweep()
    await scene.reconcile()
    return await scene.judge_all(trials)


async def acted(scene: Scene, seed: int, issues: int) -> tuple[Story, list[Delivery]]:
    """Let people act while nobody listens; returns what they would have told us."""
    dice, story, github = random.Random(seed), scene.begin(SHORT_FILES), scene.github  # noqa: S311  # no secret
    await scene.settle()
    address, before = github.world.hook_url, len(github.deliveries)
    github.send_webhooks_to(NOWHERE)
    for _ in range(issues):
        number = await story.open(RIGHT)
        await dice.choice(ACTS)(story, number)
        await scene.settle()
    github.send_webhooks_to(address)
    return story, github.deliveries[before:]


def weather(seed: int) -> FaultPlan:
    """Plan what happens to each webhook on its way, ours and those that our own acts cause."""
    often = When(count=None, probability=0.2)
    return FaultPlan(
        seed,
        (
            Fault(Kind.DELIVERY_LOST, when=When(count=None, probability=0.1)),
            Fault(Kind.DELIVERY_FAILED, when=often, status=502),
            Fault(Kind.DELIVERY_DUPLICATED, when=often, times=2),
            Fault(Kind.DELIVERY_DELAYED, when=often, seconds=1),
            Fault(Kind.DELIVERIES_REORDERED, when=often, times=3, seconds=1),
        ),
    )


def forget(scene: Scene, story: Story, letters: list[Delivery], seed: int) -> None:
    """Let some leave no trace in the log of deliveries, whether they got through or not."""
    dice = random.Random(f"{seed}/traces")  # noqa: S311  # no secret
    gone = {letter.guid for letter in letters if dice.random() < FORGOTTEN and _is_about_open_item(story, letter)}
    scene.github.deliveries[:] = [it for it in scene.github.deliveries if it.guid not in gone]


def _is_about_open_item(story: Story, letter: Delivery) -> bool:
    """Whether reconciliation looks there: nobody works on what is closed, and no label is missed there."""
    payload: Mapping[str, Any] = json.loads(letter.payload)
    item: Mapping[str, Any] | None = payload.get("issue") or payload.get("pull_request")
    return item is None or story.repository.issues[item["number"]].state == "open"


def blown(letters: list[Delivery], seed: int) -> list[Delivery]:
    """Lose some, repeat others, and mix them all."""
    dice = random.Random(f"{seed}/order")  # noqa: S311  # no secret
    share = dice.uniform(0, MOST_LOST)
    kept = [letter for letter in letters if dice.random() >= share]
    copies = [letter for letter in kept for _ in range(dice.randint(1, COPIES))]
    dice.shuffle(copies)
    return copies
