"""Checks that turn red after aidp has stopped looking: they are repaired as early ones are, and no oftener."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from late_mailbox import LateMailbox
from pull_kit import CONFIG, Pull, check
from story_kit import NOTHING_RUNS, PERSON, Story, script, until
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from github_app.demo.github.checks import Checks
from github_app.demo.github.merging import PullDraft
from github_app.demo.github.model import Issue
from github_app.demo.github.world import LOCAL_CI
from github_app.worker import RUNNER
from workflows.item_mailbox import MailboxState
from workflows.model import Actor, CiLineage, Delivery, EventKind, ProcessorEnd, RepoConfig, Work, WorkOrder
from workflows.model.configuration import CiSettings

FIX = "ci: {fix: true, attempts: 1, settle_seconds: 0.3}"
FILES = {".aidp/aidp.yml": CONFIG.replace("ci: {settle_seconds: 0.3}", FIX), "answer.txt": "empty\n"}
OURS = "aidp/issue-1-build-it"
REPAIR = "echo right >> answer.txt; echo 'STATUS: COMPLETE'"
USELESS = "echo 'STATUS: COMPLETE'"

Tell = Callable[[Pull, str], Awaitable[None]]


async def status(pull: Pull, conclusion: str) -> None:
    """Have other CI give the head a status."""
    checks = Checks(pull.story.github.world, pull.story.repository, LOCAL_CI)
    await checks.set_status(pull.head_sha, {"state": conclusion, "context": "late"})


def branch(issue: Issue) -> str:
    """Read the name of its branch."""
    assert issue.pull
    return issue.pull.head


async def built(begin: Callable[..., Story], repair: str) -> Pull:
    """Have a pull request of ours whose CI was waited for: none was heard of."""
    story = begin({**FILES, "obey.txt": script(repair)})
    bot, issue = story.github.world.bot, await story.open("Build it.")
    await story.github.push(story.repository, OURS, {"answer.txt": "built\n"}, bot)
    draft = PullDraft("It is built", OURS, "main", f"<!-- aidp:pull-request v1 issue={issue} -->")
    pull = Pull(story, (await story.github.open_pull_request(story.repository, draft, bot)).number)
    await pull.ask("aidp-fix-ci")
    await pull.end_of("fix-ci", "no CI ran")
    return pull


async def is_left_alone(pull: Pull, name: str) -> bool:
    """Have a check fail; tell whether nothing began, once that was looked at."""
    before = looks(pull)
    await check(pull, "failure", name)
    await until(lambda: looks(pull) > before)
    await answer(pull)  # what was accepted meanwhile begins behind this
    return NOTHING_RUNS in await answer(pull)


async def answer(pull: Pull) -> str:
    """Ask what goes on, and wait for the reply."""
    before = replies(pull)
    await pull.say("/aidp status")
    return (await until(lambda: replies(pull)[len(before) :]))[0]


def replies(pull: Pull) -> list[str]:
    """Read the replies to commands."""
    return [text for text in pull.story.comments(pull.number) if "<!-- aidp:note" in text]


def looks(pull: Pull) -> int:
    """Count how often the checks of the head were read."""
    return sum(f"/commits/{pull.head_sha}/check-runs" in call.path for call in pull.story.github.calls)


@pytest.mark.parametrize("tell", [check, status])
async def test_a_check_that_turns_red_late_is_repaired(begin: Callable[..., Story], tell: Tell) -> None:
    """Nobody waited for it any more, and nobody has to push or ask."""
    pull = await built(begin, REPAIR)
    before = pull.head_sha
    await tell(pull, "failure")
    await until(lambda: pull.head_sha != before)
    assert await pull.file("answer.txt") == "built\nright\n"
    await tell(pull, "success")
    assert "the CI is green" in await pull.end_of("fix-ci", "the CI is green")


async def test_the_same_failure_of_a_commit_is_looked_at_once(begin: Callable[..., Story]) -> None:
    """What nobody could repair is told once, however often it fails again; another check is another matter."""
    pull = await built(begin, USELESS)
    await check(pull, "failure")
    assert "`late`" in await pull.end_of("fix-ci", "Gave up")
    assert await is_left_alone(pull, "late")
    await check(pull, "failure", "other")
    await pull.ending("`other`")


async def test_what_fails_during_a_repair_is_looked_at_after_it(begin: Callable[..., Story], tmp_path: Path) -> None:
    """Running work sees to the CI, but may be past looking: what it has not looked at by its end is not forgotten."""
    gate = tmp_path / "gate"
    pull = await built(begin, f"touch {gate}.begun; until test -e {gate}; do sleep 0.1; done; {USELESS}")
    await check(pull, "failure")
    await until(gate.with_suffix(".begun").exists)
    before = searches(pull)
    await check(pull, "failure", "other")
    await until(lambda: searches(pull) > before)
    await answer(pull)
    await answer(pull)
    gate.touch()
    assert "`late`" in await pull.ending("`other`")


def searches(pull: Pull) -> int:
    """Count how often the pull requests of the head were looked for."""
    return sum(call.path.endswith(f"/commits/{pull.head_sha}/pulls") for call in pull.story.github.calls)


async def test_a_build_that_hands_its_ci_over_late_asks_for_nothing_twice(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    """Its worker may die between the pull request and its last word; a red check is then heard of first."""
    gate = tmp_path / "gate"
    pull = await built(begin, f"touch {gate}.begun; until test -e {gate}; do sleep 0.1; done; {USELESS}")
    await hand_over(pull, "after the CI was watched")
    await answer(pull)
    assert NOTHING_RUNS in await answer(pull)
    await check(pull, "failure")
    await until(gate.with_suffix(".begun").exists)
    await hand_over(pull, "while it is repaired")
    await answer(pull)
    gate.touch()
    await pull.ending("Gave up")
    await pull.story.until_free(pull.number)
    assert await repairs(pull) == len(["the build's", "the red check's"])


async def test_a_push_of_ours_that_is_told_late_asks_for_nothing(begin: Callable[..., Story]) -> None:
    """The CI of a repair may be over before GitHub's webhook about it is there."""
    pull = await built(begin, REPAIR)
    first = pull.head_sha
    await check(pull, "failure")
    await until(lambda: pull.head_sha != first)
    await pull.end_of("fix-ci", "no CI ran")
    await pull.story.until_free(pull.number)
    before, bot = await repairs(pull), pull.story.github.world.bot
    await deliver(pull, Delivery("late", EventKind.PUSHED, pull.item, Actor(bot.id, bot.login), sha=pull.head_sha))
    await at_rest(pull.story.temporal.get_workflow_handle(pull.item.mailbox_id))
    assert NOTHING_RUNS in await answer(pull)
    assert await repairs(pull) == before


