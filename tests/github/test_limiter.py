"""Workers that share an installation keep GitHub's limits together, and no time it names is ignored by any of them."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from github_scene import REPO, Scene
from limiter_scene import hand, working
from limiter_workflows import ReadIssueWorkflow, TellStatusWorkflow, WriteNotesWorkflow
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, TimeSkipper

from activities.github import GitHubActivities
from activities.github.calls import Call
from activities.github.client import InstallationClients
from activities.github.deliveries import DeliveryActivities
from activities.github.delivery_log import DeliveryLog
from activities.github.limiter import SharedLimiter, Write
from activities.github.reconciling import ReconcilingActivities
from activities.github.repositories import RepositoryActivities
from activities.repo_config import Known
from activities.temporal_clock import TemporalClock
from github_app.demo.github.faults import Fault, Kind, When, Where, most_writes, violations
from workflows.model import Failure, LoopState, Note, Progress
from workflows.model.delivery_log import Swept
from workflows.ports import MAIN_QUEUE
from workflows.write_limiter import Forbidding, LimiterState, WriteLimiterWorkflow, limiter_id
from workflows.write_slots import Bound, SlotState, Urgency

PROGRESS = Progress(LoopState.READY, 1, 10, "2026-11-23T10:00:00+00:00")
THREE_IN_TWO_SECONDS = LimiterState(SlotState(bounds=(Bound(3, 2),)))


async def refusal(activities: GitHubActivities, scene: Scene) -> ApplicationError:
    """Read the issue, which must not be done now."""
    with pytest.raises(ApplicationError) as refused:
        await activities.read_issue(scene.item)
    return refused.value


def is_renewed(limiter: WorkflowExecutionDescription) -> bool:
    """Whether this history is not its first."""
    return limiter.raw_description.workflow_execution_info.first_run_id != limiter.run_id


async def is_held_back(told: WorkflowHandle[TellStatusWorkflow, None]) -> bool:
    """Whether an edit of the status waits for its turn."""
    pending = (await told.describe()).raw_description.pending_activities
    return any("has its turn" in each.last_failure.message for each in pending)


def reads(scene: Scene) -> int:
    """Count how often the issue was asked for."""
    return sum(call.path == f"/repos/{REPO}/issues/1" for call in scene.github.calls)


async def test_two_workers_write_at_one_pace(scene: Scene, temporal: Client) -> None:
    """Six notes at once, two workers, three writes in two seconds: each is written once, never more than three."""
    hands = [hand(scene, temporal, THREE_IN_TWO_SECONDS) for _ in range(2)]
    keys = [f"note {number}" for number in range(6)]
    async with working(temporal, *hands):
        await temporal.execute_workflow(
            WriteNotesWorkflow.run,
            args=[scene.item, keys],
            id=f"notes:{scene.item.installation_id}",
            task_queue=MAIN_QUEUE,
        )
    assert len(scene.github.comments(REPO, 1)) == len(scene.writes) == 6
    busiest = most_writes(scene.github.calls, timedelta(seconds=1))  # half the window: what a slow host may be late
    assert busiest[scene.item.installation_id] <= 3


@pytest.mark.parametrize("kind", [Kind.SECONDARY_LIMIT, Kind.PRIMARY_LIMIT])
async def test_what_one_worker_hears_all_heed(scene: Scene, temporal: Client, kind: Kind) -> None:
    """GitHub names a time to one worker; another one makes no call before it, and both go on after it."""
    first, second = hand(scene, temporal), hand(scene, temporal)
    scene.github.faults.add(Fault(kind, Where(path="/issues/1$"), seconds=2))
    async with working(temporal, first, second):
        await refusal(first, scene)
        for each in (first, second):
            held_back = await refusal(each, scene)
            assert held_back.type == Failure.RATE_LIMITED
            assert held_back.next_retry_delay
        assert reads(scene) == 1
        runs = (f"{kind}:{number}:{scene.item.installation_id}" for number in range(2))
        await asyncio.gather(
            *(
                temporal.execute_workflow(ReadIssueWorkflow.run, scene.item, id=run, task_queue=MAIN_QUEUE)
                for run in runs
            )
        )
    assert reads(scene) == 3
    assert violations(scene.github.calls) == []


async def test_what_the_graph_says_to_one_worker_all_heed(scene: Scene, temporal: Client) -> None:
    """A limit that comes with 200 holds back whoever shares the installation, until the named time and no longer."""
    first = InstallationClients(scene.clients.app, SharedLimiter(temporal))
    [at] = await RepositoryActivities(first).list_installations()
    scene.github.faults.add(Fault(Kind.PRIMARY_LIMIT, Where("POST", "/graphql$"), seconds=3))
    async with working(temporal, hand(scene, temporal)):
        with pytest.raises(ApplicationError, match="rate limit"):
            await ActivityEnvironment().run(ReconcilingActivities(first, "aidp-").look, at)
        assert (await refusal(hand(scene, temporal), scene)).type == Failure.RATE_LIMITED
        await temporal.execute_workflow(
            ReadIssueWorkflow.run, scene.item, id=f"graph:{scene.item.installation_id}", task_queue=MAIN_QUEUE
        )
    assert reads(scene) == 1
    assert violations(scene.github.calls) == []


async def test_a_named_time_outlives_histories_and_workers(scene: Scene, temporal: Client) -> None:
    """Told to the limiter's first history, it is known when that history is over and no worker is there to ask."""
    limiter = SharedLimiter(temporal, LimiterState(updates_per_history=1))
    installation = scene.item.installation_id
    async with working(temporal):
        await limiter.forbid(installation, Forbidding(600))
        handle = temporal.get_workflow_handle(limiter_id(installation))
        async with asyncio.timeout(10):
            while not is_renewed(await handle.describe()):
                await asyncio.sleep(0.02)
    held_back = await refusal(hand(scene, temporal), scene)
    assert held_back.next_retry_delay
    assert held_back.next_retry_delay > timedelta(minutes=9)
    assert scene.github.calls == []


