"""`aidp demo`: set the stage, tell the story, say how it went."""

import asyncio
import json
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio
from rich.console import Console

from github_app.demo.github.faults import bad_day
from github_app.demo.page import Page
from github_app.demo.report import report
from github_app.demo.stage import NO_FAULTS, Stage, StageError, stage
from github_app.demo.story import CI, STATUS, StepError, Told, tell
from github_app.demo.trouble import BadDay, Verdict, judge
from github_app.demo.watching import BOT
from github_app.up import stop_signal

INTRODUCTION = (
    "From a label to a pull request that is ready for review. Temporal, git, the worker, the webhooks, the checks and "
    "the CI are real. GitHub is a local one, and scripts stand in for the models: `claude` only says that it is rate "
    "limited, as the real one would, and `command` does the work."
)
LAST_TROUBLES = 8


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for."""

    stay: bool = False
    faults: int | None = None
    """The seed of a bad day at GitHub."""
    report: Path | None = None


async def run(options: Options, console: Console) -> bool:
    """Run the demo; returns whether every step was seen. SIGTERM cancels it."""
    if this := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    page, faults = Page(console), NO_FAULTS if options.faults is None else bad_day(options.faults)
    page.say("demo", INTRODUCTION)
    seen = False
    with tempfile.TemporaryDirectory(prefix="aidp-demo-", ignore_cleanup_errors=True) as folder:
        try:
            async with stage(Path(folder), faults) as ready:
                page.say("demo", f"aidp listens at {ready.door}, GitHub is at {ready.github.url}")
                told = Told(ready, page.say, bad_day=BadDay(ready.github, page.say) if faults.faults else None)
                seen = await _perform(told, options, page)
        except* StageError as errors:
            page.say("failed", str(errors.exceptions[0]))
    return seen


async def _perform(told: Told, options: Options, page: Page) -> bool:
    error = ""
    try:
        await tell(told)
        await _sum_up(told, page)
    except StepError as failed:
        error = str(failed)
        page.say("failed", error)
        page.say("log", await _last_troubles(told.stage.log))
    if options.report:
        text = json.dumps(await report(told, error), indent=2, ensure_ascii=False)
        await anyio.Path(options.report).write_text(text + "\n")
    if options.stay:
        await _stay(told, page)
    return not error


async def _last_troubles(log: Path) -> str:
    """Find what aidp complained of last; of an exception its last line."""
    lines = (await anyio.Path(log).read_text()).splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    told = [str(it.get("exception") or it["event"]).splitlines()[-1] for it in events if it["level"] != "info"]
    return "\n".join(["aidp complained, at last:", *told[-LAST_TROUBLES:]])


async def _sum_up(told: Told, page: Page) -> None:
    """Show what people find in the end, and what it took."""
    page.comment(f"{BOT} on #{told.number}", told.comment(STATUS, told.number))
    page.comment(f"{BOT} on #{told.pull}", told.comment(STATUS, told.pull))
    verdict = await judge(told.stage.github, told.stage.repository)
    page.facts(_facts(told, verdict))
    if verdict.forbidden or verdict.doubled:
        raise StepError(str(verdict))


def _facts(told: Told, verdict: Verdict) -> Iterator[tuple[str, str]]:
    repository, pull_request = told.stage.repository, told.pull_request
    threads = list(repository.threads.values())
    runs = Counter(run.conclusion for run in repository.check_runs.values() if run.name == CI)
    spent = told.follower.spent
    title = pull_request.title if pull_request else ""
    yield "Pull request", f"#{told.pull} “{title}”, ready for review; closes #{told.number} when it is merged"
    yield "Threads", f"{sum(it.resolved_by is not None for it in threads)} of {len(threads)} resolved"
    yield "CI", f"{runs['failure']} red, {runs['success']} green"
    yield "Agents", f"{spent.iterations} runs, {spent.tokens:,} tokens, ${spent.usd:.2f} if a model had done it"
    eyes, agent = told.seconds_to_eyes, told.seconds_to_agent
    yield "Times", f"{told.seconds:.0f} s in all; label to 👀 {eyes:.1f} s, label to agent {agent:.1f} s"
    if told.bad_day:
        yield "Faults", f"{told.bad_day.faults}; {told.bad_day.recovered} lost webhooks delivered again"
    yield "Verdict", str(verdict)


async def _stay(told: Told, page: Page) -> None:
    stop = stop_signal()
    page.facts(_places(told.stage, told))
    page.say("demo", "everything stays up; Ctrl-C stops it")
    await stop.wait()


def _places(stage: Stage, told: Told) -> Iterator[tuple[str, str]]:
    where = f"{stage.github.url}/{stage.repository.full_name}"
    yield "Issue", f"{where}/issues/{told.number}"
    if told.pull:
        yield "Pull request", f"{where}/pull/{told.pull}"
    yield "Temporal", f"{stage.ui}: every workflow with its history"