async def test_a_push_of_ours_that_is_told_as_its_repair_ends_asks_for_nothing(begin: Callable[..., Story]) -> None:
    """The repair is not there to hear it any more; how it has ended says that its push was looked at."""
    pull = await built(begin, USELESS)
    bot, repair = Actor(pull.story.github.world.bot.id, "aidp[bot]"), f"fix-ci:{pull.story.repository.id}#{pull.number}"
    push = Delivery("late", EventKind.PUSHED, pull.item, bot, sha=pull.head_sha)
    order = WorkOrder(pull.item, Work.FIX_CI, bot, RepoConfig(ci=CiSettings(fix=True)))
    begun, before = MailboxState(pull.item, inbox=(push,), processor=repair, running=order), await repairs(pull)
    temporal, queue = pull.story.temporal, "late"
    async with Worker(temporal, task_queue=queue, workflows=[LateMailbox], workflow_runner=RUNNER):
        mailbox = await temporal.start_workflow(LateMailbox.run, begun, id=queue, task_queue=queue)
        await mailbox.query(LateMailbox.knows, push)  # which answers when the push was taken
        end = ProcessorEnd(repair, ci=CiLineage().having_seen(pull.head_sha, ()))
        await mailbox.signal(LateMailbox.processor_ended, end)
        await at_rest(mailbox)
        await mailbox.terminate()
    assert await repairs(pull) == before


async def hand_over(pull: Pull, when: str) -> None:
    """Say what a build says in the end."""
    person, item = Actor(pull.story.github.add_user(PERSON).id, PERSON), pull.item
    order = WorkOrder(item, Work.FIX_CI, person, RepoConfig())
    await deliver(pull, Delivery(when, EventKind.ORDERED, item, person, order=order))


async def deliver(pull: Pull, delivery: Delivery) -> None:
    """Tell its mailbox."""
    await pull.story.temporal.get_workflow_handle(delivery.item.mailbox_id).signal("deliver", delivery)


async def at_rest(mailbox: WorkflowHandle[Any, Any]) -> None:
    """Wait until a mailbox has done all that it was told; what it has begun may go on."""
    while True:
        now = (await mailbox.describe()).raw_description
        if not (now.pending_activities or now.HasField("pending_workflow_task")):
            return
        await asyncio.sleep(0.05)


async def repairs(pull: Pull) -> int:
    """Count how often its CI was seen to."""
    work = f"fix-ci:{pull.story.repository.id}#{pull.number}"
    return (await pull.story.temporal.count_workflows(f"WorkflowId = '{work}'")).count


async def test_late_failures_share_the_attempts_of_early_ones(begin: Callable[..., Story]) -> None:
    """However many runs it takes, somebody has to look when they are spent; a person's push gives new ones."""
    pull = await built(begin, REPAIR)
    first = pull.head_sha
    await check(pull, "failure")
    await until(lambda: pull.head_sha != first)
    await pull.end_of("fix-ci", "no CI ran")
    second = pull.head_sha
    await check(pull, "failure", "other")
    assert "still red" in await pull.end_of("fix-ci", "Gave up")
    assert pull.head_sha == second
    third = await pull.story.github.push(pull.story.repository, branch(pull.issue), {"answer.txt": "mine\n"}, PERSON)
    await pull.end_of("fix-ci", "no CI ran")
    await check(pull, "failure")
    await until(lambda: pull.head_sha != third)


async def test_a_repair_that_somebody_cancelled_does_not_begin_again(
    begin: Callable[..., Story], tmp_path: Path
) -> None:
    """Not by itself, and not on the same commit."""
    pull = await built(begin, f"touch {tmp_path}/begun; sleep 300")
    await check(pull, "failure")
    await until((tmp_path / "begun").exists)
    await pull.say("/aidp cancel")
    await pull.end_of("fix-ci", "Cancelled")
    assert await is_left_alone(pull, "other")
    assert "Cancelled" in pull.story.status(pull.number)