async def test_without_the_limiter_nothing_is_written(scene: Scene, temporal: Client) -> None:
    """Nobody keeps the limiter: reading goes on, writing fails and is tried again; no write goes out without a turn."""
    limiter = SharedLimiter(temporal, answer_seconds=0.3)
    lonely = GitHubActivities(InstallationClients(scene.clients.app, limiter), Known(("claude",)))
    await lonely.read_issue(scene.item)
    with pytest.raises(ApplicationError, match="does not answer") as failed:
        await ActivityEnvironment().run(lonely.write_note, Note(scene.item, "k", "Hello"))
    assert (failed.value.type, failed.value.non_retryable) == (Failure.TRANSIENT, False)
    assert scene.writes == []


async def test_a_shorter_refusal_takes_nothing_back(scene: Scene, temporal: Client) -> None:
    """Nobody keeps the limiter: of the times that this worker alone has heard of, the latest counts."""
    limiter, installation = SharedLimiter(temporal, answer_seconds=0.3), scene.item.installation_id
    for named in (600.0, 2.0, None):
        await limiter.forbid(installation, Forbidding(named))
    with pytest.raises(ApplicationError) as held_back:
        await limiter.heed(installation)
    assert held_back.value.next_retry_delay
    assert held_back.value.next_retry_delay > timedelta(seconds=590)


async def test_without_limits_only_what_creates_has_to_ask(scene: Scene, temporal: Client) -> None:
    """Nobody keeps the limiter: an edit goes out where GitHub has no limits, and not where it has some."""
    edit, create = (Write(1, Call(method, "issues/1/comments"), Urgency.NOW) for method in ("PATCH", "POST"))
    unlimited = SharedLimiter(temporal, LimiterState(SlotState(bounds=())), answer_seconds=0.3)
    await ActivityEnvironment().run(unlimited.reserve, scene.item.installation_id, edit)
    for limiter, write in ((unlimited, create), (SharedLimiter(temporal, answer_seconds=0.3), edit)):
        with pytest.raises(ApplicationError, match="does not answer"):
            await ActivityEnvironment().run(limiter.reserve, scene.item.installation_id, write)


async def test_a_refused_write_keeps_its_turn(scene: Scene, temporal: Client) -> None:
    """A token that has run out costs a new one and no second turn: the limiter has given one, and it was enough."""
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, Where("POST", "/comments$")))
    one_an_hour = LimiterState(SlotState(bounds=(Bound(1, 3600),)))
    activities = hand(scene, temporal, one_an_hour)
    async with working(temporal):
        await ActivityEnvironment().run(activities.write_note, Note(scene.item, "k", "Hello"))
        another = ActivityEnvironment()
        another.info = replace(another.info, activity_id="another")
        with pytest.raises(ApplicationError, match=r"has its turn in 3\d{3}\.\d s") as queued:
            await another.run(activities.write_note, Note(scene.item, "l", "Hello"))
    assert queued.value.type == Failure.RATE_LIMITED
    assert len(scene.github.comments(REPO, 1)) == 1


