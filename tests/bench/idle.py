"""What aidp asks of GitHub in an hour in which nothing happens: the calls of the runs of each Schedule in that hour.

The runs are triggered by hand, one after the other, on Schedules that are paused: what they do is the same. The first
one finds that an hour has gone by: its token has expired. Where the App is installed is listed once a day, which is
one call more for the hour that it falls into.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench_scene import Sizes
from figures import Figure
from pydantic import SecretStr
from temporalio.client import Client

from github_app.demo.github import LocalGitHub
from github_app.demo.github.model import Call
from github_app.demo.stage import registration
from github_app.schedule import SCHEDULES, Recurring, keep_schedules
from github_app.settings import WorkerSettings
from github_app.worker import working

PART = "idle"
RUNS = 3
OPEN_ISSUES = 5
LONG_AGO, AN_HOUR = timedelta(days=2), timedelta(hours=1)
GLANCE_SECONDS, QUIET_SECONDS = 0.05, 1
MOST_CALLS = 12
"""An hour and repository, of the calls that are made for an installation."""
APP = "app"
"""Who calls for the App itself, where GitHub counts apart: the delivery log, the list of installations, new tokens."""


@dataclass(frozen=True, slots=True)
class Hour:
    """The calls of a Schedule in an hour."""

    installation: float
    app: float
    how: str


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
            one = await _hours(client, github, settings)
            await _add(github, range(1, sizes.repositories))
            many = await _hours(client, github, settings)
    return [*_figures(one, 1), *_figures(many, sizes.repositories)]


def _figures(hours: Mapping[str, Hour], repositories: int) -> list[Figure]:
    """Tell what the repositories cost each, and what the App costs, however many there are."""
    noun = "1 repository" if repositories == 1 else f"{repositories} repositories"
    each = sum(hour.installation for hour in hours.values()) / repositories
    how = "by installation tokens; once a day a list more"
    return [
        Figure(PART, f"calls an hour and repository, {noun}", each, "", MOST_CALLS, how),
        *(
            Figure(
                PART,
                f"calls an hour, {name}, {noun}",
                hour.installation + hour.app,
                note=f"{hour.how}; {hour.app:g} of the App",
            )
            for name, hour in hours.items()
        ),
    ]


async def _add(github: LocalGitHub, numbers: range) -> None:
    """Install aidp on repositories where nobody asks anything of it."""
    for number in numbers:
        repository = github.add_repository("octo", f"quiet-{number}", files={"README.md": "hello\n"})
        for issue in range(OPEN_ISSUES):
            await github.create_issue(repository, "ada", f"Some day {issue}")
    github.advance(LONG_AGO)


async def _hours(client: Client, github: LocalGitHub, settings: WorkerSettings) -> dict[str, Hour]:
    """Count the calls of each Schedule in an hour, after one in which the world was new."""
    async with _paused(client, settings):
        for recurring in SCHEDULES:
            await _run(client, recurring.id)
        github.advance(AN_HOUR)
        await _run(client, SCHEDULES[0].id)  # learns what time it is
        await _quiet(github)
        return {it.id: await _hour(client, github, it, AN_HOUR / it.every(settings)) for it in SCHEDULES}


@asynccontextmanager
async def _paused(client: Client, settings: WorkerSettings) -> AsyncGenerator[None]:
    """Have Schedules that know of no earlier run, and run only by hand."""
    await keep_schedules(client, settings)
    handles = [client.get_schedule_handle(recurring.id) for recurring in SCHEDULES]
    for handle in handles:
        await handle.pause()
    yield
    for handle in handles:
        await handle.delete()


async def _hour(client: Client, github: LocalGitHub, recurring: Recurring, runs: float) -> Hour:
    """Count the first run of an hour, and so many like the further ones."""
    first = await _calls(client, github, recurring, 1)
    further = await _calls(client, github, recurring, RUNS)
    each, of_app = len(further) / RUNS, _of_app(further) / RUNS
    how = f"{runs:g} runs of {each:g} calls, {len(first) - each:g} more in the first"
    all_calls, app = (once + more * (runs - 1) for once, more in ((len(first), each), (_of_app(first), of_app)))
    return Hour(all_calls - app, app, how)


async def _calls(client: Client, github: LocalGitHub, recurring: Recurring, runs: int) -> list[Call]:
    """Note the calls of some runs."""
    before = await _quiet(github)
    for _ in range(runs):
        await _run(client, recurring.id)
        await _quiet(github)
    return github.calls[before:]


def _of_app(calls: Iterable[Call]) -> int:
    return sum(call.actor == APP for call in calls)


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
