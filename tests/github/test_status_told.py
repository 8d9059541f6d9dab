"""What the comment, the check run and the label tell of the work beside each other, until the end is told."""

from dataclasses import replace
from datetime import datetime, timedelta

from status_desk import PROGRESS, GitHub, followed, held
from status_workflows import LABEL, FollowedWorkflow
from temporalio.client import Client

from workflows.model import Button, Category, CheckResult, Ending, Outcome, Spent

DONE = Outcome(Ending.DONE, "the CI is green")
APPROVAL = "Waiting for an approval to change `Makefile`"


async def test_much_news_is_few_edits(temporal: Client) -> None:
    """GitHub allows few writes: what comes in quick succession is told together, and the end at once."""
    github = GitHub()
    async with followed(temporal, github) as work:
        await github.until(lambda it: bool(it.statuses))
        for iteration in range(1, 31):
            await work.signal(FollowedWorkflow.progress, replace(PROGRESS, iteration=iteration))
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()
    told = [(it.progress.iteration if it.progress else 0, it.outcome) for it in github.statuses]
    assert len(told) <= 4
    assert told[-1] == (30, DONE)


async def test_what_waits_for_people_calls_for_them(temporal: Client) -> None:
    """Comment and check run say what for, the label is on until somebody has acted, and off when work goes on."""
    github = GitHub()
    async with followed(temporal, github) as work:
        await work.signal(FollowedWorkflow.follow, ["a"])
        await work.signal(FollowedWorkflow.progress, replace(held(APPROVAL), awaiting=("Makefile",)))
        await github.until(lambda it: LABEL in it.labels and it.waiting == APPROVAL)
        assert (github.check_runs[-1].title, github.check_runs[-1].buttons[0]) == (APPROVAL, Button.APPROVE)
        await work.signal(FollowedWorkflow.progress, PROGRESS)
        await github.until(lambda it: LABEL not in it.labels)
        assert github.waiting == ""
        assert github.check_runs[-1].title == "Working: fix-ci"
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()


async def test_what_ends_by_itself_calls_for_nobody(temporal: Client) -> None:
    """A limit that runs out is told, but no person has to do anything."""
    github = GitHub()
    async with followed(temporal, github) as work:
        await work.signal(FollowedWorkflow.progress, held("Waiting for claude", for_people=False))
        await github.until(lambda it: it.waiting == "Waiting for claude")
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()
    assert github.labels == set()


async def test_one_of_several_loops_that_waits_is_not_talked_over(temporal: Client) -> None:
    """Reviewers work side by side: what one of them says does not hide that another waits for people."""
    github = GitHub()
    async with followed(temporal, github) as work:
        await work.signal(FollowedWorkflow.progress, held(APPROVAL))
        await work.signal(FollowedWorkflow.progress, replace(PROGRESS, loop="two"))
        await github.until(lambda it: LABEL in it.labels and it.waiting == APPROVAL)
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()
    assert github.labels == set()


async def test_what_loops_spend_is_one_sum(temporal: Client) -> None:
    """However often each of them tells what it has spent so far; and the clock runs from the beginning of the work."""
    github = GitHub()
    async with followed(temporal, github) as work:
        for loop, usd in (("one", 0.5), ("one", 0.75), ("two", 0.25), ("one", 1.0)):
            await work.signal(FollowedWorkflow.progress, replace(PROGRESS, loop=loop, spent=Spent(usd=usd)))
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()
        began = (await work.describe()).start_time
    assert github.statuses[-1].spent == Spent(usd=1.25)
    [started] = {report.started for report in github.statuses}
    assert abs(datetime.fromisoformat(started) - began) < timedelta(seconds=5)


async def test_comment_and_check_run_lead_to_each_other(temporal: Client) -> None:
    """The check run's details are the comment, and the comment knows the check run without waiting for other news."""
    github = GitHub()
    async with followed(temporal, github) as work:
        await work.signal(FollowedWorkflow.follow, ["a"])
        await github.until(lambda it: bool(it.statuses and it.statuses[-1].check_id))
        assert github.check_runs[-1].comment_id == 9
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()


async def test_a_running_check_says_how_far_it_is(temporal: Client) -> None:
    """Its summary is more than its title once more: iteration, agent, and what failed last."""
    github, red = GitHub(), CheckResult("unit", Category.TEST, passed=False, required=True, summary="1 failed")
    async with followed(temporal, github) as work:
        await work.signal(FollowedWorkflow.follow, ["a"])
        await work.signal(FollowedWorkflow.progress, replace(PROGRESS, checks=(red,)))
        await github.until(lambda it: bool(it.check_runs and it.check_runs[-1].checks))
        assert github.check_runs[-1].summary == "Iteration 1 of 10 with claude."
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()


async def test_a_refused_check_run_is_concluded_nevertheless(temporal: Client) -> None:
    """GitHub did not want it while the work went on: that is not insisted on, but its conclusion is tried."""
    github = GitHub(refuses_check_runs=True)
    async with followed(temporal, github) as work:
        await work.signal(FollowedWorkflow.follow, ["a"])
        await github.until(lambda it: bool(it.check_runs))
        await work.signal(FollowedWorkflow.progress, held(APPROVAL))
        await github.until(lambda it: LABEL in it.labels)
        assert len(github.check_runs) == 1
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()
    assert github.concluded() == [("a", "success")]


async def test_no_commit_is_left_in_progress(temporal: Client) -> None:
    """The head moves twice before anything can be written: what was begun is closed, and nothing else is written."""
    github = GitHub()
    async with followed(temporal, github) as work:
        await work.signal(FollowedWorkflow.follow, ["a"])
        await github.until(lambda it: bool(it.check_runs))
        await work.signal(FollowedWorkflow.follow, ["b", "c"])
        await work.signal(FollowedWorkflow.end, DONE)
        await work.result()
    assert github.concluded() == [("a", "neutral"), ("c", "success")]
