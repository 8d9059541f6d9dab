"""`aidp demo`: set the stage, tell the story, say how it went."""

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import anyio

from github_app.demo.following import Show
from github_app.demo.report import report
from github_app.demo.stage import StageError, stage
from github_app.demo.story import StepError, Told, tell
from github_app.up import stop_signal

INTRODUCTION = (
    "An issue becomes a pull request that is ready for review. Temporal, git, the worker, the webhooks,\n"
    "the checks and the CI are real; GitHub is a local one, and the agents are small scripts: `claude` only\n"
    "says that it is rate limited, as the real one would, and `command` does the work."
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for."""

    stay: bool = False
    report: Path | None = None


async def run(options: Options, show: Show) -> bool:
    """Run the demo; returns whether every step was seen."""
    started = time.monotonic()
    show("demo", INTRODUCTION.replace("\n", "\n             "))
    with tempfile.TemporaryDirectory(prefix="aidp-demo-", ignore_cleanup_errors=True) as folder:
        try:
            async with stage(Path(folder)) as ready:
                show("up", f"aidp at {ready.door}, GitHub at {ready.github.url} ({time.monotonic() - started:.1f} s)")
                return await _perform(Told(ready, show), options, show)
        except StageError as error:
            show("failed", str(error))
            return False


async def _perform(told: Told, options: Options, show: Show) -> bool:
    error = ""
    try:
        await tell(told)
    except StepError as failed:
        error = str(failed)
    show("failed" if error else "done", error or _times(told))
    if options.report:
        text = json.dumps(await report(told, error), indent=2, ensure_ascii=False)
        await anyio.Path(options.report).write_text(text + "\n")
    if error:
        show("log", f"the end of aidp's log:\n{(await anyio.Path(told.stage.log).read_text())[-3000:]}")
    if options.stay:
        await _stay(told, show)
    return not error


async def _stay(told: Told, show: Show) -> None:
    stop = stop_signal()
    github, repository = told.stage.github, told.stage.repository
    show("issue", f"{github.url}/{repository.full_name}/issues/{told.number}")
    show("webhooks", f"{told.stage.door}/webhook")
    show("Temporal", told.stage.ui)
    show("staying", "Ctrl-C stops everything")
    await stop.wait()


def _times(told: Told) -> str:
    took = time.monotonic() - told.started
    return f"{took:.1f} s in all; label → 👀 {told.seconds_to_eyes:.1f} s, label → agent {told.seconds_to_agent:.1f} s"
