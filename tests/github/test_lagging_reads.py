"""What GitHub has made a moment ago and does not show yet is waited for; what stays away is gone."""

from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from github_scene import REPO, Scene
from inline_snapshot import snapshot
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.github.comment_activities import CommentActivities
from activities.github.errors import APPEARS_WITHIN
from activities.github.pull_request_activities import PullRequestActivities
from github_app.demo.github.faults import Fault, Kind, When, Where
from workflows.model import (
    Actor,
    CommentRef,
    Ending,
    Failure,
    LoopResult,
    Outcome,
    PullRequestDraft,
    ReviewerRequest,
)


def step(after: timedelta = timedelta()) -> ActivityEnvironment:
    """Make an attempt at a step that was asked for some time ago."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, started_time=environment.info.scheduled_time + after)
    return environment


def draft(scene: Scene) -> PullRequestDraft:
    """Describe the pull request of the branch `aidp/issue-1`."""
    result = LoopResult(Outcome(Ending.DONE, ""), 1, "aidp/issue-1", message="Done.")
    return PullRequestDraft(scene.item, "aidp/issue-1", "main", "Divide", result, Actor(1, "ada"))


async def refusal(asking: Coroutine[Any, Any, object]) -> ApplicationError:
    """Ask for what GitHub does not show."""
    with pytest.raises(ApplicationError) as refused:
        await asking
    return refused.value


def is_tried_again(error: ApplicationError) -> bool:
    """Whether the error is not final and says when to come again."""
    soon = error.next_retry_delay is not None and error.next_retry_delay <= timedelta(seconds=5)
    return error.type == Failure.TRANSIENT and not error.non_retryable and soon


async def test_a_new_pull_request_that_is_not_found_yet_is_waited_for(scene: Scene) -> None:
    """Asked for right after it was opened it answers 404: the step is tried again soon, and then works."""
    await scene.github.push(REPO, "aidp/issue-1", {"calc.py": "def div(a, b): ..."})
    scene.github.faults.add(Fault(Kind.NOT_FOUND_YET, Where("POST", "/pulls$"), times=2))
    opened = await step().run(scene.activities.open_pull_request, draft(scene))
    item, hand = replace(scene.item, number=opened.number), PullRequestActivities(scene.clients)
    request = ReviewerRequest(item, Actor(1, "ada"))
    assert is_tried_again(await refusal(step().run(hand.read_pull_request, item)))
    assert is_tried_again(await refusal(step().run(hand.request_reviewer, request)))
    assert (await step().run(hand.read_pull_request, item)).number == opened.number


async def test_a_branch_that_the_api_does_not_know_yet_is_waited_for(scene: Scene) -> None:
    """It may know none of that name, or an older one; once it knows what was pushed, the pull request is opened."""
    assert is_tried_again(await refusal(step().run(scene.activities.open_pull_request, draft(scene))))
    git = scene.github.world.git(scene.repository)
    await git.point("refs/heads/aidp/issue-1", (await git.refs())["refs/heads/main"])
    assert is_tried_again(await refusal(step().run(scene.activities.open_pull_request, draft(scene))))
    sha = await scene.github.push(REPO, "aidp/issue-1", {"calc.py": "def div(a, b): ..."})
    assert (await step().run(scene.activities.open_pull_request, draft(scene))).head_sha == sha


async def test_a_branch_that_stays_unknown_is_told(scene: Scene) -> None:
    """Half a minute after the push the refusal is final, and says what was tried and what GitHub has against it."""
    error = await refusal(step(APPEARS_WITHIN).run(scene.activities.open_pull_request, draft(scene)))
    assert (error.type, error.non_retryable) == (Failure.PERMANENT, True)
    assert error.message == snapshot(
        "GitHub opens no pull request from `aidp/issue-1` to `main`, although the branch was pushed: "
        "Validation Failed · head invalid"
    )


async def test_an_item_that_webhooks_tell_of_too_early_is_waited_for(scene: Scene) -> None:
    """A fresh issue and a fresh comment that answer 404 are no reason to give up, be it for reading or for writing."""
    missing, comments = replace(scene.item, number=99), CommentActivities(scene.clients)
    assert is_tried_again(await refusal(step().run(scene.activities.read_issue, missing)))
    assert is_tried_again(await refusal(step().run(scene.activities.add_eyes, missing)))
    assert is_tried_again(await refusal(step().run(comments.read_comment, CommentRef(scene.item, 99))))


async def test_what_does_not_appear_is_gone(scene: Scene) -> None:
    """Half a minute after the step was asked for, 404 means what it says."""
    missing = replace(scene.item, number=99)
    pulls = PullRequestActivities(scene.clients)
    for asking in (scene.activities.read_issue, scene.activities.add_eyes, pulls.read_pull_request):
        error = await refusal(step(APPEARS_WITHIN).run(asking, missing))
        assert (error.type, error.non_retryable) == (Failure.PERMANENT, True)


async def test_nothing_is_waited_for_in_a_repository_that_is_gone(scene: Scene) -> None:
    """The first 404 might be a lag; the next attempt gets no token any more, and that is the end."""
    await step().run(scene.activities.read_issue, scene.item)
    scene.github.installing.remove(scene.repository)
    assert is_tried_again(await refusal(step().run(scene.activities.read_issue, scene.item)))
    error = await refusal(step().run(scene.activities.read_issue, scene.item))
    assert (error.type, error.non_retryable) == (Failure.PERMANENT, True)


async def test_a_token_that_is_not_known_yet_is_waited_for(scene: Scene) -> None:
    """GitHub refuses a token that it has only just made: no reason to tell the operator that the key is wrong."""
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, Where("GET", "/issues/1$"), When(count=2)))
    assert is_tried_again(await refusal(step().run(scene.activities.read_issue, scene.item)))
    assert (await step().run(scene.activities.read_issue, scene.item)).open


async def test_a_signature_that_is_refused_once_is_made_again(scene: Scene) -> None:
    """The App's own credentials are tried for half a minute as well before its operator is called."""
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, Where("POST", "/access_tokens$")))
    assert is_tried_again(await refusal(step().run(scene.activities.read_issue, scene.item)))
    assert (await step().run(scene.activities.read_issue, scene.item)).open


async def test_tokens_that_are_always_refused_are_the_operators_matter(scene: Scene) -> None:
    """Half a minute later the credentials are what is wrong."""
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, Where("GET", "/issues/1$"), When(count=None)))
    error = await refusal(step(APPEARS_WITHIN).run(scene.activities.read_issue, scene.item))
    assert error.type == Failure.AUTH_EXPIRED
