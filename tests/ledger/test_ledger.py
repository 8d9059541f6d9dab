"""The ledger counts every spending once, whatever happens to those who record it and to those who keep it."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, TimeSkipper
from temporalio.worker import Worker

from activities.ledger import LedgerActivities
from github_app.worker import RUNNER
from workflows.ledger import LedgerState, LedgerWorkflow
from workflows.model import Failure, Source, Spending, Spent, Totals
from workflows.ports import MAIN_QUEUE

TODAY = datetime.now(UTC).date()

ITERATION = Spent(iterations=1, seconds=1.5, tokens=100, usd=0.01)


def keeper(client: Client) -> Worker:
    """Make a worker that keeps ledgers."""
    return Worker(
        client,
        task_queue=MAIN_QUEUE,
        workflows=[LedgerWorkflow],
        workflow_runner=RUNNER,
        sticky_queue_schedule_to_start_timeout=timedelta(milliseconds=100),  # a killed worker is not waited for
    )


def spending(repository: int, key: str, *, number: int = 7, day: date = TODAY) -> Spending:
    """Make an entry of one iteration."""
    return Spending(key, Source(1, repository), number, str(day), ITERATION)


async def record(activities: LedgerActivities, entry: Spending) -> Totals:
    """Run one attempt of the activity."""
    return await ActivityEnvironment().run(activities.record_spending, entry)


async def record_until_counted(activities: LedgerActivities, entry: Spending) -> Totals:
    """Run the activity as Temporal does: an attempt that fails is repeated."""
    while True:
        with contextlib.suppress(ApplicationError):
            return await record(activities, entry)


async def totals(client: Client, entry: Spending) -> Totals:
    """Ask the ledger."""
    ledger = client.get_workflow_handle_for(LedgerWorkflow.run, entry.ledger_id)
    return await ledger.query(LedgerWorkflow.totals, args=[entry.number, entry.day])


async def until_renewed(client: Client, ledger: str, times: int) -> None:
    """Wait until the server lists the histories that a ledger has had."""
    async with asyncio.timeout(10):
        while len([each async for each in client.list_workflows(f"WorkflowId = '{ledger}'")]) <= times:
            await asyncio.sleep(0.05)


async def test_parallel_and_repeated_spendings_count_once_through_many_histories(temporal: Client) -> None:
    """200 spendings, each recorded twice at once, add up exactly: with several histories and a change of workers."""
    activities = LedgerActivities(temporal, LedgerState(updates_per_history=80), answer_seconds=5)
    entries = [spending(1, f"loop:{number}", number=1 + number % 2) for number in range(200)]
    recording = [asyncio.create_task(record_until_counted(activities, entry)) for entry in entries + entries[::-1]]
    async with keeper(temporal):
        await asyncio.wait(recording, return_when=asyncio.FIRST_COMPLETED)
    assert not all(each.done() for each in recording)
    async with keeper(temporal):
        await asyncio.gather(*recording)
        odd, even = await totals(temporal, entries[0]), await totals(temporal, entries[1])
        await until_renewed(temporal, entries[0].ledger_id, times=3)
    assert odd.issue == even.issue == Spent(iterations=100, seconds=150, tokens=10_000, usd=1.0)
    assert odd.day == even.day == Spent(iterations=200, seconds=300, tokens=20_000, usd=2.0)


async def test_a_ledger_survives_its_worker(temporal: Client) -> None:
    """What was recorded with one worker is there with the next one, and a retry across the two counts once."""
    activities = LedgerActivities(temporal)
    async with keeper(temporal):
        await record(activities, spending(2, "a"))
    async with keeper(temporal):
        await record(activities, spending(2, "a"))
        answer = await record(activities, spending(2, "b", number=8))
    assert answer == Totals(issue=ITERATION, day=ITERATION + ITERATION)


async def test_no_answer_is_an_error_and_its_retry_counts_once(temporal: Client) -> None:
    """Nobody keeps the ledger: the attempt fails, and although it is counted later, the retry adds nothing."""
    hasty = LedgerActivities(temporal, answer_seconds=0.2)
    with pytest.raises(ApplicationError) as failed:
        await record(hasty, spending(3, "a"))
    assert failed.value.type == Failure.TRANSIENT
    assert not failed.value.non_retryable
    async with keeper(temporal):
        answer = await record(LedgerActivities(temporal), spending(3, "a"))
    assert answer.issue.iterations == 1


async def test_a_spending_of_nothing_asks_for_the_totals(temporal: Client) -> None:
    """A new run hears what earlier ones spent on its issue, without adding to it."""
    activities = LedgerActivities(temporal)
    async with keeper(temporal):
        await record(activities, spending(5, "a"))
        answer = await record(activities, Spending("loop:9:start", Source(1, 5), 7, str(TODAY)))
    assert answer.issue == answer.day == ITERATION


async def test_repositories_days_and_jobs_have_totals_of_their_own(temporal: Client) -> None:
    """Another repository, another day and work without an issue do not add up."""
    activities = LedgerActivities(temporal)
    local = Spending("a", Source(project_dir="/srv/one"), 0, str(TODAY), Spent(iterations=1))
    elsewhere = Spending("a", Source(project_dir="/srv/two"), 0, str(TODAY), Spent(iterations=1))
    async with keeper(temporal):
        await record(activities, spending(6, "a"))
        tomorrow = await record(activities, spending(6, "b", day=TODAY + timedelta(days=1)))
        jobs = [await record(activities, job) for job in (local, elsewhere)]
    assert (tomorrow.issue.iterations, tomorrow.day.iterations) == (2, 1)
    assert [(job.issue.iterations, job.day.iterations) for job in jobs] == [(0, 1), (0, 1)]


async def test_old_days_and_issues_are_forgotten_and_the_others_not(temporal: Client) -> None:
    """With the next history a day of last week is gone, and an issue that cost nothing for 90 days."""
    activities = LedgerActivities(temporal, LedgerState(updates_per_history=3))
    old, older, new = spending(7, "b", day=TODAY - timedelta(days=9)), spending(7, "a", number=1), spending(7, "c")
    older = replace(older, day=str(TODAY - timedelta(days=100)))
    async with keeper(temporal):
        for entry in (older, old, new):
            await record(activities, entry)
        after = [await totals(temporal, entry) for entry in (older, old, new)]
    assert [(each.issue.iterations, each.day.iterations) for each in after] == [(0, 0), (2, 0), (2, 1)]


async def test_a_ledger_ends_when_all_of_it_is_old(temporal: Client) -> None:
    """Nothing was spent for 90 days: it is gone, and the next spending opens another one."""
    client = TimeSkipper(temporal).client
    entry = spending(8, "a")
    async with keeper(temporal):
        await record(LedgerActivities(client), entry)
        await client.get_workflow_handle(entry.ledger_id).result()
        answer = await record(LedgerActivities(temporal), entry)
    assert answer.issue.iterations == 1
