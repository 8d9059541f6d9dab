"""What reconciliation costs, what it leaves to others, and how people run it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from reconcile_scene import Scene, paths
from story_kit import PERSON, script, until
from temporalio.client import ScheduleIntervalSpec, ScheduleOverlapPolicy

from activities.running import is_due
from github_app.demo.github.faults import Fault, Kind, Where
from github_app.demo.github.rate import CORE, GRAPHQL
from github_app.demo.github.tokens import account_of
from workflows.commit_watch import CommitWatch, CommitWatchWorkflow, watch_id
from workflows.model import Commit, Item
from workflows.ports import MAIN_QUEUE
from workflows.reconcile_walk import BATCH

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"
LATER = timedelta(minutes=2)
"""After which nothing counts as just written any more."""


async def test_where_nothing_is_new_a_run_is_one_call(scene: Scene) -> None:
    """Also where work was done before, a run costs an installation one call to GitHub."""
    number = await scene.story.ask(script(RIGHT))
    await scene.reconcile()
    await scene.story.ending(number, "Done")
    for issue in list(scene.story.repository.issues.values()):
        scene.story.repository.issues[issue.number] = replace(issue, updated_at=issue.updated_at - LATER)
    scene.story.repository.pushes[:] = [time - LATER for time in scene.story.repository.pushes]
    await scene.reconcile()
    await scene.reconcile()
    async with scene.counting() as calls:
        for _ in range(3):
            assert scene.found(await scene.reconcile()) == []
    assert paths(calls) == ["POST /graphql"] * 3


async def test_many_repositories_are_looked_at_together(scene: Scene) -> None:
    """More than a hundred repositories cost a few calls, and a label in the last of them is found."""
    added = [scene.github.add_repository(scene.owner, f"r{number}", files={"a": "a"}) for number in range(110)]
    last = added[-1]
    scene.github.set_permission(last, PERSON, "write")
    await scene.reconcile()
    async with scene.counting() as calls:
        await scene.reconcile()
    assert paths(calls) == ["POST /graphql"] * -(-111 // BATCH)
    issue = await scene.github.create_issue(last, PERSON, "Plain", "")
    await scene.github.label_issue(last, issue.number, "aidp-fix-ci", by=PERSON)
    found = await scene.reconcile()
    await until(lambda: scene.github.labels(last, issue.number) == ())
    assert [it.where for it in found.findings] == [f"{last.full_name}#1"]


async def test_a_repository_that_is_gone_hides_no_other(scene: Scene) -> None:
    """What was deleted since it was listed is left out; the rest of the query is answered."""
    gone = scene.github.add_repository(scene.owner, "gone", files={"a": "a"})
    await scene.reconcile()
    scene.github.owning(gone).delete()
    number = await scene.story.ask(script(RIGHT))
    assert scene.found(await scene.reconcile()) == [f"#{number} `aidp-build` was put on by {PERSON}"]
    await scene.story.ending(number, "Done")


@pytest.mark.parametrize("resource", [CORE, GRAPHQL])
async def test_little_quota_is_left_to_running_work(scene: Scene, resource: str) -> None:
    """With less than a fifth of either left nothing is looked for until the limit is reset, and that is said."""
    await scene.reconcile()
    now = int(scene.github.world.now().timestamp())
    account = (f"{account_of(scene.installation.id)} {resource}", now - now % 3600)
    scene.github.world.spent[account] += 4200
    await scene.story.open("Something new, so that REST is asked too.")
    await scene.reconcile()
    async with scene.counting() as calls:
        found = await scene.reconcile()
    scene.github.world.spent[account] -= 4200
    assert calls == []
    assert ["left for running work" in it.what for it in found.findings] == [True]


async def test_a_suspended_installation_holds_up_no_other(scene: Scene) -> None:
    """It is said that it could not be looked at; others are looked at as ever."""
    other = scene.github.add_repository("another-owner", "calc", files={"a": "a"})
    await scene.reconcile()
    scene.github.installing.suspend(other.owner)
    number = await scene.story.ask(script(RIGHT))
    found = await scene.reconcile()
    await scene.story.ending(number, "Done")
    assert scene.found(found) == [f"#{number} `aidp-build` was put on by {PERSON}"]
    assert ["suspended" in it.what for it in found.findings if it.where.startswith("installation")] == [True]


async def test_who_waits_for_ci_is_told_to_look(scene: Scene) -> None:
    """A wait for checks whose webhooks were lost asks GitHub."""
    repository = scene.story.repository
    sha = await scene.github.push(repository, "work", {"a": "b"})
    commit = Commit(Item(scene.installation.id, repository.id, 1), sha)
    watch = await scene.temporal.start_workflow(
        CommitWatchWorkflow.run, CommitWatch(commit, 600), id=watch_id(repository.id, sha), task_queue=MAIN_QUEUE
    )
    await until(lambda: looks(scene, sha) == 1)
    woken = (await scene.reconcile()).watches
    await until(lambda: looks(scene, sha) == 2)
    again = (await scene.reconcile()).watches
    await watch.terminate()
    assert (woken, again) == (1, 0)


def test_the_longer_somebody_waits_the_rarer_they_are_told() -> None:
    """Waiting for days costs a few looks, not one in five minutes."""
    begun = datetime(2026, 3, 1, 12, tzinfo=UTC)
    runs = [begun + timedelta(minutes=5 * it) for it in range(3 * 24 * 12)]
    told = [now - begun for last, now in pairwise(runs) if is_due(begun, last, now)]
    assert told == [timedelta(minutes=5 * 2**turn) for turn in range(10)]


def looks(scene: Scene, sha: str) -> int:
    """Count how often the checks of a commit were read."""
    return sum(f"/commits/{sha}/check-runs" in call.path for call in scene.github.calls)


async def test_it_has_a_schedule(scene: Scene) -> None:
    """One run at a time, spread a little."""
    schedule = (await scene.temporal.get_schedule_handle("aidp-reconcile").describe()).schedule
    day = timedelta(days=1)
    assert schedule.spec.intervals == [ScheduleIntervalSpec(day)]
    assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP


async def test_aidp_reconcile_shows_what_it_found(scene: Scene, tmp_path: Path) -> None:
    """For people in a table, for programs as JSON; without anything to find it says so."""
    number = await scene.story.ask(script(f"while test ! -e {tmp_path}/gate; do sleep 0.1; done; {RIGHT}"))
    shown = await scene.aidp("reconcile", "--once")
    await until(lambda: scene.story.comments(number))
    again = json.loads(await scene.aidp("reconcile", "--once", "--json"))
    (tmp_path / "gate").touch()
    await scene.story.ending(number, "Done")
    assert f"{scene.story.repository.full_name}#{number}" in shown
    assert f"put on by {PERSON}" in shown
    assert again == []
    assert "Nothing was lost" in await scene.aidp("reconcile", "--once")


async def test_aidp_watch_looks_at_one_repository(scene: Scene) -> None:
    """It is given by its name; one that the App does not reach is told of."""
    number = await scene.story.ask(script(RIGHT))
    shown = await scene.aidp("watch", scene.story.repository.full_name, "--once")
    await scene.story.ending(number, "Done")
    assert f"#{number}" in shown
    assert "no access" in await scene.aidp("watch", "nobody/nothing", "--once")


async def test_aidp_watch_tells_why_a_repository_is_not_looked_at(scene: Scene) -> None:
    """It may be archived, suspended, or called otherwise by now."""
    old, owning = scene.story.repository.full_name, scene.github.owning(scene.story.repository)
    owning.rename("calculator")
    assert "another name" in await scene.aidp("watch", old, "--once")
    new = f"{scene.owner.login}/calculator"
    owning.archive()
    assert "was archived" in await scene.aidp("watch", new, "--once")
    owning.unarchive()
    scene.github.installing.suspend(scene.owner)
    assert "was suspended" in await scene.aidp("watch", new, "--once")


async def test_what_fails_is_told_without_its_insides(scene: Scene) -> None:
    """GitHub's words and ours, and no trace of where they came from."""
    name = scene.story.repository.full_name
    scene.github.faults.add(Fault(Kind.TOO_MANY_REQUESTS, Where("GET", f"/repos/{name}/installation$"), seconds=1))
    shown = await scene.aidp("watch", name, "--once")
    assert "It could not be done: GitHub's rate limit is reached" in shown
    assert "Traceback" not in shown
    while "could not be done" in shown:
        shown = await scene.aidp("watch", name, "--once")
    assert "Nothing was lost" in shown


async def test_wrong_usage_is_explained(scene: Scene) -> None:
    """What is missing is named."""
    assert "--once" in await scene.aidp("reconcile")
    assert "OWNER/REPO" in await scene.aidp("watch", "calc", "--once")
