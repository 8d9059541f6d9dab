"""What aidp asks of GitHub while nothing happens: the calls of one run of each Schedule, times its runs in an hour.

The runs are triggered by hand, one after the other, on Schedules that are paused: what they do is the same.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

from bench_scene import Sizes
from figures import Figure
from pydantic import SecretStr
from temporalio.client import Client

from github_app.demo.github import LocalGitHub
from github_app.demo.stage import registration
from github_app.schedule import SCHEDULES, Recurring, keep_schedules
from github_app.settings import WorkerSettings
from github_app.worker import working

PART = "idle"
RUNS = 3
OPEN_ISSUES = 5
LONG_AGO = timedelta(days=2)
GLANCE_SECONDS, QUIET_SECONDS = 0.05, 1
MOST_CALLS = 250
"""An hour, of one repository: a twentieth of the 5,000 that GitHub grants an installation."""


async def measure(client: Client, sizes: Sizes, directory: Path) -> list[Figure]:
    """Count the calls with one repository and with several."""
    app = registration("")
    github = LocalGitHub(directory / "github", app)
    async with github.serve() as url:
        settings = WorkerSettings(
            github_app_id=app.id,
            github_private_key=SecretStr(app.private_key_pem),
            github_api_url=url,
            github_url=url,
            state_dir=directory / "state",
        )
        async with working(client, settings):
            await _add(github, range(1))
            one = await _calls_of_all(client, github, settings)
            await _add(github, range(1, sizes.repositories))
            many = await _calls_of_all(client, github, settings)
    hourly = [timedelta(hours=1) / recurring.every(settings) for recurring in SCHEDULES]
    alone = sum(calls * times for calls, times in zip(one, hourly, strict=True))
    rows = zip(SCHEDULES, one, many, hourly, strict=True)
    how = f"all Schedules, each run by hand; {OPEN_ISSUES} open issues"
    return [
        Figure(PART, "calls an hour, 1 repository", alone, "", MOST_CALLS, how),
        *(figure for row in rows for figure in _figures(*row, further=sizes.repositories - 1)),
    ]


def _figures(recurring: Recurring, one: float, many: float, hourly: float, *, further: int) -> list[Figure]:
    how, name = f"{one:g} calls a run, {hourly:g} runs an hour", recurring.id
    each = (many - one) / further * hourly
    return [
        Figure(PART, f"{name}, an hour", one * hourly, "calls", note=how),
        Figure(PART, f"{name}, a further repository", each, "calls", note=f"of {further} more"),
    ]


async def _add(github: LocalGitHub, numbers: range) -> None:
    """Install aidp on repositories where nobody asks anything of it."""
    for number in numbers:
        repository = github.add_repository("octo", f"quiet-{number}", files={"README.md": "hello\n"})
        for issue in range(OPEN_ISSUES):
            await github.create_issue(repository, "ada", f"Some day {issue}")
    github.advance(LONG_AGO)


async def _calls_of_all(client: Client, github: LocalGitHub, settings: WorkerSettings) -> list[float]:
    """Count the calls of a run of each Schedule, on Schedules that know of no earlier run."""
    await keep_schedules(client, settings)
    handles = [client.get_schedule_handle(recurring.id) for recurring in SCHEDULES]
    for handle in handles:
        await handle.pause()
    calls = [await _calls(client, github, recurring) for recurring in SCHEDULES]
    for handle in handles:
        await handle.delete()
    return calls


async def _calls(client: Client, github: LocalGitHub, recurring: Recurring) -> float:
    """Count the calls of a run, after a first one that finds the world new."""
    await _run(client, recurring.id)
    before = await _quiet(github)
    for _ in range(RUNS):
        await _run(client, recurring.id)
        await _quiet(github)
    return (len(github.calls) - before) / RUNS


async def _run(client: Client, schedule_id: str) -> None:
    """Trigger a Schedule and wait until what it started has ended."""
    schedule = client.get_schedule_handle(schedule_id)
    before = (await schedule.describe()).info.num_actions
    await schedule.trigger()
    while (info := (await schedule.describe()).info).num_actions == before or info.running_actions:
        await asyncio.sleep(GLANCE_SECONDS)


async def _quiet(github: LocalGitHub) -> int:
    """Wait until what a run has left behind asks nothing more either; returns the calls so far."""
    seen = -1
    while (now := len(github.calls)) != seen:
        seen = now
        await asyncio.sleep(QUIET_SECONDS)
    return now
