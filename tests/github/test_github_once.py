"""What GitHub did although we heard nothing of it is not done again."""

import asyncio
from dataclasses import replace

import pytest
from github_scene import REPO, Scene
from limiter_scene import hand, working
from limiter_workflows import WriteEverythingWorkflow, WriteNotesWorkflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from github_app.demo.github.faults import Fault, Kind, When, Where
from workflows.model import (
    Actor,
    ChangeStat,
    Ending,
    LoopResult,
    Note,
    Outcome,
    Published,
    PullRequestDraft,
    StatusReport,
)
from workflows.ports import MAIN_QUEUE
from workflows.write_slots import LONGEST_WRITE, SETTLE

LOST = (
    (Kind.BAD_GATEWAY, "/comments$", 2),
    (Kind.TRUNCATED, "/labels$", 2),
    (Kind.SERVER_ERROR, "/reactions$", 1),
    (Kind.CONNECTION_RESET, "/pulls$", 1),
)
"""The first answers to what creates something, each lost in its own way."""


def draft(scene: Scene) -> PullRequestDraft:
    """Describe the pull request of the branch `aidp/issue-1`."""
    published = Published("", ChangeStat(1, 2, 0), ("calc.py",))
    result = LoopResult(Outcome(Ending.DONE, ""), 1, "aidp/issue-1", published=published, message="Done.")
    return PullRequestDraft(scene.item, "aidp/issue-1", "main", "Divide", result, Actor(1, "ada"))


async def test_a_lost_answer_doubles_nothing(scene: Scene, temporal: Client) -> None:
    """Every creation is carried out and its answer lost, once each: the retries find what is there."""
    await scene.github.push(REPO, "aidp/issue-1", {"calc.py": "def div(a, b): ..."})
    for kind, path, count in LOST:
        scene.github.faults.add(Fault(kind, Where("POST", path), When(count=count), after_commit=True))
    async with working(temporal, hand(scene, temporal)):
        await temporal.execute_workflow(
            WriteEverythingWorkflow.run,
            draft(scene),
            id=f"everything:{scene.item.installation_id}",
            task_queue=MAIN_QUEUE,
        )
    bodies = sorted(comment.body.rsplit("<!-- ", 1)[1] for comment in scene.github.comments(REPO, 1))
    assert bodies == ["aidp:note hello -->", "aidp:status v1 -->"]
    assert [reaction.content for reaction in scene.github.reactions(REPO, 1)] == ["eyes"]
    assert scene.github.labels(REPO, 1) == ("aidp-working",)
    assert len(scene.github.pull_requests(REPO)) == 1
    assert {injected.kind for injected in scene.github.faults.injected} == {kind for kind, *_ in LOST}


@pytest.mark.parametrize("slow", [0, 6], ids=["at once", "late"])
async def test_a_list_that_lags_behind_doubles_nothing(scene: Scene, temporal: Client, slow: float) -> None:
    """The answer is lost, soon or late, and the next look shows no comment: there is another look, later."""
    scene.github.faults.add(
        Fault(Kind.BAD_GATEWAY, Where("POST", "/comments$"), after_commit=True, seconds=slow),
        Fault(Kind.STALE_READ, Where("GET", "/issues/1/comments$"), When(nth=2)),
    )
    async with working(temporal, hand(scene, temporal)):
        await temporal.execute_workflow(
            WriteNotesWorkflow.run,
            args=[scene.item, ["hello"]],
            id=f"lagging:{scene.item.installation_id}",
            task_queue=MAIN_QUEUE,
        )
    assert len(scene.github.comments(REPO, 1)) == 1
    assert [injected.kind for injected in scene.github.faults.injected] == [Kind.BAD_GATEWAY, Kind.STALE_READ]


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [(Kind.BAD_GATEWAY, 0, SETTLE), (Kind.CONNECTION_RESET, SETTLE, LONGEST_WRITE + SETTLE)],
)
async def test_what_has_no_answer_may_still_be_carried_out(
    scene: Scene, temporal: Client, kind: Kind, least: float, most: float
) -> None:
    """An error of GitHub's is an answer, after which the list will soon be right; silence ends nothing at GitHub."""
    scene.github.faults.add(Fault(kind, Where("POST", "/comments$")))
    note, writing = Note(scene.item, "k", "Hello"), hand(scene, temporal)
    async with working(temporal):
        with pytest.raises(ApplicationError, match="GitHub"):
            await attempt(1).run(writing.write_note, note)
        with pytest.raises(ApplicationError, match="has its turn") as held_back:
            await attempt(2).run(writing.write_note, note)
    assert held_back.value.next_retry_delay
    assert least < held_back.value.next_retry_delay.total_seconds() <= most
    assert scene.writes == ["POST /issues/1/comments"]


def attempt(number: int) -> ActivityEnvironment:
    """Stand for one attempt at a step; it looked at GitHub long ago."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=number)
    return environment


async def test_a_status_that_is_not_found_yet_is_edited(scene: Scene) -> None:
    """The comment was written a moment ago and no read shows it: the edit goes to it all the same."""
    first = await scene.activities.write_status(StatusReport(scene.item))
    scene.github.faults.add(Fault(Kind.STALE_READ, Where("GET", "/comments"), When(count=None)))
    outcome = Outcome(Ending.CANCELLED, "ada closed the issue")
    assert await scene.activities.write_status(StatusReport(scene.item, comment_id=first, outcome=outcome)) == first
    [comment] = scene.github.comments(REPO, 1)
    assert "ada closed the issue" in comment.body


async def test_attempts_side_by_side_leave_one_pull_request(scene: Scene) -> None:
    """Two attempts that both see no pull request: GitHub refuses the second one, which then takes the first's."""
    await scene.github.push(REPO, "aidp/issue-1", {"calc.py": "def div(a, b): ..."})
    opened = await asyncio.gather(*(scene.activities.open_pull_request(draft(scene)) for _ in range(2)))
    assert opened[0] == opened[1] == replace(opened[0], number=scene.github.pull_requests(REPO)[0].number)