async def test_a_limiter_ends_when_it_knows_nothing(scene: Scene, temporal: Client) -> None:
    """An hour after the last write there is nothing to remember; the next write opens a new limiter."""
    skipping = TimeSkipper(temporal).client
    installation = scene.item.installation_id
    write = Write(1, Call("POST", "issues/1/comments"), Urgency.NOW)
    async with working(temporal):
        limiter = SharedLimiter(skipping)
        await ActivityEnvironment().run(limiter.reserve, installation, write)
        await skipping.get_workflow_handle_for(WriteLimiterWorkflow.run, limiter_id(installation)).result()
        await ActivityEnvironment().run(SharedLimiter(temporal).reserve, installation, write)


async def test_one_refusal_is_enough_for_all(scene: Scene, temporal: Client) -> None:
    """Refused without a time, all stay away together, not each after a refusal of its own."""
    hands = [hand(scene, temporal) for _ in range(2)]
    scene.github.faults.add(Fault(Kind.SECONDARY_LIMIT, Where(path="/issues/1$"), When(count=None)))
    async with working(temporal, *hands):
        waits = [await refusal(each, scene) for each in hands]
    assert reads(scene) == 1
    assert all(each.next_retry_delay and each.next_retry_delay > timedelta(seconds=50) for each in waits)


async def test_an_ending_takes_the_turn_of_an_edit_that_waits(scene: Scene, temporal: Client) -> None:
    """The limit holds an edit back; when the work ends meanwhile, the ending is written instead of it, in its turn."""
    one_in_eight_seconds = LimiterState(SlotState(bounds=(Bound(1, 8),)))
    installation = scene.item.installation_id
    async with working(temporal, hand(scene, temporal, one_in_eight_seconds)):
        told = await temporal.start_workflow(
            TellStatusWorkflow.run, scene.item, id=f"tell:{installation}", task_queue=MAIN_QUEUE
        )
        async with asyncio.timeout(30):
            while not scene.writes:
                await asyncio.sleep(0.1)
            await told.signal(TellStatusWorkflow.progress, PROGRESS)
            while not await is_held_back(told):
                await asyncio.sleep(0.1)
        await told.signal(TellStatusWorkflow.end, "ada closed the issue")
        await told.result()
    assert [write.partition(" ")[0] for write in scene.writes] == ["POST", "PATCH"]
    [comment] = scene.github.comments(REPO, 1)
    assert "ada closed the issue" in comment.body


@pytest.mark.parametrize("wrong", [-3600, 3600])
async def test_a_wrong_clock_changes_no_named_time(scene: Scene, temporal: Client, wrong: int) -> None:
    """A host whose clock is an hour off waits as long as all others: Temporal tells the time with every step."""
    async with working(temporal):
        await SharedLimiter(temporal).forbid(scene.item.installation_id, Forbidding(600))
    step = ActivityEnvironment()
    step.info = replace(step.info, started_time=datetime.now(UTC))
    limiter = SharedLimiter(temporal, clock=TemporalClock(lambda: time.time() + wrong))
    with pytest.raises(ApplicationError) as held_back:
        await step.run(limiter.heed, scene.item.installation_id)
    assert held_back.value.next_retry_delay
    assert 590 < held_back.value.next_retry_delay.total_seconds() < 602


async def test_the_app_itself_keeps_the_times_it_is_told(scene: Scene, temporal: Client) -> None:
    """What GitHub says to one call of the App holds back all of its own calls, on every host, and no installation's."""
    first, second = (InstallationClients(scene.clients.app, SharedLimiter(temporal)) for _ in range(2))
    scene.github.faults.add(Fault(Kind.SECONDARY_LIMIT, Where("GET", "/app$"), seconds=2))
    log = DeliveryActivities(DeliveryLog(second.as_app), frozenset())
    async with working(temporal):
        await hand(scene, temporal).read_issue(scene.item)
        for asking in (first.identity(), RepositoryActivities(second).list_installations(), sweep(log)):
            with pytest.raises(ApplicationError) as refused:
                await asking
            assert refused.value.type == Failure.RATE_LIMITED
        assert [call.path for call in scene.github.calls if call.actor == "app"][1:] == ["/app"]
        async with asyncio.timeout(30):
            while not await is_heard(second):
                await asyncio.sleep(0.1)
    assert violations(scene.github.calls) == []


async def sweep(log: DeliveryActivities) -> object:
    """Read the log of deliveries."""
    return await ActivityEnvironment().run(log.read_delivery_log, Swept())


async def is_heard(clients: InstallationClients) -> bool:
    """Whether the App may call."""
    try:
        await clients.identity()
    except ApplicationError:
        return False
    return True
