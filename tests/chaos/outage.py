"""Part `outage`: nobody is at the door for a while; afterwards everything is taken up, and it is known how fast."""

import random
import time
from datetime import timedelta

import anyio
from chaos_scene import LOOK_SECONDS, PATIENCE, Scene, Trial
from picture import Picture
from story_kit import Story
from table import Case
from whole_story import ask, short

PART = "outage"
STORIES = 5
DOWN = (timedelta(minutes=10), timedelta(hours=6), timedelta(days=2.9))
"""GitHub remembers three days."""
SEEDS = 3


async def run(scene: Scene, wanted: Picture, seeds: list[int]) -> list[Case]:
    """Be away for some minutes, for hours, and for almost three days."""
    return [case for seed in seeds[:SEEDS] for down in DOWN for case in await away(scene, wanted, down, seed)]


async def away(scene: Scene, wanted: Picture, down: timedelta, seed: int, stories: int = STORIES) -> list[Case]:
    """Close the door, let people label issues now and then, open it, and sweep until all of them have eyes."""
    scene.door.stop()
    told = [short(scene) for _ in range(stories)]
    for story, pause in zip(told, _pauses(down, seed, stories), strict=True):
        await ask(story)
        await scene.settle()
        scene.let_pass(pause)
    lives = scene.door.lives
    scene.door.start()
    await scene.door.until_lives(lives)
    since = time.monotonic()
    trials = [Trial(Case(PART, f"door away for {down}", seed), story, wanted, since) for story in told]
    await scene.sweep()
    with anyio.move_on_after(PATIENCE):
        while not all(map(_seen, told)):
            await anyio.sleep(LOOK_SECONDS)
    recovered = time.monotonic() - since
    cases = await scene.judge_all(trials)
    for case in cases:
        case.seconds = recovered
    return cases


def _pauses(down: timedelta, seed: int, parts: int) -> list[timedelta]:
    """Cut the time into parts, the last of which ends now."""
    dice = random.Random(f"{seed}/pauses")  # noqa: S311  # no secret
    shares = [dice.random() for _ in range(parts)]
    return [down * share / sum(shares) for share in shares]


def _seen(story: Story) -> bool:
    return any(it.content == "eyes" for it in story.github.reactions(story.repository, 1))
