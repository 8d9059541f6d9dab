"""Part `upgrade`: workers are replaced by newer ones while loops run; each loop ends as it would have.

The newer code is a copy of ours in which every loop takes one more step, behind a `patched` as it has to be.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from chaos_scene import Scene, Trial
from picture import Picture, picture
from story_kit import LABEL, Story, script, until
from table import Case
from whole_story import SHORT_FILES

PART = "upgrade"
ROOT = Path(__file__).parents[2]
PACKAGES = ("workflows", "activities", "github_app")
ISSUES = 5


def newer(root: Path) -> Path:
    """Copy the code, and let the newer release do something more at the start of every run of a loop."""
    made = root / "newer"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, made / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manifest.yml", made)
    path = made / "workflows/steps.py"
    text = path.read_text()
    head = "async def run_agent("
    assert head in text, "the newer release has to be written anew: steps.run_agent has moved"
    at = text.index(":\n", text.index(head)) + 2
    at = text.index('"""\n', text.index('"""', at) + 3) + 4
    more = '    if workflow.patched("one-step-more"):\n        await workflow.sleep(0.01)\n'
    path.write_text(text[:at] + more + text[at:])
    return made


async def run(scene: Scene, loops: int, seed: int) -> list[Case]:
    """Replace every worker while loops run, then let their agents go on."""
    code = newer(scene.root)
    if broken := await asyncio.to_thread(replays, code):
        return [Case(PART, "recorded histories with newer code", seed, lost=broken)]
    wanted = await _calm(scene)
    cue, held = scene.root / "cue", [scene.begin(SHORT_FILES) for _ in range(max(1, loops // ISSUES))]
    trials = [Trial(Case(PART, f"{ISSUES} loops", seed), story, wanted) for story in held]
    for story in held:
        await _ask(story, f"while ! test -e {cue}; do sleep 0.1; done; ")
    await until(lambda: all(story.labels(ISSUES) == ("aidp-working",) for story in held))
    await _replace_workers(scene, code)
    late = [Trial(trial.case, trial.story, trial.wanted, time.monotonic()) for trial in trials]
    cue.touch()
    return [*await scene.judge_all(late), Case(PART, "recorded histories with newer code", seed)]


async def _calm(scene: Scene) -> Picture:
    story = scene.begin(SHORT_FILES)
    await _ask(story, "")
    await until(lambda: all("Done" in story.status(number) for number in range(1, ISSUES + 1)))
    await scene.idle()
    return await picture(story)


async def _ask(story: Story, first: str) -> None:
    """Open all issues before the first label: pull requests take numbers as well, and race for them."""
    body = script(f"{first}echo right > answer.txt; echo 'STATUS: COMPLETE'")
    for number in [await story.open(body) for _ in range(ISSUES)]:
        await story.label(number, label=LABEL)


async def _replace_workers(scene: Scene, code: Path) -> None:
    for worker in scene.workers:
        lives = worker.lives
        await asyncio.to_thread(worker.stop)
        worker.start(PYTHONPATH=os.pathsep.join([str(code), worker.env["PYTHONPATH"]]))
        await worker.until_lives(lives)


def replays(code: Path) -> str:
    """Replay all recorded histories with the newer code; returns what went wrong."""
    argv = (sys.executable, str(Path(__file__).with_name("replaying.py")))
    path = os.pathsep.join([str(code), *sys.path])
    done = subprocess.run(argv, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    return done.stderr[-2000:] if done.returncode else ""
