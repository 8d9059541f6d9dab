"""Part `outage`: nobody is at the door for a while; afterwards everything is taken up, and it is known how fast."""

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
DOWN = (timedelta(minutes=10), timedelta(hours=6))


async def run(scene: Scene, wanted: Picture, seeds: list[int]) -> list[Case]:
    """Be away for some minutes, and for hours."""
    return [case for seed in seeds[:1] for down in DOWN for case in await away(scene, wanted, down, seed)]


async def away(scene: Scene, wanted: Picture, down: timedelta, seed: int, stories: int = STORIES) -> list[Case]:
    """Close the door, let people label issues, open it, and sweep until all of them have eyes."""
    scene.door.stop()
    told = [short(scene) for _ in range(stories)]
    for story in told:
        await ask(story)
    await scene.settle()
    scene.let_pass(down)
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


def _seen(story: Story) -> bool:
    return any(it.content == "eyes" for it in story.github.reactions(story.repository, 1))
